import { useLoopbackAddresses } from '../../adapters/http-client/loopback-addresses.ts';
import type { Environment } from '../../config/names.ts';
import type { ReadingOptions } from '../../config/read.ts';
import { type SettingInForce, settingsInForce } from '../../config/settings-help.ts';
import { ALL_ROLES } from '../../config/variable.ts';
import { ERROR_ADVICE_JA } from '../../core/error-advice-ja.ts';
import { asJitsuinError, isErrorCode } from '../../core/errors.ts';
import { type Command, type CommandIo, type ExitStatus, partOf } from '../command.ts';
import { declareCommand } from '../declare-command.ts';
import { type Language, languageOf } from '../language.ts';
import { type Finding, type FindingState, failed, passed } from './finding.ts';
import { examineRuntime, examineTrustStore } from './machine.ts';

export type Examination = (
  env: Environment,
  token: boolean,
  options: ReadingOptions,
) => Promise<readonly Finding[]>;

/** `doctor` for the roles of a program. */
export function doctorCommand(examinations: Readonly<Record<string, Examination>>): Command {
  return declareCommand({
    name: 'doctor',
    about: `Looks, and changes nothing: configuration, environment and key files with their modes, the trust store
(Security Communication RootCA2 and its end), ports, the service's discovery document with the exact issuer, its
clock against this one, its keys, its authorization endpoint with our client and redirect URI, the store (a row is
written and taken back) with its schema and seal keys, the queue (a job goes in and comes out), a worker's heartbeat,
our own public URL, and for verifiers trust anchors, CRL and OCSP of each of them, a token of the TSA, all of them
judged, and a trial agreement with each decryption key.`,
    options: {
      role: { type: 'string', oneOf: Object.keys(examinations), needed: true, whose: true, means: 'whose' },
      settings: {
        type: 'boolean',
        means: 'also every setting that was given, its value unless it is a secret, and where it stands',
      },
      token: {
        type: 'boolean',
        means: 'also ask the service for one client token: proves that the client key is registered',
      },
      json: {
        type: 'boolean',
        means:
          'print one JSON object: role, settings [{name, value, from}], findings [{check, state, says, advice, code}]',
      },
    },
    more: 'Exit status: 0 nothing failed (warnings may stand), 1 something failed, 3 something could not be looked at.',
    async run(values, _operands, io) {
      const { role } = values;
      const examineRole = partOf(examinations, role);
      const known = ALL_ROLES.find((one) => one === role);
      const settings = known === undefined ? [] : settingsInForce(known, io.env, io.origins);
      const findings = [
        settingsFinding(settings),
        ...examineRuntime(io.env, process.version),
        ...(role === 'pf' ? [] : [examineTrustStore(io.env, Date.now())]),
        ...(await examined(examineRole, io, values.token)),
      ];
      const lines = values.settings ? settings.map(settingLine) : [];
      if (values.json) io.stdout(`${JSON.stringify({ role, settings, findings })}\n`);
      else io.stdout([...lines, ...(await textsOf(findings, languageOf(io.env)))].join(''));
      return statusOf(findings);
    },
  });
}

/** A configuration that cannot be read ends the examination: nothing else is known. */
async function examined(
  examineRole: Examination,
  io: CommandIo,
  token: boolean,
): Promise<readonly Finding[]> {
  try {
    useLoopbackAddresses(io.env);
    return await examineRole(io.env, token, io);
  } catch (thrown) {
    const { code, message } = asJitsuinError(thrown);
    const advice = 'Set it in the environment or in the --env-file; README.md lists every variable.';
    return [failed('configuration', message, advice, code)];
  }
}

function settingsFinding(settings: readonly SettingInForce[]): Finding {
  const inFile = settings.filter(({ from }) => from !== 'environment').length;
  const says =
    `${settings.length} given, ${inFile} of them in the file and ${settings.length - inFile} in ` +
    'the environment; the others have their defaults.';
  return passed('settings', says);
}

function settingLine({ name, value, from }: SettingInForce): string {
  return `setting    ${name}=${value ?? '(secret)'}  [${from}]\n`;
}

const SIGNS: Readonly<Record<FindingState, string>> = {
  passed: 'ok       ',
  warning: 'warning  ',
  failed: 'FAILED   ',
  undecided: 'undecided',
  skipped: 'skipped  ',
};

/** In Japanese each finding says first what was looked at, and what its code asks for; then what was seen. */
async function textsOf(findings: readonly Finding[], language: Language): Promise<readonly string[]> {
  if (language === 'en') return findings.map(textOf);
  const { looksAt, STATES_JA } = await import('../japanese/doctor.ts');
  return findings.map((finding) => {
    const { check, state, says, advice, code } = finding;
    const named = code === undefined ? '' : ` [${code}]`;
    const sign = `${STATES_JA[state]}${'　'.repeat(3 - STATES_JA[state].length)}`;
    const head = `${sign}  ${check}：${looksAt(finding) ?? ''}${named}\n`;
    const action = code !== undefined && isErrorCode(code) ? [ERROR_ADVICE_JA[code].join('')] : [];
    return (
      head +
      [says, ...action, ...(advice === undefined ? [] : [`→ ${advice}`])]
        .map((line) => `          ${line}\n`)
        .join('')
    );
  });
}

function textOf({ check, state, says, advice, code }: Finding): string {
  const head = `${SIGNS[state]}  ${check.padEnd(18)}  ${says}${code === undefined ? '' : ` [${code}]`}\n`;
  return advice === undefined ? head : `${head}${' '.repeat(11)}${' '.repeat(20)}→ ${advice}\n`;
}

function statusOf(findings: readonly Finding[]): ExitStatus {
  if (findings.some(({ state }) => state === 'failed')) return 1;
  return findings.some(({ state }) => state === 'undecided') ? 3 : 0;
}
