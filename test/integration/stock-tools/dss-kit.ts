import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notRunUnless } from '../../support/not-run.ts';

const root = join(import.meta.dirname, '../../..');
const jars = join(root, '.ci/dss');

/** What DSS is asked. Everything DER but the document. */
export interface DssQuestion {
  readonly document: Uint8Array;
  /** `default`: DSS's own policy. `no-signed-properties`: the same without its demand of signed ones. */
  readonly policy: 'default' | 'no-signed-properties';
  readonly at: number;
  readonly trust: readonly Uint8Array[];
  readonly crl?: readonly Uint8Array[];
  readonly ocsp?: readonly Uint8Array[];
}

/** What it says, as `test/support/java/DssAnswer.java` prints it: for each name every value, in DSS's order. */
export type DssAnswer = Readonly<Record<string, readonly string[]>>;

/** EU DSS, compiled and ready; undefined, and loudly so, where it is not on this machine. */
export function openDss() {
  if (!existsSync(join(jars, 'dss-xades-6.4.jar')) || spawnSync('javac', ['-version']).status !== 0) {
    notRunUnless(
      'JITSUIN_REQUIRE_DSS',
      'signed documents and XAdES exports in EU DSS',
      'node scripts/get-dss.mjs; a JDK, Maven',
    );
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-dss-'));
  const source = join(root, 'test/support/java/DssAnswer.java');
  const compiled = spawnSync('javac', ['-cp', `${jars}/*`, '-d', folder, source], { encoding: 'utf8' });
  if (compiled.status !== 0) throw new Error(compiled.stderr);
  let files = 0;
  const put = (octets: Uint8Array) => {
    files += 1;
    const path = join(folder, `file-${files}`);
    writeFileSync(path, octets);
    return path;
  };
  const line = ({ document, policy, at, trust, crl = [], ocsp = [] }: DssQuestion) =>
    [
      put(document),
      new Date(at).toISOString(),
      policy,
      ...trust.map((der) => `trust=${put(der)}`),
      ...crl.map((der) => `crl=${put(der)}`),
      ...ocsp.map((der) => `ocsp=${put(der)}`),
    ].join(' ');
  return {
    /** All questions in one run of Java, the answers in their order. */
    ask: (questions: readonly DssQuestion[]): readonly DssAnswer[] => {
      const run = spawnSync('java', ['-XX:TieredStopAtLevel=1', '-cp', `${jars}/*:${folder}`, 'DssAnswer'], {
        input: `${questions.map(line).join('\n')}\n`,
        encoding: 'utf8',
        timeout: 240_000,
      });
      const answers = run.stdout.split('end\n').slice(0, -1);
      if (run.status !== 0 || answers.length !== questions.length) throw new Error(run.stderr.slice(-4000));
      return answers.map(readAnswer);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function readAnswer(text: string): DssAnswer {
  const answer: Record<string, string[]> = {};
  for (const fact of text.trim().split('\n')) {
    const at = fact.indexOf('=');
    const name = fact.slice(0, at);
    answer[name] = [...(answer[name] ?? []), fact.slice(at + 1)];
  }
  return answer;
}
