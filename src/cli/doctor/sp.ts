import { createHttpClient } from '../../adapters/http-client/http-client.ts';
import { readSpConfig, type SpConfig } from '../../config/sp.ts';
import { keyPaths, refusePfKeys } from '../../roles/sp/key-placement.ts';
import type { Examination } from './command.ts';
import { examine, type Finding, passed } from './finding.ts';
import { examineClientKey } from './keys.ts';
import { examineRelyingParty } from './relying-party.ts';

export const examineSp: Examination = async (env, token, options) => {
  const config = readSpConfig(env, options);
  return [...(await examineRelyingParty('sp', config, token)), ...(await examineVerificationClient(config))];
};

/** What an sp needs to hand over: its key at the platform operator, no key of the operator's, and the way there. */
async function examineVerificationClient(config: SpConfig): Promise<readonly Finding[]> {
  const placement = await examine(
    'key-placement',
    async () => {
      await refusePfKeys(keyPaths(config));
      return passed('key-placement', 'No private key but its own that sign lies among its data and keys.');
    },
    () => 'Remove that file from this machine; an sp may not be able to open a result.',
  );
  return [
    await examineClientKey('pf-client-key', config.pfClientKeyFile),
    placement,
    await examineOperator(config),
  ];
}

function examineOperator(config: SpConfig): Promise<Finding> {
  const { pfUrl, loopbackHttp } = config;
  const check = 'pf-reachable';
  return examine(
    check,
    async () => {
      const http = createHttpClient({ allowedHosts: [new URL(pfUrl).host], loopbackHttp, proxy: config });
      try {
        const { status } = await http.send({ method: 'GET', url: `${pfUrl}/readyz` });
        if (status === 200) return passed(check, `${pfUrl} is ready.`);
        return {
          check,
          state: 'undecided',
          says: `${pfUrl}/readyz answered ${status}.`,
          advice: 'Ask the platform operator.',
        };
      } finally {
        http.close();
      }
    },
    () => 'Look at JITSUIN_PF_URL, DNS and firewall, or ask the platform operator.',
  );
}
