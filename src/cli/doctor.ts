import { parseArgs } from 'node:util';
import { createHttpClient } from '../adapters/http-client/http-client.ts';
import type { Environment } from '../config/relying-party.ts';
import type { SpConfig } from '../config/sp.ts';
import { asJitsuinError } from '../core/errors.ts';
import { type Command, type ExitStatus, UsageError } from './command.ts';
import { examine, type Finding, type FindingState, failed, passed } from './doctor/finding.ts';
import { examineClientKey } from './doctor/keys.ts';
import { examineRuntime, examineTrustStore } from './doctor/machine.ts';
import { examineRelyingParty } from './doctor/relying-party.ts';

type RoleName = 'sp' | 'gov' | 'pf';

export const doctor: Command = {
  name: 'doctor',
  summary: 'examine configuration, keys, clocks, reachability, store and trust of a role; says what to do',
  usage: `Usage: jitsuin doctor --role sp|gov|pf [--env-file FILE] [--token] [--json]

Looks, and changes nothing: configuration, environment and key files with their modes, the trust store (Security Communication
RootCA2 and its end), the service's discovery document with the exact issuer, its clock against this one, its keys, the
store with its schema and seal keys, the queue, and for verifiers the trust anchors and revocation sources.

  --role ROLE   sp, gov or pf
  --token       also ask the service for one client token: proves that the client key is registered
  --json        print one JSON object: role, findings [{check, state, says, advice, code}]

Exit status: 0 nothing failed (warnings may stand), 1 something failed, 3 something could not be looked at.
`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        role: { type: 'string' },
        token: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const role = roleOption(values.role);
    const findings = [
      ...examineRuntime(io.env, process.version),
      ...(role === 'pf' ? [] : [examineTrustStore(io.env, Date.now())]),
      ...(await examineRole(role, io.env, values.token)),
    ];
    io.stdout(values.json ? `${JSON.stringify({ role, findings })}\n` : findings.map(textOf).join(''));
    return statusOf(findings);
  },
};

function roleOption(text: string | undefined): RoleName {
  if (text === 'sp' || text === 'gov' || text === 'pf') return text;
  throw new UsageError(`--role must be one of sp, gov, pf${text === undefined ? '' : `, not "${text}"`}.`);
}

/** A configuration that cannot be read ends the examination: nothing else is known. */
async function examineRole(role: RoleName, env: Environment, token: boolean): Promise<readonly Finding[]> {
  try {
    return await ROLES[role](env, token);
  } catch (thrown) {
    const { code, message } = asJitsuinError(thrown);
    const advice = 'Set it in the environment or in the --env-file; README.md lists every variable.';
    return [failed('configuration', message, advice, code)];
  }
}

/** Each role is loaded only when asked for: an sp never loads the verifier. */
const ROLES: Readonly<Record<RoleName, (env: Environment, token: boolean) => Promise<readonly Finding[]>>> = {
  sp: async (env, token) => {
    const { readSpConfig } = await import('../config/sp.ts');
    const config = readSpConfig(env);
    return [...(await examineRelyingParty('sp', config, token)), ...(await examineHandOff(config))];
  },
  gov: async (env, token) => {
    const [{ readGovConfig }, { examineVerifier }] = await Promise.all([
      import('../config/gov.ts'),
      import('./doctor/verifier.ts'),
    ]);
    const config = readGovConfig(env);
    return [...(await examineRelyingParty('gov', config, token)), ...(await examineVerifier(config))];
  },
  pf: async (env) => {
    const [{ readPfConfig }, { examinePf }] = await Promise.all([
      import('../config/pf.ts'),
      import('./doctor/platform-operator.ts'),
    ]);
    return examinePf(readPfConfig(env));
  },
};

/** What an sp needs to hand over: its key at the platform operator, no key of the operator's, and the way there. */
async function examineHandOff(config: SpConfig): Promise<readonly Finding[]> {
  const { refusePfKeys } = await import('../roles/sp/key-placement.ts');
  const { existsSync } = await import('node:fs');
  const placement = await examine(
    'key-placement',
    async () => {
      if (existsSync(config.dataDir)) await refusePfKeys(config.dataDir);
      return passed('key-placement', 'No key of a platform operator lies in the data folder.');
    },
    () => 'Remove that file from this machine; an sp may not be able to open a result.',
  );
  return [
    await examineClientKey('pf-client-key', config.pfClientKeyFile),
    placement,
    await examineOperator(config),
  ];
}

function examineOperator({ pfUrl, loopbackHttp }: SpConfig): Promise<Finding> {
  const check = 'pf-reachable';
  return examine(
    check,
    async () => {
      const http = createHttpClient({ allowedHosts: [new URL(pfUrl).host], loopbackHttp });
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

const SIGNS: Readonly<Record<FindingState, string>> = {
  passed: 'ok       ',
  warning: 'warning  ',
  failed: 'FAILED   ',
  undecided: 'undecided',
  skipped: 'skipped  ',
};

function textOf({ check, state, says, advice, code }: Finding): string {
  const head = `${SIGNS[state]}  ${check.padEnd(18)}  ${says}${code === undefined ? '' : ` [${code}]`}\n`;
  return advice === undefined ? head : `${head}${' '.repeat(11)}${' '.repeat(20)}→ ${advice}\n`;
}

function statusOf(findings: readonly Finding[]): ExitStatus {
  if (findings.some(({ state }) => state === 'failed')) return 1;
  return findings.some(({ state }) => state === 'undecided') ? 3 : 0;
}
