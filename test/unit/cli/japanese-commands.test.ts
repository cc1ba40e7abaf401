import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CommandIo } from '../../../src/cli/command.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { GOV_PROGRAM } from '../../../src/cli/gov-program.ts';
import { JAPANESE_COMMANDS } from '../../../src/cli/japanese/commands.ts';
import { languageOf } from '../../../src/cli/language.ts';
import { main } from '../../../src/cli/main.ts';
import { PF_PROGRAM } from '../../../src/cli/pf-program.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { SP_PROGRAM } from '../../../src/cli/sp-program.ts';
import { ERROR_ADVICE } from '../../../src/core/error-advice.ts';
import { ERROR_ADVICE_JA } from '../../../src/core/error-advice-ja.ts';
import { ERROR_CODES, type ErrorCode } from '../../../src/core/errors.ts';

const PAGE = readFileSync(new URL('../../../samples/guides/commands.ja.md', import.meta.url), 'utf8');

async function run(args: readonly string[], env: Readonly<Record<string, string>>, program = main) {
  const out: string[] = [];
  const err: string[] = [];
  const io: CommandIo = {
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    isTty: false,
    env,
    signal: AbortSignal.abort(),
  };
  const status = await program(args, io);
  return { status, out: out.join(''), err: err.join('') };
}

const JAPANESE = { LANG: 'ja_JP.UTF-8' };
const kana = /[\u3041-\u30ff]/;
/** Names that both languages must have: settings, options, codes, files, numbers with three digits and more. */
const namesIn = (text: string) =>
  new Set(
    text.match(
      /JITSUIN_[A-Z0-9_]+|--[a-z][a-z-]+|\b[A-Z]{2,}-[A-Z]{2,}\b|\b[a-z-]+\.(?:json|sql|acl|ts)\b|\b\d{3,}\b/g,
    ),
  );

describe('every command speaks Japanese', () => {
  it('there is no word for a command or an option that is not there', async () => {
    const names = new Set(COMMANDS.map(({ name }) => name));
    expect(Object.keys(JAPANESE_COMMANDS).filter((name) => !names.has(name))).toEqual([]);
    for (const { name, load } of COMMANDS) {
      const { options } = (await load()).declared;
      const said = Object.keys(JAPANESE_COMMANDS[name]?.options ?? {});
      expect([name, said.filter((option) => !Object.hasOwn(options, option))]).toEqual([name, []]);
    }
  });

  it.each(COMMANDS)(
    '$name: sentences, each option, and the same names as in English',
    async ({ name, summary, load }) => {
      const { declared } = await load();
      const said = JAPANESE_COMMANDS[name];
      expect(said).toBeDefined();
      if (said === undefined) return;
      expect(said.summary).toMatch(kana);
      expect(said.about).toMatch(kana);
      expect(said.more === undefined).toBe(declared.more === undefined);
      const pairs = [
        [summary, said.summary],
        [declared.about, said.about],
        [declared.more ?? '', said.more ?? ''],
        ...Object.entries(declared.options).map(
          ([option, { means }]) => [means, said.options[option] ?? ''] as const,
        ),
      ] as const;
      for (const [english, japanese] of pairs) {
        if (english !== '') expect(japanese, english).not.toBe('');
        expect([english, [...namesIn(english)].filter((one) => !japanese.includes(one))]).toEqual([
          english,
          [],
        ]);
      }
    },
  );

  it.each(COMMANDS)(
    '$name --help is Japanese where the locale is, within 120 columns',
    async ({ name, load }) => {
      const { options } = (await load()).declared;
      const { status, out } = await run([...name.split(' '), '--help'], JAPANESE);
      expect(status).toBe(0);
      expect(out).toContain(`使い方: jitsuin ${name}`);
      expect(out).not.toContain('Usage:');
      for (const option of Object.keys(options))
        expect(out).toMatch(new RegExp(`^ {2}--${option}(?: |$)`, 'm'));
      const [usage = ''] = out.split('\n設定:\n');
      const columns = (line: string) =>
        [...line].reduce((sum, one) => sum + (/[\u2e80-\uffe6]/.test(one) ? 2 : 1), 0);
      expect(usage.split('\n').filter((line) => columns(line) > 120)).toEqual([]);
      expect(usage.split('\n').filter((line) => /^\s*[、。）」]/.test(line))).toEqual([]);
      expect(PAGE).toContain(`\n## ${name}\n`);
    },
  );

  it.each([SP_PROGRAM, GOV_PROGRAM, PF_PROGRAM])(
    '$name: its overview has a Japanese line for each',
    async (program) => {
      const { out } = await run(['--help'], JAPANESE, (args, io) => runProgram(program, args, io));
      for (const { name } of program.commands)
        expect(out).toMatch(new RegExp(`^ {2}${name} +.*[\\u3041-\\u9fff]`, 'm'));
      const { out: help } = await run(['serve', '--help'], JAPANESE, (args, io) =>
        runProgram(program, args, io),
      );
      expect(help).toContain(`使い方: ${program.name} serve`);
      expect(help).toContain('待ち受けるポート');
    },
  );
});

describe('the language is that of the locale, as POSIX says', () => {
  it.each([
    [{}, 'en'],
    [{ LANG: 'ja_JP.UTF-8' }, 'ja'],
    [{ LANG: 'ja' }, 'ja'],
    [{ LANG: 'C.UTF-8' }, 'en'],
    [{ LANG: 'ja_JP.UTF-8', LC_ALL: 'C' }, 'en'],
    [{ LANG: 'ja_JP.UTF-8', LC_ALL: '' }, 'ja'],
    [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'ja_JP.eucJP' }, 'ja'],
    [{ LANG: 'jam' }, 'en'],
  ] as const)('%j: %s', (env, language) => {
    expect(languageOf(env)).toBe(language);
  });

  it('a failure says what is wrong and what to do in Japanese, under the same code', async () => {
    const failing = ['c14n', new URL('../../../package.json', import.meta.url).pathname];
    const english = await run(failing, {});
    const japanese = await run(failing, JAPANESE);
    const [, code = ''] = /: ([a-z-]+\.[a-z-]+): /.exec(english.err) ?? [];
    expect(japanese.status).toBe(english.status);
    expect(japanese.err).toContain(code);
    expect(english.err).toContain(ERROR_ADVICE[code as ErrorCode][1]);
    expect(japanese.err).toContain(ERROR_ADVICE_JA[code as ErrorCode].join(''));
  });
});

describe('every code has its Japanese', () => {
  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('%s', (code) => {
    const names = (text: string) => [...text.matchAll(/JITSUIN_[A-Z_]+|`[^`]+`/g)].map(([name]) => name);
    const [wrong, action] = ERROR_ADVICE_JA[code];
    const english = ERROR_ADVICE[code];
    expect(wrong).toMatch(kana);
    expect(wrong.endsWith('。') && action.endsWith('。')).toBe(true);
    for (const name of names(english.join(' '))) expect(`${wrong}${action}`).toContain(name);
  });
});
