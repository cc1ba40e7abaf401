import { describe, expect, it } from 'vitest';
import type { CommandIo } from '../../../src/cli/command.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { main } from '../../../src/cli/main.ts';

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
});
