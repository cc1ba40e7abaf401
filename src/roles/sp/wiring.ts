import { createAuthAndSign } from '../../adapters/auth-and-sign/private-client.ts';
import { openForms } from '../../adapters/files/form-files.ts';
import {
  openRelyingParty,
  type RelyingPartyOverrides,
} from '../../adapters/relying-party/open-relying-party.ts';
import type { SpConfig } from '../../config/sp.ts';
import { type RelyingPartyWiring, relyingPartyPorts } from '../relying-party/wiring.ts';
import { keyPaths, refusePfKeys } from './key-placement.ts';

/**
 * The adapters and ports that the API and the worker of an sp share. The client of the service is the private one: a
 * result in clear is refused before it reaches a use-case.
 * @throws JitsuinError `config.*`, `store.*`, `queue.unavailable`, `key.*`
 */
export async function wireSp(
  config: SpConfig,
  name: string,
  overrides: RelyingPartyOverrides = {},
): Promise<RelyingPartyWiring> {
  const forms = await openForms(config.formsDir);
  const adapters = await openRelyingParty(config, { role: 'sp', name }, overrides);
  try {
    await refusePfKeys(keyPaths(config));
  } catch (thrown) {
    await adapters.close();
    throw thrown;
  }
  const authAndSign = createAuthAndSign(adapters.serviceOptions);
  return { adapters, rp: relyingPartyPorts(config, adapters, { authAndSign, names: 'unseen', forms }) };
}
