import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import { changeRows } from '../../../src/adapters/store/rows/change-rows.ts';
import { UsageError } from '../../../src/cli/command.ts';
import { evidenceExport } from '../../../src/cli/evidence.ts';
import type { TenantId } from '../../../src/core/brand.ts';
import { openPf } from '../../../src/roles/pf/wiring.ts';
import { toPem } from '../../../src/simulator/jpki/certificate.ts';
import { answerOcsp } from '../../../src/simulator/jpki/ocsp.ts';
import { makeTimeStampAuthority } from '../../../src/simulator/tsa/authority.ts';
import { makeTsaCrl } from '../../../src/simulator/tsa/crl.ts';
import { answerTimeStamp, rejection } from '../../../src/simulator/tsa/time-stamp.ts';
import { stampEvidence } from '../../../src/verification/evidence/stamp-evidence.ts';
import { timeProofOf } from '../../../src/verification/evidence/time-proof.ts';
import { exportedEvidence } from '../../../src/verifier/evidence/evidence-export.ts';
import { verifyExportedEvidence } from '../../../src/verifier/evidence/verify-exported.ts';
import { certificatesFromPem } from '../../../src/verifier/x509/pem.ts';
import { anchorsOf, NOW } from '../../support/pf-signing.ts';
import { type PfWorld, startPfWorld, submissionOf } from '../../support/pf-world.ts';

const ALPHA = 'tenant-alpha' as TenantId;

const YEAR = 365.25 * 86_400_000;
const state = {
  mode: 'up' as 'up' | 'down' | 'refuses' | 'forges',
  list: 'up' as 'up' | 'down' | 'revoked',
  asked: 0,
  /** A record that was decided by CRL. */
  byCrl: '',
  yearOfCertificate: NOW as number,
  serial: 1n,
  digest: 'sha256' as 'sha256' | 'sha512',
  /** The commands have no clock but the system's. */
  clock: 'of the world' as 'of the world' | 'of the system',
};
const now = () => (state.clock === 'of the system' ? Date.now() : world.clock.now());
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-tsa-'));
const authority = () => makeTimeStampAuthority('pf-tests', state.yearOfCertificate);
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.url?.startsWith('/crl')) {
    if (state.list === 'down') return void response.writeHead(503).end();
    const revokedAt = now() - 60_000;
    const revocation = state.list === 'revoked' ? { revokedAt, reason: 'keyCompromise' as const } : undefined;
    return void response.end(makeTsaCrl(authority(), now(), revocation));
  }
  if (request.url === '/ocsp')
    return void response.end(answerOcsp(world.registry, Buffer.concat(chunks), now()));
  state.asked += 1;
  state.serial += 1n;
  if (state.mode === 'down') return void response.writeHead(503).end();
  const { serial } = state;
  const imprint = state.mode === 'forges' ? 'wrong' : 'echo';
  const body =
    state.mode === 'refuses'
      ? rejection('systemFailure')
      : answerTimeStamp(authority(), Buffer.concat(chunks), now(), {
          ...{ serial, imprint, digest: state.digest },
        });
  response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(body);
});
const tsaUrl = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
let world: PfWorld;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const roots = [NOW, NOW + 10 * YEAR].map((now) =>
    toPem(makeTimeStampAuthority('pf-tests', now).rootCertificate),
  );
  writeFileSync(join(folder, 'tsa.pem'), roots.join(''));
  world = await startPfWorld({
    JITSUIN_TSA_URL: `${tsaUrl()}/tsa`,
    JITSUIN_TSA_TRUST_FILE: join(folder, 'tsa.pem'),
    JITSUIN_TSA_CRL_URL: `${tsaUrl()}/crl`,
    JITSUIN_TSA_PERIOD_SECONDS: '600',
  });
  await world.startWorker();
});
afterAll(async () => {
  await world.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function decide(method: 'OCSP' | 'CRL' = 'OCSP'): Promise<string> {
  const alpha = world.service('alpha');
  const { id } = await alpha.submit(await submissionOf(world, { method }));
  while ((await alpha.status(id)).state === 'received')
    await new Promise((resolve) => setTimeout(resolve, 20));
  return id;
}

async function withStore<T>(act: (store: Awaited<ReturnType<typeof openStore>>) => Promise<T>): Promise<T> {
  const { dataDir, sealKeyFile } = world.config;
  const store = await openStore({
    dataDir,
    role: 'pf',
    sealer: openFileSealer(sealKeyFile),
    clock: world.clock,
  });
  return act(store).finally(() => store.close());
}

async function stampNow(algorithmEnds: Readonly<Record<string, number>> = {}): Promise<number> {
  const { tsa } = world.config;
  const config = tsa === undefined ? world.config : { ...world.config, tsa: { ...tsa, algorithmEnds } };
  const { operator, close } = await openPf(config, 'pf-worker', world.url, {
    clock: world.clock,
    log: world.log,
  });
  return stampEvidence(operator).finally(close);
}

async function verifiedExport(id: string, algorithmEnds = {}) {
  const octets = await withStore(async (store) => {
    const record = (await store.evidence.get(id)) ?? new Uint8Array(0);
    return exportedEvidence(record, { time: await timeProofOf(store.archive, id) });
  });
  const tsaTrustAnchors = certificatesFromPem(
    [NOW, NOW + 10 * YEAR]
      .map((now) => toPem(makeTimeStampAuthority('pf-tests', now).rootCertificate))
      .join(''),
  );
  return verifyExportedEvidence(octets, {
    trustAnchors: anchorsOf(world.registry),
    tsaTrustAnchors,
    algorithmEnds,
  });
}

describe('evidence of the platform operator', () => {
  it('is covered by one time-stamp after its period; a TSA that fails is asked again', async () => {
    const ids = [await decide(), await decide('CRL'), await decide('CRL')];
    state.byCrl = ids[1] ?? '';
    expect(await stampNow()).toBe(0);
    expect((await verifiedExport(ids[0] ?? '')).time.indication).toBe('INDETERMINATE');
    world.clock.millis += 601_000;
    for (const mode of ['down', 'refuses', 'forges'] as const) {
      state.mode = mode;
      expect(await stampNow(), mode).toBe(0);
    }
    expect(world.log.lines.filter((line) => line.includes('evidence.time-stamp-failed')).length).toBe(3);
    expect(world.log.lines.join('')).toContain('timestamp.imprint');
    state.mode = 'up';
    for (const list of ['down', 'revoked'] as const) {
      state.list = list;
      expect(await stampNow(), list).toBe(0);
    }
    expect(world.log.lines.join('')).toContain('certificate.revoked');
    state.list = 'up';
    const before = state.asked;
    expect(await stampNow()).toBe(1);
    expect([await stampNow(), state.asked - before]).toEqual([0, 1]);
    for (const id of ids) {
      const again = await verifiedExport(id);
      expect([again.integrity.indication, again.result, again.time.indication]).toEqual([
        'TOTAL-PASSED',
        'OK',
        'TOTAL-PASSED',
      ]);
      expect(again.time.provenAt).toBe(Math.floor(world.clock.now() / 1000) * 1000);
    }
  });

  it('goes out as XAdES by the command, time-stamped by the configured TSA', async () => {
    const id = await decide();
    const {
      dataDir,
      tenantsFile,
      trustFile,
      keystorePassphraseFile,
      ocspUrl = '',
      sealKeyFile,
      tsa,
    } = world.config;
    const env = {
      JITSUIN_DATA_DIR: dataDir,
      JITSUIN_SEAL_KEY_FILE: sealKeyFile,
      JITSUIN_PF_TENANTS_FILE: tenantsFile,
      JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE: keystorePassphraseFile,
      JITSUIN_TRUST_FILE: trustFile,
      JITSUIN_OCSP_URL: ocspUrl,
      JITSUIN_ALLOW_LOOPBACK_HTTP: '1',
      JITSUIN_TSA_URL: tsa?.url ?? '',
      JITSUIN_TSA_TRUST_FILE: tsa?.trustFile ?? '',
      JITSUIN_TSA_CRL_URL: tsa?.revocation.crlUrl ?? '',
    };
    const signal = new AbortController().signal;
    const io = { stdout: () => undefined, stderr: () => undefined, isTty: false, env, signal };
    const xades = join(folder, 'xades.xml');
    state.clock = 'of the system';
    const status = await evidenceExport.run(
      [id, '--xades', xades, '--out', join(folder, 'evidence.json')],
      io,
    );
    state.clock = 'of the world';
    expect(status).toBe(0);
    const text = readFileSync(xades, 'utf8');
    expect(text.match(/<xades:EncapsulatedTimeStamp>/g)).toHaveLength(2);
    expect(text).toContain('<xades141:ArchiveTimeStamp');
    expect(text.match(/<xades141:TimeStampValidationData.*?<xades:EncapsulatedCRLValue>/g)).toHaveLength(2);
    const said: string[] = [];
    const byCrl = async (responder: string) => {
      const told = { ...io, stderr: (line: string) => said.push(line) };
      const asked = { ...told, env: { ...env, JITSUIN_OCSP_URL: `${tsaUrl()}${responder}` } };
      state.clock = 'of the system';
      await evidenceExport.run(
        [state.byCrl, '--xades', xades, '--out', join(folder, 'evidence.json')],
        asked,
      );
      state.clock = 'of the world';
      return readFileSync(xades, 'utf8').match(/<xades:EncapsulatedOCSPValue>/g)?.length ?? 0;
    };
    // the command judges by the system's clock, and the responder's certificate is of the world's year
    if (Date.now() < NOW + YEAR) expect([await byCrl('/ocsp'), said.join('')]).toEqual([1, '']);
    expect(await byCrl('/crl')).toBe(0);
    expect(said.join('')).toContain('No OCSP answer is in the XAdES file (revocation.unavailable)');
    const without = Object.fromEntries(
      Object.entries(env).filter(([name]) => !name.startsWith('JITSUIN_TSA')),
    );
    const refused = evidenceExport.run([id, '--xades', xades], { ...io, env: without });
    await expect(refused).rejects.toThrow(UsageError);
    world.clock.millis += 601_000;
    expect(await stampNow()).toBe(1);
  });

  it('keeps a CRL once, however many records use it', async () => {
    const shared = await withStore((store) =>
      store.kysely
        .selectFrom('evidence_file_uses')
        .select(['sha256', 'used_by'])
        .where('used_by', 'like', 'record %')
        .execute(),
    );
    expect([new Set(shared.map((use) => use.sha256)).size, shared.length]).toEqual([1, 2]);
  });

  it('has a chain that names a record which was changed', async () => {
    const sound = await withStore((store) => store.archive.verify());
    expect([sound.records, sound.brokenAt]).toEqual([4, undefined]);
    const attempt = withStore((store) =>
      sql`update evidence_chain set at = at + 1 where seq = 2`.execute(store.kysely),
    );
    await expect(attempt).rejects.toThrow();
    const broken = await withStore(async (store) => {
      await sql`drop trigger evidence_chain_no_update`.execute(store.kysely);
      await sql`update evidence_chain set at = at + 1 where seq = 2`.execute(store.kysely);
      const state = await store.archive.verify();
      await sql`update evidence_chain set at = at - 1 where seq = 2`.execute(store.kysely);
      await sql`insert into evidence_chain (seq, id, record_sha256, previous_hash, hash, at)
        select 9, 'put in', record_sha256, previous_hash, hash, at from evidence_chain where seq = 4`.execute(
        store.kysely,
      );
      const more = await store.archive.verify();
      await sql`drop trigger evidence_chain_no_delete`.execute(store.kysely);
      await sql`delete from evidence_chain where seq = 9`.execute(store.kysely);
      return [state.brokenAt, more.brokenAt, (await store.archive.verify()).brokenAt];
    });
    expect(broken).toEqual([2, 5, undefined]);
  });

  it('names a record that went without an audit record of its deletion', async () => {
    await withStore(async (store) => {
      const rows = store.kysely
        .selectFrom('evidence')
        .selectAll()
        .innerJoin('evidence_chain', 'evidence_chain.id', 'evidence.id');
      const [third] = await rows.select('evidence.id').where('seq', '=', 3).execute();
      if (third === undefined) throw new Error('there is no third record');
      const { id, tenant, sealed_octets } = third;
      await store.kysely.deleteFrom('evidence').where('id', '=', id).execute();
      expect(await store.archive.verify()).toMatchObject({ records: 2, brokenAt: 3 });
      await store.kysely.insertInto('evidence').values({ id, tenant, sealed_octets }).execute();
      expect((await store.archive.verify()).brokenAt).toBeUndefined();
    });
  });

  it('is stamped again before the TSA certificate ends, and decides the same decades later', async () => {
    const [id = ''] = await withStore(async (store) =>
      (await store.kysely.selectFrom('evidence_chain').select('id').execute()).map((row) => row.id),
    );
    const early = (await verifiedExport(id)).time;
    world.clock.millis = Number(early.validUntil) - 30 * 86_400_000;
    // The same certificate would prove nothing new.
    expect(await stampNow()).toBe(0);
    expect(world.log.lines.join('')).toContain('timestamp.renewal');
    state.yearOfCertificate = NOW + 10 * YEAR;
    expect(await stampNow()).toBe(2);
    world.clock.millis += 40 * YEAR;
    const again = await verifiedExport(id);
    expect([again.result, again.integrity.indication, again.time.indication]).toEqual([
      'OK',
      'TOTAL-PASSED',
      'TOTAL-PASSED',
    ]);
    expect(again.time.provenAt).toBe(early.provenAt);
    expect(again.time.validUntil).toBeGreaterThan(early.validUntil ?? 0);
    world.clock.millis -= 40 * YEAR;
  });

  it('is stamped again before a kind of key under its token ends, or where that is not known; not by the same kind', async () => {
    const soon = world.clock.now() + 90 * 86_400_000;
    const setFirst = (algorithms: string) =>
      withStore((store) =>
        changeRows(store.kysely, store.rows, {
          table: 'evidence_periods',
          where: sql<boolean>`period = 1`,
          set: { algorithms },
        }),
      );
    const refusals = () => world.log.lines.filter((line) => line.includes('timestamp.renewal')).length;
    const before = refusals();
    expect([await stampNow({ 'p-256': soon }), refusals() - before]).toEqual([0, 0]);
    expect([await stampNow({ 'rsa-2048': soon }), refusals() - before]).toEqual([0, 1]);
    for (const algorithms of ['["sha256","p-256"]', '[]']) {
      await setFirst(algorithms);
      expect([await stampNow({ 'p-256': soon }), await stampNow({ 'p-256': soon })]).toEqual([1, 0]);
    }
    await setFirst('["sha256","p-256"]');
    const ended = { 'rsa-2048': world.clock.now() - 1, 'p-256': soon };
    expect([await stampNow(ended), refusals() - before]).toEqual([0, 2]);
    await setFirst('["sha256","rsa-2048"]');
  });

  it('is hashed anew before its hash ends, together with all before; what was deleted then stays out', async () => {
    const ids = await withStore(async (store) => {
      const links = await store.kysely.selectFrom('evidence_chain').select('id').orderBy('seq').execute();
      await store.evidence.delete(links[1]?.id ?? '', ALPHA, world.clock.now());
      expect((await store.archive.verify()).brokenAt).toBeUndefined();
      return links.map((row) => row.id);
    });
    const [id = ''] = ids;
    const algorithmEnds = { sha256: world.clock.now() + 90 * 86_400_000 };
    const before = await verifiedExport(id, algorithmEnds);
    expect(before.time.validUntil).toBe(algorithmEnds.sha256);
    state.digest = 'sha512';
    expect([await stampNow(algorithmEnds), await stampNow(algorithmEnds)]).toEqual([2, 0]);
    world.clock.millis += YEAR;
    for (const one of [id, ids[2] ?? '']) {
      const again = await verifiedExport(one, algorithmEnds);
      expect([again.result, again.integrity.indication, again.time.indication]).toEqual([
        'OK',
        'TOTAL-PASSED',
        'TOTAL-PASSED',
      ]);
      expect(again.time.validUntil).toBeGreaterThan(algorithmEnds.sha256);
    }
    expect(await withStore((store) => store.evidence.get(ids[1] ?? ''))).toBeUndefined();
  });

  it('gets no time-stamp by an algorithm that has ended', async () => {
    const later = world.clock.millis;
    // The simulated responder's certificate has ended by now: what is handed in then stays open.
    world.clock.millis = NOW;
    await decide();
    world.clock.millis = later + 601_000;
    expect(await stampNow({ 'rsa-2048': world.clock.now() - 1 })).toBe(0);
    expect(await stampNow()).toBe(1);
  });

  it('lets go of a CRL when nothing refers to it any more, and not before', async () => {
    const uses = (store: Awaited<ReturnType<typeof openStore>>) =>
      store.kysely
        .selectFrom('evidence_file_uses')
        .selectAll()
        .where('used_by', 'like', 'record %')
        .execute();
    const files = (store: Awaited<ReturnType<typeof openStore>>) =>
      store.kysely.selectFrom('evidence_files').select('sha256').execute();
    await withStore(async (store) => {
      const [use, second] = await uses(store);
      expect([use?.sha256, await store.evidence.collectFiles(100)]).toEqual([expect.any(String), 0]);
      for (const user of [use, second]) {
        if (user === undefined) continue;
        await store.evidence.delete(user.used_by.replace('record ', ''), ALPHA, world.clock.now());
      }
      const left = (await uses(store)).length;
      const kept = (await files(store)).map((file) => file.sha256);
      expect([left, kept.includes(use?.sha256 ?? '')]).toEqual([0, true]);
      expect(await store.evidence.collectFiles(100)).toBe(1);
      expect((await files(store)).map((file) => file.sha256)).toEqual(
        kept.filter((sha256) => sha256 !== use?.sha256),
      );
    });
  });
});
