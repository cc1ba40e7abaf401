import { expect, it } from 'vitest';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import { declareRestored } from '../../../src/adapters/store/upkeep/restore.ts';
import type { Approval } from '../../../src/ports/approval-store.ts';
import type { StaffMember, StaffPasskey, StaffSession } from '../../../src/ports/staff-store.ts';
import type { StoreHarness } from './harness.ts';
import { at, auditEvent } from './records.ts';

const operator = (id: string): StaffMember => ({
  ...{ id, name: '模擬 花子', role: 'administrator', state: 'invited' },
  ...{ handle: new Uint8Array([1, 0, 255]), createdAt: at(1), updatedAt: at(1) },
});
const invitation = (operatorId: string, secretHash = `hash-${operatorId}`) => ({
  ...{ secretHash, operatorId, expiresAt: at(1_000) },
});
const passkey = (operatorId: string, id = `key-${operatorId}`): StaffPasskey => ({
  ...{ id, operatorId, publicKey: new Uint8Array([5, 0, 250]), counter: 3, backedUp: true },
  ...{ transports: ['internal', 'hybrid'], createdAt: at(2), usedAt: at(2) },
});
const session = (operatorId: string, idHash = `session-${operatorId}`): StaffSession => ({
  ...{ idHash, operatorId, csrf: 'MARK-csrf', createdAt: at(3), seenAt: at(3), expiresAt: at(900) },
});
const approval = (id: string): Approval => ({
  ...{ id, kind: 'tenant.put', subject: 'tenant-x', payload: '{"名":1}', state: 'pending' },
  ...{ requestedBy: 'op-a', requestedAt: at(4), expiresAt: at(500) },
});

/** What the console's stores promise, whatever the engine. */
export function operatorsBehaviour(store: () => Store, harnessOfAll: StoreHarness): void {
  const invited = async (id: string) => {
    await store().operators.invite(operator(id), invitation(id), auditEvent('operator.invited'));
    return store().operators;
  };

  it('keeps operators; an invitation works once, however many answers come at once', async () => {
    const operators = await invited('op-1');
    expect(await operators.get('op-1')).toEqual(operator('op-1'));
    expect(await operators.findInvitation('hash-op-1')).toEqual(invitation('op-1'));
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, n) =>
        operators.enrol(
          invitation('op-1'),
          passkey('op-1', `key-1-${n}`),
          at(5),
          auditEvent('operator.enrolled'),
        ),
      ),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect((await operators.get('op-1'))?.state).toBe('active');
    const [kept] = await operators.passkeysOf('op-1');
    expect(kept).toEqual(passkey('op-1', kept?.id));
    expect(await operators.findPasskey(kept?.id ?? '')).toEqual(kept);
    expect(await operators.findInvitation('hash-op-1')).toBeUndefined();
  });

  it('an invitation past its end enrols nobody', async () => {
    const operators = await invited('op-2');
    const late = operators.enrol(invitation('op-2'), passkey('op-2'), at(1_000), auditEvent('x'));
    expect(await late).toBe(false);
    expect(await operators.findPasskey('key-op-2')).toBeUndefined();
    expect((await operators.get('op-2'))?.state).toBe('invited');
  });

  it('a login takes the counter by compare-and-set; disabling ends sessions and invitations, and no login comes after', async () => {
    const operators = await invited('op-3');
    await operators.enrol(invitation('op-3'), passkey('op-3'), at(5), auditEvent('x'));
    const used = { ...passkey('op-3'), counter: 4, usedAt: at(6) };
    const login = (counter: number, idHash: string) =>
      operators.login(used, counter, session('op-3', idHash), auditEvent('operator.logged-in'));
    expect(await Promise.all([login(3, 's-1'), login(3, 's-2')])).toEqual(
      expect.arrayContaining([true, false]),
    );
    expect((await operators.findPasskey('key-op-3'))?.counter).toBe(4);
    const open = (await operators.getSession('s-1')) ?? (await operators.getSession('s-2'));
    expect(open).toMatchObject({ operatorId: 'op-3', csrf: 'MARK-csrf' });
    await operators.touchSession(open?.idHash ?? '', at(50));
    expect((await operators.getSession(open?.idHash ?? ''))?.seenAt).toBe(50);
    await operators.invite(operator('op-3'), invitation('op-3', 'again'), auditEvent('x'));
    expect(await operators.disable('op-3', at(60), auditEvent('operator.disabled'))).toBe(true);
    expect(await operators.disable('op-3', at(60), auditEvent('x'))).toBe(false);
    expect(await operators.getSession(open?.idHash ?? '')).toBeUndefined();
    expect(await operators.findInvitation('again')).toBeUndefined();
    expect(await login(4, 's-3')).toBe(false);
    expect(
      await operators.enrol(invitation('op-3', 'again'), passkey('op-3', 'k'), at(7), auditEvent('x')),
    ).toBe(false);
  });

  it('sessions end with their record, and by the purge', async () => {
    const operators = await invited('op-4');
    await operators.putSession(session('op-4', 's-4'));
    await operators.putSession(session('op-4', 's-5'));
    const before = (await store().audit.verify()).records;
    await operators.endSession('s-4', auditEvent('operator.logged-out'));
    await operators.endSession('s-4', auditEvent('operator.logged-out'));
    expect((await store().audit.verify()).records).toBe(before + 1);
    expect(await operators.purge(at(899))).toBe(0);
    expect(await operators.purge(at(900))).toBe(1);
    expect(await operators.getSession('s-5')).toBeUndefined();
  });

  it('changes are decided once, and not by who asked', async () => {
    const { approvals } = store();
    await approvals.insert(approval('ap-1'), auditEvent('approval.requested'));
    await approvals.insert(approval('ap-2'), auditEvent('approval.requested'));
    const by = (decidedBy: string): Approval => ({
      ...approval('ap-1'),
      ...{ state: 'approved', decidedBy, decidedAt: at(9) },
    });
    expect(await approvals.update(by('op-a'), 'pending', auditEvent('x'))).toBe(false);
    const both = await Promise.all(
      ['op-b', 'op-c'].map((who) => approvals.update(by(who), 'pending', auditEvent('approval.approved'))),
    );
    expect(both.filter(Boolean)).toHaveLength(1);
    const failed: Approval = { ...by('op-b'), state: 'failed', code: 'key.state' };
    expect(await approvals.update(failed, 'approved', auditEvent('approval.failed'))).toBe(true);
    expect(await approvals.get('ap-1')).toMatchObject({
      state: 'failed',
      code: 'key.state',
      payload: '{"名":1}',
    });
    expect((await approvals.list({ limit: 5 })).map(({ id }) => id)).toEqual(['ap-2', 'ap-1']);
    expect((await approvals.list({ states: ['pending'], limit: 5 })).map(({ id }) => id)).toEqual(['ap-2']);
  });

  it('the audit chain reads back, newest first, by event and subject', async () => {
    const { audit } = store();
    const note = (event: string, subject: string) =>
      audit.append({ event, subject, tenant: 't', at: at(7), facts: { b: 1, a: 'x' }, code: 'key.state' });
    await note('console.one', 'console-subject');
    await note('console.two', 'console-subject');
    await note('console.one', 'subject-2');
    const [newest, older] = await audit.page({ event: 'console.one', limit: 5 });
    expect(newest).toMatchObject({ subject: 'subject-2', facts: { a: 'x', b: 1 }, code: 'key.state' });
    expect((newest?.seq ?? 0) - (older?.seq ?? 0)).toBe(2);
    const subjects = await audit.page({ subject: 'console-subject', limit: 5 });
    expect(subjects.map(({ event }) => event)).toEqual(['console.two', 'console.one']);
    const before = await audit.page({
      ...(newest === undefined ? {} : { before: newest }),
      event: 'console.two',
      limit: 1,
    });
    expect(before.map(({ event }) => event)).toEqual(['console.two']);
  });

  it('after a restore nobody is logged in, no invitation works, and no waiting change can be allowed', async () => {
    const harness = harnessOfAll.fresh();
    const own = await harness.open();
    await own.operators.invite(operator('op-9'), invitation('op-9'), auditEvent('operator.invited'));
    await own.operators.putSession(session('op-9'));
    await own.approvals.insert(approval('ap-9'), auditEvent('approval.requested'));
    await declareRestored(own, { now: at(100), ended: 0, keys: 'any' });
    expect(await own.operators.getSession('session-op-9')).toBeUndefined();
    expect(await own.operators.findInvitation('hash-op-9')).toBeUndefined();
    expect((await own.approvals.get('ap-9'))?.expiresAt).toBe(100);
    await own.close();
    await harness.end();
  });
}
