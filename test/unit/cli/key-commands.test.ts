import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { loadClientKeys } from '../../../src/adapters/keys/client-key-file.ts';
import { createSealKey, openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import { main } from '../../../src/cli/main.ts';
import type { BrowserSession } from '../../../src/ports/session-store.ts';
import { codeOf } from '../oidc/mint.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(line: string, env: Record<string, string> = {}, signal = new AbortController().signal) {
  const out: string[] = [];
  const err: string[] = [];
  const io = { stdout: (text: string) => void out.push(text), stderr: (text: string) => void err.push(text) };
  const status = await main(line.split(' '), { ...io, isTty: false, env, signal });
  return {
    status,
    out: out.join(''),
    err: err.join(''),
    json: () => JSON.parse(out.join('')) as Record<string, unknown>,
  };
}

describe('jitsuin rp keygen', () => {
  const file = join(folder, 'client-key.json');

  it('makes a file of mode 600 and prints exactly the public members; an existing file stays', async () => {
    const { status, out } = await run(`rp keygen --out ${file} --environment sandbox`);
    expect(status).toBe(0);
    expect(Object.keys(JSON.parse(out) as object).sort()).toEqual([
      'alg',
      'crv',
      'kid',
      'kty',
      'use',
      'x',
      'y',
    ]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(file, 'utf8');
    expect((await run(`rp keygen --out ${file} --environment sandbox`)).status).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('RS256: no private parameter is printed', async () => {
    const { out } = await run(`rp keygen --out ${join(folder, 'rsa.json')} --environment test --alg RS256`);
    expect(Object.keys(JSON.parse(out) as object).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  });

  it('M2: rotate adds a key that does not sign, activate lets it sign, retire takes the old one out', async () => {
    const first = (await loadClientKeys(file)).active;
    const second = (JSON.parse((await run(`rp keygen --out ${file} --rotate`)).out) as { kid: string }).kid;
    expect((await loadClientKeys(file)).active).toBe(first);
    expect((await run(`rp keygen --out ${file} --rotate`)).status).toBe(2);
    expect((await run(`rp keygen --out ${file} --retire=${first}`)).status).toBe(2);
    expect((await run(`rp keygen --out ${file} --activate nonsense`)).status).toBe(2);
    expect((await run(`rp keygen --out ${file} --activate=${second}`)).status).toBe(0);
    expect((await run(`rp keygen --out ${file} --retire=${first}`)).status).toBe(0);
    const { active, publicKeys } = await loadClientKeys(file);
    expect([active, publicKeys.map(({ kid }) => kid)]).toEqual([second, [second]]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  it('keys of the other environment are refused', async () => {
    expect(await codeOf(loadClientKeys(file, 'production'))).toBe('config.environment-mixed');
    expect((await loadClientKeys(file, 'test')).publicKeys).toHaveLength(1);
  });

  it.each(['', '--environment staging', '--environment test --alg HS256', '--rotate --show'])(
    'wrong use: %s',
    async (args) => {
      expect((await run(`rp keygen --out ${join(folder, 'none.json')} ${args}`.trim())).status).toBe(2);
      expect(existsSync(join(folder, 'none.json'))).toBe(false);
    },
  );
});

describe('jitsuin keys', () => {
  const data = join(folder, 'data');
  mkdirSync(data);
  const env = { JITSUIN_DATA_DIR: data };
  const sealKey = join(data, 'sp.seal-key.json');
  const session = (n: number): BrowserSession => ({
    idHash: String(n).padStart(64, '0'),
    subject: `MARK-${n}`,
    csrf: 'c',
    createdAt: systemClock.now(),
    expiresAt: systemClock.now(),
    login: { revision: 1, idToken: 'MARK-id-token' },
  });
  const openSp = () =>
    openStore({ role: 'sp', dataDir: data, clock: systemClock, sealer: openFileSealer(sealKey) });

  it('M3: rotate, reseal, retire; refused while a value names the key; an interrupted run goes on', async () => {
    const first = createSealKey(sealKey);
    const running = await openSp();
    for (let n = 0; n < 5; n += 1) await running.sessions.put(session(n));
    const second = (await run('keys rotate --role sp', env)).out.trim();
    const restarted = await openSp();
    await restarted.sessions.put(session(9));
    expect((await running.sessions.get(session(9).idHash))?.subject).toBe('MARK-9');
    expect((await run(`keys retire --role sp ${first}`, env)).err).toContain('key.state');
    const stopped = new AbortController();
    stopped.abort();
    expect((await run('keys reseal --role sp', env, stopped.signal)).status).toBe(3);
    expect((await run('keys reseal --role sp --json', env)).json()).toMatchObject({
      active: second,
      // 15 values of sessions and the store's own key; MACs of 5 sessions, 5 heads, the mark, the ends of both chains and the head of the log's seals
      resealed: 30,
      failed: [],
    });
    expect((await run('keys reseal --role sp --json', env)).json()).toMatchObject({ resealed: 0 });
    expect((await run(`keys retire --role sp ${second}`, env)).err).toContain('key.state');
    expect((await run(`keys retire --role sp ${first}`, env)).status).toBe(0);
    expect((await run('keys list --role sp --json', env)).json()).toEqual({
      keys: [{ id: second, active: true, values: 34, wrapped: false }],
    });
    await running.close();
    await restarted.close();
    const after = await openSp();
    expect((await after.sessions.get(session(3).idHash))?.login?.idToken).toBe('MARK-id-token');
    await after.close();
  });

  it('M4, M6: an unknown key is named and no value; a loose file mode is refused', async () => {
    const unknown = await run('keys retire --role sp seal-unknown', env);
    expect([unknown.status, unknown.err.includes('key.not-found')]).toEqual([2, true]);
    chmodSync(sealKey, 0o640);
    const loose = await run('keys list --role sp', env);
    chmodSync(sealKey, 0o600);
    expect([loose.status, loose.err.includes('chmod 600')]).toEqual([2, true]);
  });
});
