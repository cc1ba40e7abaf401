import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandIo } from '../../../src/cli/command.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { looksAt, STATES_JA } from '../../../src/cli/japanese/doctor.ts';
import { main } from '../../../src/cli/main.ts';
import { ERROR_ADVICE_JA } from '../../../src/core/error-advice-ja.ts';
import type { ErrorCode } from '../../../src/core/errors.ts';

const DOCTOR = new URL('../../../src/cli/doctor/', import.meta.url);
const dir = mkdtempSync(join(tmpdir(), 'jitsuin-doctor-ja-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const out: string[] = [];
  const io: CommandIo = {
    stdout: (text) => void out.push(text),
    stderr: () => undefined,
    isTty: false,
    env,
    signal: new AbortController().signal,
  };
  await main(args, io);
  return out.join('');
}

beforeAll(async () => {
  await run(['init', '--dir', join(dir, 'world')]);
});

/** The names that the source gives to its checks, with a word in the place of what is filled in. */
function namesInTheSource(): readonly string[] {
  const texts = readdirSync(DOCTOR).map((file) => readFileSync(new URL(file, DOCTOR), 'utf8'));
  const written = /(?:\b(?:passed|failed|examine)\(\s*|\bcheck(?:: | = )|\bCHECK = )(['`])([^'`]+)\1/g;
  const names = texts.flatMap((text) => [...text.matchAll(written)].map(([, , name = '']) => name));
  return [...new Set(names.map((name) => name.replaceAll(/\$\{(?:name|prefix)\}/g, 'service')))];
}

describe('doctor in Japanese', () => {
  it('every check that the source names says what it looks at', () => {
    const names = namesInTheSource().map((name) => name.replaceAll(/\$\{[^}]+\}/g, '1'));
    expect(names.length).toBeGreaterThan(25);
    expect(names.filter((check) => looksAt({ check }) === undefined)).toEqual([]);
  });

  it.each(['sp', 'gov', 'pf'])(
    '%s: every finding has its Japanese; JSON stays as it is',
    async (role) => {
      const args = ['doctor', '--role', role, '--env-file', join(dir, 'world', `${role}.env`)];
      const { findings } = JSON.parse(await run([...args, '--json'], { LANG: 'ja_JP.UTF-8' })) as {
        findings: readonly Finding[];
      };
      const japanese = await run(args, { LANG: 'ja_JP.UTF-8' });
      for (const finding of findings) {
        const { check, state, says, code } = finding;
        expect([check, looksAt(finding)]).toEqual([check, expect.stringMatching(/[\u3041-\u9fff]/)]);
        const head = japanese.split('\n').find((line) => line.includes(`  ${check}：`)) ?? '';
        expect(head).toContain(STATES_JA[state]);
        expect(head).toContain(looksAt(finding));
        // what was seen now may differ from what was seen a moment ago by a number alone
        expect(japanese.replaceAll(/\d+/g, '')).toContain(says.replaceAll(/\d+/g, ''));
        if (code !== undefined) expect(japanese).toContain(ERROR_ADVICE_JA[code as ErrorCode].join(''));
      }
      expect(await run(args)).not.toMatch(/合格/);
    },
    60_000,
  );
});
