import { expect, it } from 'vitest';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import { applyEvent } from '../../../src/core/sign-transaction/machine.ts';
import { code } from './code.ts';
import {
  application,
  applicationId,
  at,
  auditEvent,
  FULL_APPLICATION,
  FULL_VERIFICATION,
  MARKED,
  NOTHING,
  OTHER_TENANT,
  TENANT,
  verification,
  verificationId,
} from './records.ts';

export function recordsBehaviour(store: () => Store): void {
  it('gives back every field of an application and a verification, octet for octet', async () => {
    await store().applications.insert(FULL_APPLICATION, NOTHING);
    expect(await store().applications.get(FULL_APPLICATION.id)).toEqual(FULL_APPLICATION);
    expect(await store().verifications.insert(FULL_VERIFICATION, NOTHING)).toBe(true);
    expect(await store().verifications.get(FULL_VERIFICATION.id)).toEqual(FULL_VERIFICATION);
  });

  it('finds by state hash, subject hash, submission key and bundle hash, within the tenant where one is given', async () => {
    const { applications, verifications } = store();
    expect((await applications.findByStateHash('a'.repeat(64)))?.id).toBe('full');
    expect(await applications.findByStateHash('f'.repeat(64))).toBeUndefined();
    expect((await applications.findBySubjectHash('b'.repeat(64), ['received'])).map(({ id }) => id)).toEqual([
      'full',
    ]);
    expect(await applications.findBySubjectHash('b'.repeat(64), ['decided'])).toEqual([]);
    expect(await applications.get(FULL_APPLICATION.id, OTHER_TENANT)).toBeUndefined();
    expect((await verifications.findBySubmissionKey(TENANT, 'key-full'))?.id).toBe('full');
    expect(await verifications.findBySubmissionKey(OTHER_TENANT, 'key-full')).toBeUndefined();
    expect((await verifications.findByBundleHash('bundle-full'))?.id).toBe('full');
    expect(await verifications.get(FULL_VERIFICATION.id, OTHER_TENANT)).toBeUndefined();
  });

  it('gives a glance without reading the document or opening what it does not give', async () => {
    const { applications, kysely } = store();
    const { secrets, ...open } = FULL_APPLICATION;
    const glance = { application: open, signLink: secrets.signLink };
    expect(await applications.glance(FULL_APPLICATION.id, TENANT)).toEqual(glance);
    expect(await applications.glance(FULL_APPLICATION.id, OTHER_TENANT)).toBeUndefined();
    const column = kysely.selectFrom('applications').select('sealed_access_token').where('id', '=', 'full');
    const { sealed_access_token } = await column.executeTakeFirstOrThrow();
    const write = (octets: Uint8Array | null) =>
      kysely
        .updateTable('applications')
        .set({ sealed_access_token: octets })
        .where('id', '=', 'full')
        .execute();
    await write(new Uint8Array([1]));
    expect(await applications.glance(FULL_APPLICATION.id, TENANT)).toEqual(glance);
    await write(sealed_access_token);
    await applications.insert(application('no-way-in'), NOTHING);
    expect(await applications.glance(applicationId('no-way-in'), TENANT)).not.toHaveProperty('signLink');
  });

  it('leaves the document where it is for who does not need it, also in the change that follows', async () => {
    const { applications, verifications, kysely } = store();
    const { document, ...secrets } = application('lean').secrets ?? {};
    await applications.insert(application('lean'), NOTHING);
    const read = await applications.withoutDocument(applicationId('lean'), TENANT);
    expect(read).toEqual({ ...application('lean'), secrets });
    expect(await applications.withoutDocument(applicationId('lean'), OTHER_TENANT)).toBeUndefined();
    const changed = { ...(read ?? application('lean')), revision: 2 };
    expect(await applications.update(changed, NOTHING)).toBe(true);
    expect((await applications.get(applicationId('lean')))?.secrets?.document).toEqual(document);
    await verifications.insert(verification('lean'), NOTHING);
    const { secrets: _left, ...plain } = verification('lean');
    expect(await verifications.glance(verificationId('lean'), TENANT)).toEqual(plain);
    expect(await verifications.glance(verificationId('lean'), OTHER_TENANT)).toBeUndefined();
    // one whose document is gone is whole no more, and is still read without it
    await kysely.deleteFrom('application_documents').where('id', '=', 'lean').execute();
    expect(await applications.get(applicationId('lean'))).not.toHaveProperty('secrets');
    expect(await applications.withoutDocument(applicationId('lean'))).toMatchObject({ secrets });
  });

  it('refuses a second record under the same id or state hash', async () => {
    await expect(store().applications.insert(application('full'), NOTHING)).rejects.toEqual(
      code('store.conflict'),
    );
    const sameState = application('other', { stateHash: 'a'.repeat(64) });
    await expect(store().applications.insert(sameState, NOTHING)).rejects.toEqual(code('store.conflict'));
  });

  it('takes a submission once per tenant', async () => {
    const again = verification('again', { submissionKey: 'key-full' });
    expect(await store().verifications.insert(again, { audit: [auditEvent('verification.received')] })).toBe(
      false,
    );
    expect(await store().verifications.get(verificationId('again'))).toBeUndefined();
    expect(await store().verifications.insert({ ...again, tenant: OTHER_TENANT }, NOTHING)).toBe(true);
  });

  it('updates only the revision it was made from: of 20 at once one wins', async () => {
    await store().applications.insert(application('cas'), NOTHING);
    const next = application('cas', { revision: 2, state: 'opened' });
    const tries = Array.from({ length: 20 }, () =>
      store().applications.update(next, { audit: [auditEvent('cas.opened')] }),
    );
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    expect(await store().applications.update({ ...next, revision: 9 }, NOTHING)).toBe(false);
    expect(await store().applications.update({ ...next, revision: 3, tenant: OTHER_TENANT }, NOTHING)).toBe(
      false,
    );
    expect((await store().applications.get(next.id))?.revision).toBe(2);
    const written = await store()
      .kysely.selectFrom('audit_records')
      .select('seq')
      .where('event', '=', 'cas.opened')
      .execute();
    expect(written).toHaveLength(1);
  });

  it('purges the secrets with the update that leaves them out, and keeps the rest', async () => {
    const { secrets, ...kept } = application('purge');
    await store().applications.insert({ ...kept, secrets: { ...MARKED } }, NOTHING);
    expect(secrets).toBeDefined();
    expect(await store().applications.update({ ...kept, revision: 2, state: 'expired' }, NOTHING)).toBe(true);
    expect(await store().applications.get(kept.id)).toEqual({
      ...kept,
      revision: 2,
      state: 'expired',
      purged: true,
    });
    const documents = await store()
      .kysely.selectFrom('application_documents')
      .selectAll()
      .where('id', '=', 'purge')
      .execute();
    expect(documents).toEqual([]);
    const row = await store()
      .kysely.selectFrom('applications')
      .selectAll()
      .where('id', '=', 'purge')
      .executeTakeFirstOrThrow();
    const sealed = Object.entries(row).filter(([column]) => column.startsWith('sealed_'));
    expect(sealed.length).toBeGreaterThan(10);
    expect(sealed.every(([, value]) => value === null)).toBe(true);
  });

  it('files beside a document are kept sealed in their order, belong to their record, and go with it', async () => {
    const { applications, verifications, kysely } = store();
    const files = ['一.xml', '二.pdf', '空'].map((name, index) => ({
      name,
      octets: Uint8Array.from(Buffer.from('MARKFILE'.repeat(index * 500))),
    }));
    const { secrets, ...kept } = application('files');
    await applications.insert({ ...kept, secrets: { ...MARKED } }, NOTHING, files);
    await verifications.insert(verification('files'), NOTHING, files.slice(0, 2));
    expect(secrets).toBeDefined();
    expect(await applications.files(kept.id, kept.tenant)).toEqual(files);
    expect(await verifications.files(verificationId('files'), kept.tenant)).toEqual(files.slice(0, 2));
    expect(await applications.files(kept.id, OTHER_TENANT)).toEqual([]);
    const rows = await kysely.selectFrom('application_files').selectAll().where('id', '=', 'files').execute();
    expect(rows.map(({ sealed_octets }) => Buffer.from(sealed_octets).includes('MARKFILE'))).toEqual([
      false,
      false,
      false,
    ]);
    const [first] = rows;
    await kysely
      .updateTable('application_files')
      .set({ sealed_octets: first?.sealed_octets ?? new Uint8Array() })
      .where('id', '=', 'files')
      .where('position', '=', 1)
      .execute();
    await expect(applications.files(kept.id, kept.tenant)).rejects.toEqual(code('seal.integrity'));
    expect(await applications.update({ ...kept, revision: 2, state: 'expired' }, NOTHING)).toBe(true);
    expect(await applications.files(kept.id, kept.tenant)).toEqual([]);
  });

  it('lists newest first, page by page, by tenant and state, without secrets', async () => {
    for (const id of ['l1', 'l2', 'l3']) {
      await store().applications.insert(application(id, { tenant: OTHER_TENANT }), NOTHING);
    }
    const page = await store().applications.list({ tenant: OTHER_TENANT, limit: 2 });
    expect(page.map(({ id }) => id)).toEqual(['l3', 'l2']);
    expect(page.every(({ secrets }) => secrets === undefined)).toBe(true);
    const rest = await store().applications.list({
      tenant: OTHER_TENANT,
      limit: 2,
      after: applicationId('l2'),
    });
    expect(rest.map(({ id }) => id)).toEqual(['l1']);
    expect(await store().applications.list({ tenant: OTHER_TENANT, limit: 2, states: ['decided'] })).toEqual(
      [],
    );
  });

  it('tells what is due and what is stuck, and nothing else', async () => {
    const { applications } = store();
    await applications.insert(application('late', { deadline: at(1_000), purgeAt: at(5_000) }), NOTHING);
    await applications.insert(
      application('ended', { state: 'failed', deadline: at(1_000), purgeAt: at(2_000) }),
      NOTHING,
    );
    const ids = async (now: number) => (await applications.due(at(now), 10)).map(({ id }) => id);
    expect(await ids(999)).toEqual([]);
    expect(await ids(1_000)).toEqual(['late']);
    expect(await ids(2_000)).toEqual(['late', 'ended']);
    expect((await applications.due(at(2_000), 1)).map(({ id }) => id)).toEqual(['late']);
    // with its secrets, but for the document, which nothing that ends needs
    const [due] = await applications.due(at(2_000), 10);
    expect(due?.secrets).toMatchObject({ prepared: expect.any(String) });
    expect(due?.secrets).not.toHaveProperty('document');
    await applications.insert(application('stuck', { state: 'authorized', updatedAt: at(500) }), NOTHING);
    const stuck = async (before: number) =>
      (await applications.stuck(['authorized'], at(before), 10)).map(({ id }) => id);
    expect(await stuck(500)).toEqual([]);
    expect(await stuck(501)).toEqual(['stuck']);
    await applications.insert(
      application('later', { state: 'exchanging', deadline: at(2_001), purgeAt: at(9_000) }),
      NOTHING,
    );
    await applications.insert(
      application('sooner', { state: 'exchanging', deadline: at(2_000), purgeAt: at(9_000) }),
      NOTHING,
    );
    const standing = (until: number, limit = 10) => applications.standing('exchanging', at(until), limit);
    expect((await standing(1_999)).length).toBe(0);
    expect((await standing(2_001)).map(({ id }) => id)).toEqual(['sooner', 'later']);
    expect((await standing(2_001, 1)).map(({ id, secrets }) => [id, secrets])).toEqual([
      ['sooner', undefined],
    ]);
  });

  it('a record whose seal is broken is due without its secrets, can end, is not stuck, and holds up no other', async () => {
    const { applications, verifications, kysely } = store();
    const clocks = { deadline: at(50), purgeAt: at(60), updatedAt: at(40) };
    for (const id of ['whole-seal', 'broken-seal']) {
      await applications.insert(application(id, { state: 'authorized', ...clocks }), NOTHING);
      await verifications.insert(verification(id, clocks), NOTHING);
    }
    const broken = (sealed: Uint8Array) =>
      sealed.map((octet, n) => (n === sealed.length - 1 ? octet ^ 1 : octet));
    const skeleton = kysely.selectFrom('verification_documents').select('sealed_document');
    const { sealed_document } = await skeleton.where('id', '=', 'broken-seal').executeTakeFirstOrThrow();
    const documents = kysely.updateTable('verification_documents').where('id', '=', 'broken-seal');
    await documents.set({ sealed_document: broken(sealed_document) }).execute();
    const prepared = kysely
      .selectFrom('applications')
      .select('sealed_prepared')
      .where('id', '=', 'broken-seal');
    const { sealed_prepared } = await prepared.executeTakeFirstOrThrow();
    const rows = kysely.updateTable('applications').where('id', '=', 'broken-seal');
    await rows.set({ sealed_prepared: broken(sealed_prepared ?? new Uint8Array(1)) }).execute();
    const seen = (records: readonly { readonly id: string; readonly secrets?: object }[]) =>
      Object.fromEntries(
        records
          .filter(({ id }) => id.endsWith('-seal'))
          .map(({ id, secrets }) => [id, secrets !== undefined]),
      );
    for (const records of [applications, verifications]) {
      expect(seen(await records.due(at(50), 10))).toEqual({ 'whole-seal': true, 'broken-seal': false });
    }
    expect(seen(await applications.stuck(['authorized'], at(41), 10))).toEqual({ 'whole-seal': true });
    expect(seen(await verifications.stuck(['received'], at(41), 10))).toEqual({ 'whole-seal': true });
    for (const late of (await applications.due(at(50), 10)).filter(({ id }) => id.endsWith('-seal')))
      expect(await applications.update(applyEvent(late, { kind: 'timed-out' }, at(50)), NOTHING)).toBe(true);
    expect(await applications.get(applicationId('broken-seal'))).toMatchObject({ state: 'restart-needed' });
    const left = kysely.selectFrom('application_documents').select('id');
    expect(await left.where('id', '=', 'broken-seal').execute()).toEqual([]);
  });
}
