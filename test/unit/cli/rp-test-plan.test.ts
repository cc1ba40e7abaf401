import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compactVerify } from 'jose';
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

  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const known = {
    client: {
      ...{ clientId: 'RP1', variant: 'private', redirectUris: ['http://localhost:1/cb'] },
      jwks: publicKey.export({ format: 'jwk' }),
    },
    start: 'http://localhost:1/',
    home: 'http://localhost:1/',
  };

  it.each([
    ['a key without a place for what it signs', ['--key', 'key.json'], '--signed and --key belong together'],
    ['a public key', ['--signed', 'r.jws', '--key', 'public.json'], '--key wants a private JWK of P-256'],
  ])('%s is wrong use before anything is asked', async (_what, options, said) => {
    const plan = join(folder, 'known.json');
    writeFileSync(plan, JSON.stringify(known));
    writeFileSync(join(folder, 'public.json'), JSON.stringify(publicKey.export({ format: 'jwk' })));
    const given = options.map((one) => (one.includes('.') ? join(folder, one) : one));
    const answer = await run(['rp-test', plan, ...given]);
    expect(answer.status).toBe(2);
    expect(answer.said).toContain(said);
  });

  it('the result is signed for who asks for it, and says what was not exercised', async () => {
    const [plan, key, signed, junit] = ['known.json', 'key.json', 'r.jws', 'r.xml'].map((name) =>
      join(folder, name),
    );
    const no = { command: ['false'] };
    writeFileSync(
      plan ?? '',
      JSON.stringify({ client: known.client, sign: { start: no, done: no }, port: 0, plans: ['signature'] }),
    );
    writeFileSync(key ?? '', JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'tester' }));
    const answer = await run([
      'rp-test',
      plan ?? '',
      '--signed',
      signed ?? '',
      '--key',
      key ?? '',
      '--junit',
      junit ?? '',
    ]);
    expect(answer.status).toBe(1);
    const { payload, protectedHeader } = await compactVerify(
      readFileSync(signed ?? '', 'utf8').trim(),
      publicKey,
    );
    expect(protectedHeader).toMatchObject({ alg: 'ES256', kid: 'tester' });
    const report = JSON.parse(Buffer.from(payload).toString());
    expect(report.results[0]).toMatchObject({
      plan: 'signature',
      name: 'good-signature-is-taken',
      verdict: 'failed',
    });
    expect(readFileSync(junit ?? '', 'utf8')).toContain('classname="signature"');
  });

  it.each([
    ['no JSON', '{', 'the plan is no JSON'],
    ['an address missing', JSON.stringify({ ...whole, start: undefined }), '"start" and "home" in the plan'],
    ['a start without a home', JSON.stringify({ ...known, home: undefined }), '"start" and "home"'],
    [
      'neither login nor signature',
      JSON.stringify({ client: known.client }),
      'needs "start" and "home", or "sign"',
    ],
    ['a plan that there is not', JSON.stringify({ ...known, plans: ['all'] }), '"plans.0" in the plan'],
    [
      'a hook that is none',
      JSON.stringify({ ...known, sign: { start: 'no', done: 'no' } }),
      '"sign.start" in the plan',
    ],
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
