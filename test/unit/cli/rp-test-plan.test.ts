import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-plan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(args: readonly string[]) {
  const err: string[] = [];
  const io = {
    stdout: () => undefined,
    stderr: (text: string) => void err.push(text),
    isTty: false,
    env: {},
    signal: new AbortController().signal,
  };
  return { status: await main(args, io), said: err.join('') };
}

describe('a plan that is none is wrong use, told by file and member', () => {
  const whole = { client: { clientId: 'RP1' }, start: 'http://localhost:1/', home: 'http://localhost:1/' };

  it.each([
    ['no JSON', '{', 'the plan is no JSON'],
    ['an address missing', JSON.stringify({ ...whole, start: undefined }), '"start" in the plan'],
    ['a member more', JSON.stringify({ ...whole, extra: 1 }), 'extra'],
    ['a client that cannot work', JSON.stringify(whole), '"client" in the plan, at "'],
  ])('%s', async (_what, text, said) => {
    const plan = join(folder, 'plan.json');
    writeFileSync(plan, text);
    const answer = await run(['rp-test', plan]);
    expect(answer.status).toBe(2);
    expect(answer.said).toContain(said);
    expect(answer.said).toContain('"jitsuin rp-test --help"');
  });

  it('a group of commands is listed as far as it was written', async () => {
    const { status, said } = await run(['keys', 'api']);
    expect(status).toBe(2);
    expect(said).toContain('There are: keys api new, keys api list, keys api revoke.');
  });
});
