import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseEnv } from 'node:util';
import type { ApplicationView } from '../../contracts/public-api.ts';
import { defined } from '../../core/defined.ts';
import type { CommandIo, ExitStatus } from '../command.ts';
import { evidenceVerify } from '../evidence/verify.ts';
import { evidenceExport } from '../evidence.ts';
import { writePrivate } from '../private-file.ts';
import type { RunningWorld } from './running-world.ts';
import type { Show } from './show.ts';

/** What is left of one walk. */
export interface Kept {
  readonly name: string;
  readonly verdict: string;
  readonly status: ExitStatus;
  /** What → where. */
  readonly files: Readonly<Record<string, string>>;
}

interface KeepOptions {
  readonly file: string;
  readonly profile: string;
  readonly out: string;
  readonly role: 'sp' | 'gov';
}

const STATUS: Readonly<Record<string, ExitStatus>> = {
  'TOTAL-PASSED': 0,
  'TOTAL-FAILED': 1,
  INDETERMINATE: 3,
};

/**
 * Takes out of each party's hands what that party may hold: the sp its receipt, the verifier (pf or gov) the signed
 * document, the report and the evidence; then decides the evidence again, offline.
 */
export async function keep(
  ended: ApplicationView,
  options: KeepOptions,
  world: RunningWorld,
  show: Show,
): Promise<Kept> {
  const name = `${basename(options.file).replace(/\.[^.]+$/, '')}.${options.profile}`;
  const folder = join(options.out, name);
  mkdirSync(folder, { recursive: true });
  const application = join(folder, 'application.json');
  await writePrivate(application, `${JSON.stringify(ended, undefined, 2)}\n`);
  if (ended.verdict === undefined) {
    return {
      name,
      verdict: `no verdict: ${ended.state} ${ended.failure?.code ?? ''}`,
      status: 1,
      files: { application },
    };
  }
  const files: Record<string, string> = { application };
  if (options.role === 'sp') files['receipt (sp)'] = await keepReceipt(ended.id, folder, world);
  Object.assign(files, await keepEvidence(ended.verdict.reference, folder, options, world));
  const same = await decideAgain(files['evidence'] ?? '', world, show);
  const { indication } = ended.verdict;
  const status = same ? (STATUS[indication] ?? 3) : 1;
  return {
    name,
    verdict: `${indication}, decided again offline: ${same ? 'the same' : 'NOT the same'}`,
    status,
    files,
  };
}

async function keepReceipt(id: string, folder: string, world: RunningWorld): Promise<string> {
  const response = await fetch(`${world.rpUrl}/v1/applications/${id}/receipt`, {
    headers: { authorization: `Bearer ${world.apiKey}` },
  });
  const file = join(folder, 'receipt.json');
  await writePrivate(file, `${JSON.stringify(await response.json(), undefined, 2)}\n`);
  return file;
}

async function keepEvidence(
  reference: string,
  folder: string,
  options: KeepOptions,
  { world }: RunningWorld,
): Promise<Record<string, string>> {
  const role = options.role === 'sp' ? 'pf' : 'gov';
  const xml = options.profile !== 'detached';
  const files = defined({
    'signed XML': xml ? join(folder, 'signed.xml') : undefined,
    report: join(folder, 'report.json'),
    evidence: join(folder, 'evidence.json'),
  });
  const written = ['--out', files.evidence, '--report', files.report];
  // The worker covers new evidence by a time-stamp within a second or two.
  const args = [reference, '--role', role, ...written, '--wait', '15'];
  const quiet = silentIo(world.envFiles[role]);
  await evidenceExport.run(xml ? [...args, '--document', join(folder, 'signed.xml')] : args, quiet);
  return files;
}

async function decideAgain(evidence: string, { world }: RunningWorld, show: Show): Promise<boolean> {
  const said: string[] = [];
  const io = { ...silentIo(), stdout: (text: string) => void said.push(text) };
  const trust = ['--trust', world.trustFile, '--tsa-trust', world.tsaTrustFile];
  const status = await evidenceVerify.run([evidence, ...trust, '--json'], io);
  const { same_decision, time } = JSON.parse(said.join('')) as {
    readonly same_decision?: boolean;
    readonly time?: { readonly proven_at?: string };
  };
  show.step({
    number: 'again',
    ja: '証跡の再検証',
    en: 'the evidence is decided again, offline',
    wire: [
      `jitsuin evidence verify ${evidence} ${trust.join(' ')} → exit ${status}`,
      time?.proven_at === undefined ? '' : `time-stamped: there at ${time.proven_at} at the latest`,
    ],
  });
  return same_decision === true;
}

function silentIo(envFile?: string): CommandIo {
  return {
    stdout: () => {},
    stderr: () => {},
    isTty: false,
    env: envFile === undefined ? {} : parseEnv(readFileSync(envFile, 'utf8')),
    signal: new AbortController().signal,
  };
}
