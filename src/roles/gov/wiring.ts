import { createGovernmentAuthAndSign } from '../../adapters/auth-and-sign/government-client.ts';
import { createHttpClient } from '../../adapters/http-client/http-client.ts';
import {
  openRelyingParty,
  type RelyingPartyOverrides,
} from '../../adapters/relying-party/open-relying-party.ts';
import { openRevocationSource } from '../../adapters/revocation/open-revocation-source.ts';
import type { GovConfig } from '../../config/gov.ts';
import { defined } from '../../core/defined.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Certificate } from '../../verifier/x509/certificate-types.ts';
import { type RelyingPartyWiring, relyingPartyPorts } from '../relying-party/wiring.ts';
import {
  openUploadJudge,
  readCertificates,
  readPolicy,
  type UploadJudge,
} from '../signature-verifier/wiring.ts';

/**
 * The adapters and ports that the API and the worker of an agency share; its results are in clear.
 * @throws JitsuinError `config.*`, `store.*`, `queue.unavailable`, `key.*`
 */
export async function wireGov(
  config: GovConfig,
  name: string,
  overrides: RelyingPartyOverrides = {},
): Promise<RelyingPartyWiring> {
  const adapters = await openRelyingParty(config, { role: 'gov', name }, overrides);
  const authAndSign = createGovernmentAuthAndSign(adapters.serviceOptions);
  return { adapters, rp: relyingPartyPorts(config, adapters, { authAndSign, names: 'compared' }) };
}

/** What judges a stranger's document by the agency's anchors and CRLs. @throws JitsuinError as `readTrustAnchors` */
export async function openAgencyJudge(config: GovConfig, clock: Clock): Promise<UploadJudge> {
  const trustAnchors = await readTrustAnchors(config);
  const revocation = openRevocationSource({ ...config, clock, createHttpClient, proxy: config });
  const policy = await readPolicy(config);
  const { judge, close } = openUploadJudge(
    defined({ policy, trustAnchors, crl: revocation.source.crl, clock }),
  );
  return {
    judge,
    close: async () => {
      revocation.close();
      await close();
    },
  };
}

/** The agency's trust anchors. @throws JitsuinError `config.invalid`, `certificate.syntax` */
export function readTrustAnchors({ trustFile }: GovConfig): Promise<readonly Certificate[]> {
  return readCertificates(trustFile, 'JITSUIN_TRUST_FILE');
}
