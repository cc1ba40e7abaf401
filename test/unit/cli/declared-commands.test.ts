import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CommandEntry, CommandIo, OptionDeclaration } from '../../../src/cli/command.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { GOV_PROGRAM } from '../../../src/cli/gov-program.ts';
import { PF_PROGRAM } from '../../../src/cli/pf-program.ts';
import { type Program, runProgram } from '../../../src/cli/program.ts';
import { SP_PROGRAM } from '../../../src/cli/sp-program.ts';

const JITSUIN: Program = { name: 'jitsuin', about: 'all', commands: COMMANDS };
const ROLE_PROGRAMS = [SP_PROGRAM, GOV_PROGRAM, PF_PROGRAM];
const GUIDE = readFileSync(new URL('../../../samples/guides/commands.md', import.meta.url), 'utf8');

const WALK = [JITSUIN, ...ROLE_PROGRAMS].flatMap((program) =>
  program.commands.map((entry) => ({ program, entry, called: `${program.name} ${entry.name}` })),
);

async function run(program: Program, args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io: CommandIo = {
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    isTty: false,
    env: { JITSUIN_DATA_DIR: '/nowhere/at-all' },
    signal: AbortSignal.abort(),
  };
  const status = await runProgram(program, args, io);
  return { status, out: out.join(''), err: err.join('') };
}

/** What makes the command line whole: each needed option with a value that will do; that of the role where it must be said. */
function whole(
  program: Program,
  options: Readonly<Record<string, OptionDeclaration>>,
  but?: string,
): readonly string[] {
  return Object.entries(options)
    .filter(
      ([name, { needed, whose }]) =>
        needed === true && name !== but && (whose !== true || program === JITSUIN),
    )
    .map(([name, { type, oneOf }]) => (type === 'boolean' ? `--${name}` : `--${name}=${oneOf?.[0] ?? 'x'}`));
}

const words = ({ name }: CommandEntry) => name.split(' ');

describe('every command of every program is what it declares', () => {
  it.each(WALK)(
    '$called: its help names each option and keeps to 120 columns',
    async ({ program, entry }) => {
      const { declared, name } = await entry.load();
      const { status, out } = await run(program, [...words(entry), '--help']);
      expect([status, name]).toEqual([0, entry.name]);
      expect(out).toContain(`Usage: ${program.name} ${entry.name}`);
      expect(out.replaceAll(/\s+/g, ' ')).toContain(declared.about.replaceAll(/\s+/g, ' '));
      for (const [option, { oneOf, means }] of Object.entries(declared.options)) {
        expect(out).toMatch(new RegExp(`^ {2}--${option}(?: |$)`, 'm'));
        expect(out.replaceAll(/\s+/g, ' ')).toContain(means.replaceAll(/\s+/g, ' '));
        for (const one of oneOf ?? []) expect(out).toContain(one);
      }
      const [usage = ''] = out.split('\nSettings:\n');
      expect(usage.split('\n').filter((line) => [...line].length > 120)).toEqual([]);
    },
  );

  it.each(WALK)('$called: takes what it declares and nothing else', async ({ program, entry }) => {
    const { operands, options } = (await entry.load()).declared;
    const unknown = await run(program, [...words(entry), ...whole(program, options), '--no-such-option']);
    expect(unknown).toMatchObject({ status: 2, err: expect.stringContaining('--no-such-option') });
    if (operands === undefined) {
      const stray = await run(program, [...words(entry), ...whole(program, options), 'stray']);
      expect(stray).toMatchObject({ status: 2, err: expect.stringContaining('stray') });
    }
    for (const [option, { type, oneOf, needed, whose }] of Object.entries(options)) {
      const others = [...words(entry), ...whole(program, options, option)];
      if (oneOf !== undefined) {
        const wrong = await run(program, [...others, `--${option}=frobnicate`]);
        expect(wrong).toMatchObject({ status: 2, err: expect.stringContaining('frobnicate') });
      }
      if (type === 'string') {
        const bare = await run(program, [...others, `--${option}`]);
        expect(bare).toMatchObject({ status: 2, err: expect.stringContaining(`--${option}`) });
      }
      if (needed === true && !(whose === true && program !== JITSUIN)) {
        const missing = await run(program, others);
        expect(missing).toMatchObject({ status: 2, err: expect.stringContaining(`--${option} is missing`) });
      }
    }
  });

  it.each(COMMANDS)(
    '$name: the guide has its operands, its options and its sentences',
    async ({ name, load }) => {
      const { declared } = await load();
      const [, after = ''] = GUIDE.split(`\n## ${name}\n`);
      const [section = ''] = after.split('\n## ');
      const { operands, about, more, options } = declared;
      if (operands !== undefined) expect(section).toContain(`\`jitsuin ${name} ${operands}\``);
      for (const text of [about, ...(more === undefined ? [] : [more])])
        expect(section).toContain(text.replaceAll('<', '&lt;'));
      expect(section.match(/^\| `--/gm)?.length ?? 0).toBe(Object.keys(options).length);
      for (const option of Object.keys(options))
        expect(section).toMatch(new RegExp(`^\\| \`--${option}[ \`]`, 'm'));
    },
  );
});

describe('the program of one role says whose by itself', () => {
  const whose = ROLE_PROGRAMS.flatMap((program) =>
    program.commands.map((entry) => ({ program, entry, called: `${program.name} ${entry.name}` })),
  );

  it.each(whose)('$called', async ({ program, entry }) => {
    const { options } = (await entry.load()).declared;
    const [option] = Object.entries(options).find(([, declared]) => declared.whose === true) ?? [];
    if (option === undefined) return;
    const other = await run(program, [...words(entry), `--${option}`, 'simulator']);
    expect(other).toMatchObject({
      status: 2,
      err: expect.stringContaining(`${program.name} is no other role`),
    });
    const { err } = await run(program, [
      ...words(entry),
      ...whole(program, options, option),
      '--no-such-option',
    ]);
    expect(err).toContain('--no-such-option');
  });

  it.each([GOV_PROGRAM, PF_PROGRAM])('$name invites and lists at its own console', async (program) => {
    const invite = ['operator', 'invite', '--role', 'administrator', '--name', '模擬 花子'];
    expect((await run(program, invite)).err).toContain('There is no console');
    const { err } = await run(program, ['operator', 'list']);
    expect(err).toContain(`${program.name.replace('jitsuin-', '')}.sqlite3`);
  });
});
