import { expect, it } from 'vitest';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import type { JobRequest } from '../../../src/ports/job-queue.ts';
import { code } from './code.ts';
import { application, applicationId, auditEvent, NOTHING } from './records.ts';

export function effectsBehaviour(store: () => Store): void {
  const job = (key: string): JobRequest => ({ name: 'fetch-result', subject: 'subject-1', key });

  it('writes state, jobs and audit together, and tells this process of new jobs after the commit', async () => {
    let woken = 0;
    const stop = store().onJobs(() => {
      woken += 1;
    });
    const effects = { jobs: [job('together')], audit: [auditEvent('application.received')] };
    await store().applications.insert(application('together'), effects);
    stop();
    const jobs = await store()
      .kysely.selectFrom('jobs')
      .selectAll()
      .where('job_key', '=', 'together')
      .execute();
    expect(jobs.map(({ name, subject, state }) => ({ name, subject, state }))).toEqual([
      { name: 'fetch-result', subject: 'subject-1', state: 'waiting' },
    ]);
    expect(woken).toBe(1);
  });

  it('keeps the first job of a key', async () => {
    for (const id of ['key-1', 'key-2']) {
      await store().applications.insert(application(id), { jobs: [job('same-key')], audit: [] });
    }
    const jobs = await store()
      .kysely.selectFrom('jobs')
      .select('id')
      .where('job_key', '=', 'same-key')
      .execute();
    expect(jobs).toHaveLength(1);
  });

  it('rolls state and jobs back when the audit record cannot be written', async () => {
    const { kysely, applications } = store();
    // an end that this process has not written
    await kysely
      .updateTable('audit_chains')
      .set({ hash: 'f'.repeat(64) })
      .execute();
    const before = await kysely
      .selectFrom('audit_records')
      .selectAll()
      .orderBy('chain')
      .orderBy('seq')
      .execute();
    const effects = { jobs: [job('rolled-back')], audit: [auditEvent('application.received')] };
    await expect(applications.insert(application('no-audit'), effects)).rejects.toEqual(
      code('seal.integrity'),
    );
    for (const { chain, hash } of before)
      await kysely.updateTable('audit_chains').set({ hash }).where('id', '=', chain).execute();
    expect(await applications.get(applicationId('no-audit'))).toBeUndefined();
    expect(
      await kysely.selectFrom('jobs').select('id').where('job_key', '=', 'rolled-back').execute(),
    ).toEqual([]);
    await applications.insert(application('no-audit'), effects);
  });

  it('chains the audit records of concurrent writers without a fork', async () => {
    const before = await store().audit.verify();
    const writes = Array.from({ length: 40 }, (_, n) =>
      store().applications.insert(application(`chain-${n}`), { audit: [auditEvent('a'), auditEvent('b')] }),
    );
    await Promise.all([...writes, store().audit.append(auditEvent('alone'))]);
    const after = await store().audit.verify();
    expect(after.records).toBe(before.records + 81);
    expect(after.brokenAt).toBeUndefined();
  });

  it('refuses to change or delete an audit record', async () => {
    const { kysely } = store();
    await expect(
      kysely.updateTable('audit_records').set({ event: 'x' }).where('seq', '=', 1).execute(),
    ).rejects.toThrow();
    await expect(kysely.deleteFrom('audit_records').where('seq', '=', 1).execute()).rejects.toThrow();
  });

  it('refuses text that the engines would cut or change, and writes nothing', async () => {
    for (const [id, displayName] of [
      ['nul', 'a\0b'],
      ['lone', 'a\ud842b'],
    ] as const) {
      await expect(store().applications.insert(application(id, { displayName }), NOTHING)).rejects.toEqual(
        code('store.value'),
      );
      expect(await store().applications.get(applicationId(id))).toBeUndefined();
    }
  });
}
