import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { VerificationStatus } from '../../../src/contracts/verification.ts';
import { WEBHOOK_EVENTS } from '../../../src/contracts/webhooks.ts';
import type { VerificationId } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { endedBy, judgeAgain } from '../../../src/pf/judge-again.ts';
import { verify } from '../../../src/pf/judge-verification.ts';
import { sweep } from '../../../src/pf/sweep.ts';
import type { Job } from '../../../src/ports/job-queue.ts';
import { type OpenedPf, openPf } from '../../../src/roles/pf/wiring.ts';
import { sha256Hex } from '../../../src/verifier/evidence/evidence-record.ts';
import { verifyEvidence } from '../../../src/verifier/evidence/verify-evidence.ts';
import { anchorsOf, cardOf } from '../../support/pf-signing.ts';
import { type PfWorld, startPfWorld, submissionOf } from '../../support/pf-world.ts';

let world: PfWorld;
let pf: OpenedPf;

// One world for the file: its clock only goes forward, and every test but the last leaves nothing undecided.
beforeAll(async () => {
  world = await startPfWorld();
  pf = await openPf(world.config, 'pf-worker', world.url, world);
});

afterEach(() => {
  world.source.mode = 'up';
  world.registry.restore(cardOf(world.registry, 'taro').signCertificate);
});

afterAll(async () => {
  await pf.close();
  await world.close();
});

const MINUTE = 60_000;
const run = (subject: string, attempt = 1) =>
  verify(pf.operator, {
    id: 'job',
    name: 'verify',
    version: 1,
    subject,
    attempt,
    signal: AbortSignal.timeout(20_000),
  } satisfies Job);
const statusOf = (id: string): Promise<VerificationStatus> => world.service('alpha').status(id);
const stored = (id: string) => pf.store.verifications.get(id as VerificationId);
const submitted = async (
  ...options: Parameters<typeof submissionOf> extends [unknown, ...infer R] ? R : never
) => (await world.service('alpha').submit(await submissionOf(world, ...options))).id;

describe('revocation data that cannot be had (K11)', () => {
  it.each(['OCSP', 'CRL'] as const)(
    '%s down: waits, then decides when the source is back',
    async (method) => {
      const id = await submitted({ method });
      world.source.mode = 'down';
      const first = await run(id);
      expect(first).toEqual({ kind: 'later', notBefore: world.clock.now() + 5_000 });
      expect((await statusOf(id)).state).toBe('received');
      world.clock.millis += 5_000;
      expect(await run(id, 2)).toEqual({ kind: 'later', notBefore: world.clock.now() + 10_000 });
      world.source.mode = 'up';
      world.clock.millis += 10_000;
      expect(await run(id, 3)).toEqual({ kind: 'done' });
      expect(await statusOf(id)).toMatchObject({ state: 'decided', result: 'OK' });
    },
  );

  it('an HTML page is no answer, and the log names the wait', async () => {
    const id = await submitted();
    world.source.mode = 'html';
    expect((await run(id)).kind).toBe('later');
    expect(world.log.lines.join('\n')).toContain('"event":"verification.postponed"');
    expect(world.log.lines.join('\n')).toContain('"code":"revocation.invalid"');
    world.source.mode = 'up';
    await run(id, 2);
  });

  it('until the deadline: then INDETERMINATE with evidence, never OK', async () => {
    const id = await submitted();
    world.source.mode = 'down';
    const { deadline } = (await stored(id)) ?? { deadline: 0 };
    world.clock.millis = deadline - 5 * MINUTE;
    expect(await run(id, 12)).toEqual({ kind: 'later', notBefore: deadline - 15_000 });
    world.clock.millis = deadline - 15_000;
    expect(await run(id, 13)).toEqual({ kind: 'done' });
    expect(await statusOf(id)).toMatchObject({
      state: 'decided',
      result: 'INDETERMINATE',
      indication: 'INDETERMINATE',
      sub_indication: 'TRY_LATER',
    });
    const evidence = await pf.store.evidence.get(id);
    const again = verifyEvidence(evidence ?? new Uint8Array(0), anchorsOf(world.registry));
    expect([again.integrity.indication, again.result]).toEqual(['TOTAL-PASSED', 'INDETERMINATE']);
  });

  it('undecided at the deadline: its bundle is kept, and a person has it judged again until it is gone (R6)', async () => {
    const undecided = async () => {
      const id = await submitted();
      world.source.mode = 'down';
      world.clock.millis = ((await stored(id))?.deadline ?? 0) - 15_000;
      expect(await run(id, 13)).toEqual({ kind: 'done' });
      world.source.mode = 'up';
      return id;
    };
    const id = await undecided();
    expect((await stored(id))?.secrets).toBeDefined();
    expect(await endedBy(pf.store.verifications, 'revocation.unavailable')).toContain(id);
    await judgeAgain(pf.operator, id as VerificationId, { by: 'test' });
    expect(await statusOf(id)).toMatchObject({ state: 'received' });
    expect((await statusOf(id)).result).toBeUndefined();
    expect(await pf.store.evidence.get(id)).toBeUndefined();
    expect(await run(id)).toEqual({ kind: 'done' });
    expect(await statusOf(id)).toMatchObject({ state: 'decided', result: 'OK' });
    expect((await stored(id))?.secrets).toBeUndefined();
    const evidence = (await pf.store.evidence.get(id)) ?? new Uint8Array(0);
    expect(verifyEvidence(evidence, anchorsOf(world.registry)).result).toBe('OK');
    await expect(judgeAgain(pf.operator, id as VerificationId, {})).rejects.toMatchObject({
      code: 'transaction.state',
    });
    // Both records have their link, and only the one that is there is listed.
    expect((await pf.store.archive.verify()).brokenAt).toBeUndefined();
    const kept = await pf.store.archive.kept(0, 500);
    expect(kept.filter((one) => one.id === id)).toHaveLength(1);
    const links = await pf.store.kysely.selectFrom('evidence_chain').selectAll().orderBy('seq').execute();
    const own = links.filter((link) => link.id === id);
    expect([own.length, own[1]?.record_sha256]).toEqual([2, sha256Hex(evidence)]);
    const { seq: lastSeq = 0, hash: head = '' } = links.at(-1) ?? {};
    const validUntil = world.clock.now();
    const period = { period: 1, firstSeq: 1, lastSeq, root: '', head, validUntil, algorithms: [] };
    await pf.store.archive.close({ ...period, tokens: [Buffer.from([1])], revocation: [], trees: [] }, []);
    const { ids } = await pf.store.archive.records(1);
    expect(own.map(({ seq }) => ids[seq - 1])).toEqual([undefined, id]);
    expect((await pf.store.archive.covering(id))?.index).toBe((own[1]?.seq ?? 0) - 1);

    const purged = await undecided();
    world.clock.millis = ((await stored(purged))?.purgeAt ?? 0) + 1;
    await sweep(pf.operator);
    expect(await statusOf(purged)).toMatchObject({ state: 'decided', result: 'INDETERMINATE' });
    expect(await endedBy(pf.store.verifications, 'revocation.unavailable')).not.toContain(purged);
    await expect(judgeAgain(pf.operator, purged as VerificationId, {})).rejects.toMatchObject({
      code: 'transaction.state',
    });
  });

  it('undecided at the deadline: the tenant hands it in again, and the first is judged no more', async () => {
    const submission = await submissionOf(world);
    const { id } = await world.service('alpha').submit(submission);
    world.source.mode = 'down';
    world.clock.millis = ((await stored(id))?.deadline ?? 0) - 15_000;
    await run(id, 13);
    world.source.mode = 'up';
    const anew = await world.service('alpha').submit({ ...submission, submission_id: 'in-again' });
    await expect(judgeAgain(pf.operator, id as VerificationId, {})).rejects.toMatchObject({
      code: 'binding.replay',
    });
    expect((await statusOf(id)).result).toBe('INDETERMINATE');
    await run(anew.id);
    expect((await statusOf(anew.id)).result).toBe('OK');
  });

  it('revoked between two tries: what is true at the time of the verdict counts (K10, K14)', async () => {
    const id = await submitted();
    world.source.mode = 'down';
    await run(id);
    world.registry.revoke(cardOf(world.registry, 'taro').signCertificate, {
      revokedAt: world.clock.now(),
      reason: 'affiliationChanged',
    });
    world.clock.millis += MINUTE;
    world.source.mode = 'up';
    await run(id, 2);
    expect((await statusOf(id)).result).toBe('CERTIFICATE_REVOKED');
  });

  it('a CRL fetched again within a minute is asked for once', async () => {
    const before = world.source.asked;
    await run(await submitted({ method: 'CRL' }));
    await run(await submitted({ method: 'CRL', profile: 'guideline' }));
    expect(world.source.asked - before).toBe(1);
    world.clock.millis += MINUTE;
    await run(await submitted({ method: 'CRL', profile: 'by-id' }));
    expect(world.source.asked - before).toBe(2);
  });
});

describe('the job is idempotent (Q1, Q3)', () => {
  it('a second run of a decided verification changes nothing and asks nobody', async () => {
    const id = await submitted();
    await run(id);
    const before = await stored(id);
    const asked = world.source.asked;
    expect(await run(id, 2)).toEqual({ kind: 'done' });
    expect(await stored(id)).toEqual(before);
    expect(world.source.asked).toBe(asked);
  });

  it('five runs at once are one verdict', async () => {
    const id = await submitted();
    const runs = await Promise.allSettled(Array.from({ length: 5 }, () => run(id)));
    const failures = runs.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(failures.every((one) => one instanceof JitsuinError && one.code === 'store.conflict')).toBe(true);
    await run(id);
    expect(await stored(id)).toMatchObject({ state: 'decided', result: 'OK', revision: 2 });
  });

  it('killed before the verdict was written: no evidence stands without it, and the next run judges anew', async () => {
    const id = await submitted();
    const dying = {
      ...pf.operator,
      verifications: {
        ...pf.operator.verifications,
        update: () => Promise.reject(new JitsuinError('store.unavailable', 'killed')),
      },
    };
    const job = {
      id: 'job',
      name: 'verify',
      version: 1,
      subject: id,
      attempt: 1,
      signal: AbortSignal.timeout(20_000),
    } as const;
    await expect(verify(dying, job)).rejects.toThrow('killed');
    expect(await pf.store.evidence.get(id)).toBeUndefined();
    world.source.mode = 'down';
    expect(await run(id, 2)).toMatchObject({ kind: 'later' });
    expect(await pf.store.evidence.get(id)).toBeUndefined();
    world.source.mode = 'up';
    expect(await run(id, 3)).toEqual({ kind: 'done' });
    expect(await stored(id)).toMatchObject({ state: 'decided', result: 'OK' });
    expect(await pf.store.evidence.get(id)).toBeDefined();
  });

  it('the bundle and the skeleton are gone once decided; refused, they are kept sealed until their clock (Q19)', async () => {
    const good = await submitted();
    const bad = await submitted({ fault: 'damaged-jwe' });
    await listen(bad);
    expect((await stored(good))?.secrets).toBeDefined();
    await run(good);
    await run(bad);
    expect((await stored(good))?.secrets).toBeUndefined();
    expect(await stored(bad)).toMatchObject({ state: 'refused', failure: { code: 'jwe.decrypt' } });
    expect(await toldOf(bad)).toEqual(['verification.refused']);
    const kept = await stored(bad);
    expect([kept?.secrets === undefined, kept?.purgeAt]).toEqual([
      false,
      world.clock.now() + 30 * 24 * 60 * MINUTE,
    ]);
    world.clock.millis = kept?.purgeAt ?? 0;
    await sweep(pf.operator);
    expect((await stored(bad))?.secrets).toBeUndefined();
    const audit = await pf.store.audit.verify();
    expect(audit.brokenAt).toBeUndefined();
  });
});

/** An endpoint of the tenant of this verification, for every event. */
async function listen(id: string): Promise<void> {
  const tenant = (await stored(id))?.tenant;
  if (tenant === undefined) throw new Error(`${id} is not there`);
  const now = world.clock.now();
  const place = { id: crypto.randomUUID(), url: `https://${id}.example/` };
  await pf.store.webhooks.insertEndpoint(
    {
      ...{ ...place, tenant, events: WEBHOOK_EVENTS, state: 'enabled', revision: 1 },
      ...{ secrets: [], createdAt: now, updatedAt: now },
    },
    10,
    { event: 'test', subject: id, tenant, at: now },
  );
}

async function toldOf(id: string): Promise<readonly string[]> {
  const rows = await pf.store.kysely
    .selectFrom('webhook_deliveries')
    .select('type')
    .where('subject', '=', id)
    .execute();
  // every endpoint of the tenant is told
  return [...new Set(rows.map(({ type }) => type))];
}

describe('the sweep', () => {
  it('ends what is past its deadline, keeps its bundle to be judged again, and the tenant is told', async () => {
    const id = await submitted();
    await listen(id);
    world.clock.millis = (await stored(id))?.deadline ?? 0;
    expect(await sweep(pf.operator)).toBe(1);
    expect(await stored(id)).toMatchObject({ state: 'expired', failure: { code: 'transaction.expired' } });
    expect((await stored(id))?.secrets).toBeDefined();
    expect(await sweep(pf.operator)).toBe(0);
    expect(await run(id)).toEqual({ kind: 'done' });
    expect(await toldOf(id)).toEqual(['verification.expired']);
  });

  it('publishes the job of one that nobody works on anew, after a quarter of an hour', async () => {
    const id = await submitted();
    expect(await sweep(pf.operator)).toBe(0);
    world.clock.millis += 15 * MINUTE + 1;
    expect(await sweep(pf.operator)).toBe(1);
    expect((await stored(id))?.revision).toBe(2);
    const jobs = await pf.store.kysely
      .selectFrom('jobs')
      .select('subject')
      .where('subject', '=', id)
      .execute();
    expect(jobs).toHaveLength(2);
  });
});
