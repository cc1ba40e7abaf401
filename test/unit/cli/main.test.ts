import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { CommandIo } from '../../../src/cli/command.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { main } from '../../../src/cli/main.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { SP_PROGRAM } from '../../../src/cli/sp-program.ts';
import { VERSION } from '../../../src/core/version.ts';

function io(): { io: CommandIo; out: () => string; err: () => string } {
  let out = '';
  let err = '';
  return {
    io: {
      stdout: (text) => {
        out += text;
      },
      stderr: (text) => {
        err += text;
      },
      isTty: false,
      env: {},
      signal: new AbortController().signal,
    },
    out: () => out,
    err: () => err,
  };
}

describe('jitsuin', () => {
  it('lists every command and explains each with --help', async () => {
    const overview = io();
    expect(await main(['--help'], overview.io)).toBe(0);
    expect(COMMANDS.length).toBeGreaterThan(5);
    for (const command of COMMANDS) {
      expect(overview.out()).toContain(command.name);
      const help = io();
      expect(await main([...command.name.split(' '), '--help'], help.io)).toBe(0);
      expect(help.out()).toContain(`jitsuin ${command.name}`);
      expect(help.err()).toBe('');
    }
  });

  it('says 2 and where to look for wrong use', async () => {
    const none = io();
    expect(await main([], none.io)).toBe(2);
    const unknown = io();
    expect(await main(['frobnicate'], unknown.io)).toBe(2);
    expect(unknown.err()).toContain('frobnicate');
    for (const command of COMMANDS) {
      const wrong = io();
      expect(await main([...command.name.split(' '), '--no-such-option'], wrong.io), command.name).toBe(2);
      expect(wrong.err()).toContain('--help');
    }
  });

  it('lists each command by the name that it has', async () => {
    for (const { name, load } of [...COMMANDS, ...SP_PROGRAM.commands])
      expect((await load()).name).toBe(name);
  });

  it('says its version', async () => {
    const said = io();
    expect(await main(['--version'], said.io)).toBe(0);
    expect(said.out()).toBe(`${VERSION}\n`);
  });
});

describe('jitsuin-sp', () => {
  it('explains each command under its own name, and refuses options that are none', async () => {
    for (const { name } of SP_PROGRAM.commands) {
      const help = io();
      expect(await runProgram(SP_PROGRAM, [...name.split(' '), '--help'], help.io)).toBe(0);
      expect(help.out()).toContain(`Usage: jitsuin-sp ${name}`);
      const wrong = io();
      expect(await runProgram(SP_PROGRAM, [...name.split(' '), '--no-such-option'], wrong.io), name).toBe(2);
      expect(wrong.err()).toContain(`jitsuin-sp ${name}`);
    }
  });

  it.each([['verify'], ['evidence verify'], ['pf keys'], ['init'], ['demo']])('has no %s', async (name) => {
    const none = io();
    expect(await runProgram(SP_PROGRAM, name.split(' '), none.io)).toBe(2);
    expect(none.err()).toContain('there is no command');
  });

  it.each([
    [['serve', '--role', 'pf']],
    [['worker', '--role=gov']],
    [['migrate', '--role', 'gov']],
    [['doctor', '--role', 'pf']],
  ])('is no other role: %j', async (args) => {
    const other = io();
    expect(await runProgram(SP_PROGRAM, args, other.io)).toBe(2);
    expect(other.err()).toContain('jitsuin-sp is no other role');
  });

  it('needs no --role', async () => {
    const refused = io();
    expect(await runProgram(SP_PROGRAM, ['serve'], refused.io)).toBe(2);
    expect(refused.err()).toContain('config.');
  });
});

describe('health', () => {
  it('asks the management port before the other, and says by its exit status whether work can be done', async () => {
    let ready = 200;
    const server = createServer((request, response) =>
      response.writeHead(request.url === '/readyz' ? ready : 404).end(),
    );
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const port = String((server.address() as AddressInfo).port);
    const run = async (env: Record<string, string>, ...args: readonly string[]) =>
      main(['health', ...args], { ...io().io, env });
    expect(await run({ JITSUIN_MANAGEMENT_PORT: port, JITSUIN_PORT: '1' })).toBe(0);
    expect(await run({ JITSUIN_PORT: port })).toBe(0);
    expect(await run({}, `--url=http://127.0.0.1:${port}/other`)).toBe(1);
    ready = 503;
    expect(await run({ JITSUIN_PORT: port })).toBe(1);
    await new Promise((done) => server.close(done));
    expect(await run({ JITSUIN_PORT: port })).toBe(1);
  });
});
