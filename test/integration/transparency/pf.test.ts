import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import { openPublicLog } from '../../../src/adapters/transparency/public-log.ts';
import { createTlogKey, readTlogKey } from '../../../src/adapters/transparency/tlog-key.ts';
import { hexSha256 } from '../../../src/core/digest/sha256.ts';
import { fits } from '../../../src/core/json/shape.ts';
import { LOG_PROOF, verifyLogProof } from '../../../src/core/transparency/log-proof.ts';
import { readVerifier, verifierText } from '../../../src/core/transparency/signed-note.ts';
import { exportEvidence } from '../../../src/verification/evidence/export-evidence.ts';
import { logInclusionCheck } from '../../../src/verifier/evidence/log-inclusion.ts';
import { type PfWorld, startPfWorld, submissionOf } from '../../support/pf-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-pf-tlog-'));
const tlogDir = join(folder, 'tlog');
let world: PfWorld;
let key: string;
beforeAll(async () => {
  const file = join(folder, 'tlog-key.json');
  key = verifierText(await createTlogKey(file, 'log.example.jp/jitsuin', 'log'));
  world = await startPfWorld({ JITSUIN_TLOG_DIR: tlogDir, JITSUIN_TLOG_KEY_FILE: file });
}, 120_000);
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = async (path: string, tenant: 'alpha' | 'beta' = 'alpha') =>
  fetch(`${world.url}${path}`, { headers: { authorization: await world.bearer(tenant) } });

async function decided(): Promise<string> {
  const { id } = await world.service('alpha').submit(await submissionOf(world));
  await world.startWorker();
  await expect
    .poll(async () => ((await (await get(`/v1/verifications/${id}`)).json()) as { state: string }).state)
    .toBe('decided');
  await world.stopWorker();
  return id;
}

describe('a platform operator with a public log', () => {
  it('answers a receipt’s proof, which its tenant judges offline, and shows tiles and head to anyone', async () => {
    const id = await decided();
    const early = await get(`/v1/verifications/${id}/log-proof`);
    world.clock.millis += 2 * 3_600_000;
    await world.startWorker();
    const path = `/v1/verifications/${id}/log-proof`;
    await expect.poll(async () => (await get(path)).status).toBe(200);
    // in the first round of the worker it was not decided yet
    expect(early.status).toBe(409);
    const proof: unknown = await (await get(path)).json();
    if (!fits(LOG_PROOF, proof)) throw new Error('no proof');
    const { receipt } = (await (await get(`/v1/verifications/${id}/receipt`)).json()) as { receipt: string };
    const pinned = { log: readVerifier(key), witnesses: [], quorum: 0 };
    expect(verifyLogProof(receipt, proof, pinned).size).toBeGreaterThan(0);
    expect(() => verifyLogProof(`${receipt}x`, proof, pinned)).toThrow();
    expect((await get(path, 'beta')).status).toBe(404);
    const head = await fetch(`${world.url}/log/checkpoint`);
    expect([head.status, head.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    expect(await head.text()).toBe(readFileSync(join(tlogDir, 'public', 'checkpoint'), 'utf8'));
    for (const outside of ['/log/../private/items', '/log/%2e%2e/private/items', '/log/private', '/log/'])
      expect((await fetch(`${world.url}${outside}`)).status).toBe(404);
  }, 120_000);

  it('puts the proof of its own record into an exported evidence record', async () => {
    const { dataDir, sealKeyFile } = world.config;
    await world.stopWorker();
    const sealer = openFileSealer(sealKeyFile);
    const store = await openStore({ dataDir, role: 'pf', sealer, clock: world.clock });
    try {
      const [kept] = await store.archive.kept(0, 1);
      const record = (await store.evidence.get(kept?.id ?? '')) ?? new Uint8Array();
      expect(await store.chainHeads.recordHash(kept?.id ?? '')).toBe(hexSha256(record));
      expect(await store.chainHeads.recordHash('nobody')).toBeUndefined();
      const { signer, blindKey } = await readTlogKey(world.config.tlogKeyFile, 'log');
      const log = await openPublicLog({ folder: tlogDir, signer, blindKey, leastBatch: 1, witnesses: [] });
      const file = await exportEvidence({ ...store, clock: world.clock, publicLog: log }, kept?.id ?? '', {
        tenant: '',
      });
      const pinned = { log: readVerifier(verifierText(signer)), witnesses: [], quorum: 0 };
      expect(logInclusionCheck(file, pinned)).toEqual({ name: 'public-log', result: 'passed' });
    } finally {
      await store.close();
    }
  });

  it('knows the newest seal and link as "audit verify" does', async () => {
    await world.stopWorker();
    const { dataDir, sealKeyFile } = world.config;
    const sealer = openFileSealer(sealKeyFile);
    const store = await openStore({ dataDir, role: 'pf', sealer, clock: world.clock });
    try {
      const { seal, evidence } = await store.chainHeads.newest();
      expect(seal?.hash).toBe((await store.audit.verify()).head);
      expect(evidence?.hash).toBe((await store.archive.verify()).head);
      expect(await store.chainHeads.hashAt('seal', seal?.seq ?? 0)).toBe(seal?.hash);
      expect(await store.chainHeads.hashAt('evidence', evidence?.seq ?? 0)).toBe(evidence?.hash);
      expect(await store.chainHeads.hashAt('seal', (seal?.seq ?? 0) + 1)).toBeUndefined();
    } finally {
      await store.close();
    }
  }, 60_000);
});
