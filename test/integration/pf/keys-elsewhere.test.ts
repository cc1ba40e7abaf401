import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PfWorld, startPfWorld, submissionOf } from '../../support/pf-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-keys-elsewhere-'));
const awayFile = join(folder, 'away');
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { x = '', y = '', d = '' } = privateKey.export({ format: 'jwk' });
const publicJwk = {
  kty: 'EC',
  use: 'enc',
  alg: 'ECDH-ES',
  crv: 'P-256',
  x,
  y,
  kid: 'kept-elsewhere',
} as const;

/** A module as an operator writes one; it is away while `awayFile` is there. */
const MODULE = `
import { createECDH } from 'node:crypto';
import { existsSync } from 'node:fs';
const ecdh = createECDH('prime256v1');
ecdh.setPrivateKey(Buffer.from(${JSON.stringify(d)}, 'base64url'));
export async function openDecryptionKeys({ environment }) {
  const key = { kid: 'kept-elsewhere', service: 'alpha-portal', environment, state: 'active', async deriveSharedSecret(point) {
    if (existsSync(${JSON.stringify(awayFile)})) throw new Error('MARKED-ADDRESS-OF-THE-HSM');
    return ecdh.computeSecret(point);
  } };
  return {
    find: async (service, _environment, kid) => (service === key.service && kid === key.kid ? key : undefined),
    usable: async () => [key],
  };
}
`;

let world: PfWorld;
beforeAll(async () => {
  const file = join(folder, 'keys.mjs');
  writeFileSync(file, MODULE, { mode: 0o600 });
  world = await startPfWorld({ JITSUIN_PF_KEYS_MODULE: file });
  await world.startWorker();
}, 60_000);
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 20));
}

it('a bundle to a key that is kept elsewhere is verified, also when the keeper was away for a while', async () => {
  const alpha = world.service('alpha');
  const submit = async () => (await alpha.submit(await submissionOf(world, { key: publicJwk }))).id;
  const first = await submit();
  await until(async () => (await alpha.status(first)).state !== 'received');
  expect((await alpha.status(first)).result).toBe('OK');
  writeFileSync(awayFile, '');
  const second = await submit();
  await until(() => world.log.lines.some((line) => line.includes('key.unavailable')));
  expect((await alpha.status(second)).state).toBe('received');
  rmSync(awayFile);
  world.clock.millis += 60_000;
  await until(async () => (await alpha.status(second)).state !== 'received');
  expect((await alpha.status(second)).result).toBe('OK');
  expect(world.log.lines.join('')).not.toContain('MARKED');
}, 120_000);
