import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JitsuinError } from '../../../src/core/errors.ts';
import type { Approval } from '../../../src/ports/approval-store.ts';
import type { StaffMember } from '../../../src/ports/staff-store.ts';
import {
  APPROVAL_LIFE,
  type ApprovedChanges,
  approveChange,
  CARRYING_OUT,
  finishChange,
  refuseChange,
  requestChange,
} from '../../../src/staff/approvals.ts';
import { type OperatorKit, operatorKit, outcomeOf } from '../../support/staff-kit.ts';

let kit: OperatorKit;
let asking: StaffMember;
let second: StaffMember;
let done: string[];
let changes: ApprovedChanges;

beforeEach(async () => {
  kit = await operatorKit();
  [asking, second] = [
    (await kit.enrolled('administrator')).operator,
    (await kit.enrolled('administrator')).operator,
  ];
  done = [];
  changes = { 'key.activate': async ({ subject }) => void done.push(subject) };
});
afterEach(() => kit.close());

const ask = () => requestChange(kit.ports, asking, { kind: 'key.activate', subject: 'kid-1', payload: '{}' });
const approve = (operator: StaffMember, approval: Approval) =>
  outcomeOf(approveChange(kit.ports, operator, approval, changes));
const stateOf = async (id: string) => (await kit.ports.approvals.get(id))?.state;
const trail = async (id: string) =>
  (await kit.store.audit.page({ subject: id, limit: 9 })).map(({ event, facts }) => [
    event,
    facts?.['operator'],
  ]);

describe('changes that need two administrators', () => {
  it('are carried out when another one allows them, once', async () => {
    const approval = await ask();
    expect(done).toEqual([]);
    expect(await approve(second, approval)).toBe('accepted');
    expect(done).toEqual(['kid-1']);
    expect(await stateOf(approval.id)).toBe('done');
    expect(await approve(second, approval)).toBe('approval.state');
    expect(done).toEqual(['kid-1']);
    expect((await trail(approval.id)).reverse()).toEqual([
      ['approval.requested', asking.id],
      ['approval.approved', second.id],
      ['approval.done', second.id],
    ]);
  });

  it('do not go through on the word of somebody who was disabled meanwhile', async () => {
    const approval = await ask();
    const at = kit.clock.now();
    const audit = { event: 'operator.disabled', subject: asking.id, tenant: '', at };
    expect(await kit.ports.operators.disable(asking.id, at, audit)).toBe(true);
    expect(await approve(second, approval)).toBe('approval.state');
    expect([done, await stateOf(approval.id)]).toEqual([[], 'pending']);
  });

  it('are never allowed by who asked, not even by the statement of the store', async () => {
    const approval = await ask();
    expect(await approve(asking, approval)).toBe('approval.own');
    const own: Approval = { ...approval, state: 'approved', decidedBy: asking.id };
    const at = kit.clock.now();
    const audit = { event: 'x', subject: approval.id, tenant: '', at };
    expect(await kit.ports.approvals.update(own, 'pending', audit)).toBe(false);
    expect(done).toEqual([]);
    expect(await stateOf(approval.id)).toBe('pending');
  });

  it('of two who allow it at once, one carries it out', async () => {
    const third = (await kit.enrolled('administrator')).operator;
    const approval = await ask();
    const outcomes = await Promise.all([approve(second, approval), approve(third, approval)]);
    expect(outcomes.sort()).toEqual(['accepted', 'approval.state']);
    expect(done).toEqual(['kid-1']);
  });

  it('end by their clock', async () => {
    const approval = await ask();
    kit.clock.advance(APPROVAL_LIFE);
    expect(await approve(second, approval)).toBe('approval.expired');
    expect(done).toEqual([]);
  });

  it('are declined by another and withdrawn by who asked; then nobody can allow them', async () => {
    const [first, other] = [await ask(), await ask()];
    await refuseChange(kit.ports, second, first);
    await refuseChange(kit.ports, asking, other);
    expect([await stateOf(first.id), await stateOf(other.id)]).toEqual(['declined', 'withdrawn']);
    expect(await approve(second, first)).toBe('approval.state');
    expect(await outcomeOf(refuseChange(kit.ports, second, first))).toBe('approval.state');
    expect(done).toEqual([]);
  });

  it('say why they failed', async () => {
    changes = {
      'key.activate': async () => {
        throw new JitsuinError('key.state', 'expired');
      },
    };
    const approval = await ask();
    expect(await approve(second, approval)).toBe('key.state');
    expect(await kit.ports.approvals.get(approval.id)).toMatchObject({ state: 'failed', code: 'key.state' });
  });

  it('a kind that this console does not carry out stays pending', async () => {
    const approval = await ask();
    changes = {};
    expect(await approve(second, approval)).toBe('approval.state');
    expect(await stateOf(approval.id)).toBe('pending');
  });

  it.each(['viewer', 'operator', 'auditor'] as const)(
    '%s may neither ask nor allow nor refuse',
    async (role) => {
      const { operator } = await kit.enrolled(role);
      const approval = await ask();
      expect(await approve(operator, approval)).toBe('right.missing');
      expect(await outcomeOf(refuseChange(kit.ports, operator, approval))).toBe('right.missing');
      const asked = requestChange(kit.ports, operator, { kind: 'key.expire', subject: 'k', payload: '{}' });
      expect(await outcomeOf(asked)).toBe('right.missing');
      expect(done).toEqual([]);
    },
  );
});

describe('a change that was cut off while it was carried out', () => {
  /** The process dies after the change was made, before its end was stored. */
  const cutOff = async () => {
    const approval = await ask();
    const { approvals } = kit.ports;
    const dying: typeof approvals = {
      ...approvals,
      update: (next, ...rest) =>
        next.state === 'done' ? Promise.reject(new Error('died')) : approvals.update(next, ...rest),
    };
    await expect(
      approveChange({ ...kit.ports, approvals: dying }, second, approval, changes),
    ).rejects.toThrow('died');
    return approval.id;
  };
  const kept = async (id: string) => {
    const found = await kit.ports.approvals.get(id);
    if (found === undefined) throw new Error('gone');
    return found;
  };
  const finish = async (operator: StaffMember, id: string) =>
    outcomeOf(finishChange(kit.ports, operator, await kept(id), changes));

  it('is finished by an administrator when nobody can be at it any more, and knows that it was begun', async () => {
    const begun: boolean[] = [];
    changes = { 'key.activate': async (_approval, again) => void begun.push(again) };
    const id = await cutOff();
    kit.clock.advance(CARRYING_OUT - 1);
    expect(await finish(asking, id)).toBe('approval.state');
    expect(await outcomeOf(refuseChange(kit.ports, asking, await kept(id)))).toBe('approval.state');
    kit.clock.advance(1);
    expect(await finish(asking, id)).toBe('accepted');
    expect(begun).toEqual([false, true]);
    expect(await kept(id)).toMatchObject({ state: 'done', decidedBy: second.id });
    expect((await trail(id)).reverse().slice(1)).toEqual([
      ['approval.approved', second.id],
      ['approval.resumed', asking.id],
      ['approval.done', asking.id],
    ]);
    expect(await finish(asking, id)).toBe('approval.state');
  });

  it('is taken up by one of two, and the run that was thought dead cannot end it', async () => {
    const id = await cutOff();
    const before = await kept(id);
    kit.clock.advance(CARRYING_OUT);
    const outcomes = await Promise.all([asking, second].map((operator) => finish(operator, id)));
    expect(outcomes.sort()).toEqual(['accepted', 'approval.state']);
    expect(done).toEqual(['kid-1', 'kid-1']);
    const late = { event: 'x', subject: id, tenant: '', at: kit.clock.now() };
    expect(await kit.ports.approvals.update(before, 'done', late, before.decidedAt)).toBe(false);
  });

  it('is withdrawn by any administrator, and ends by its clock', async () => {
    const [first, other] = [await cutOff(), await cutOff()];
    kit.clock.advance(CARRYING_OUT);
    await refuseChange(kit.ports, asking, await kept(first));
    expect(await stateOf(first)).toBe('withdrawn');
    expect(await finish(second, first)).toBe('approval.state');
    kit.clock.advance(2 * APPROVAL_LIFE);
    expect(await finish(second, other)).toBe('approval.expired');
    expect(done).toHaveLength(2);
    const { operator } = await kit.enrolled('auditor');
    expect(await finish(operator, other)).toBe('right.missing');
  });

  it('that failed is carried out again and loses its reason', async () => {
    changes = {
      'key.activate': async (_approval, again) => {
        if (!again) throw new JitsuinError('key.state', 'expired');
      },
    };
    const approval = await ask();
    expect(await approve(second, approval)).toBe('key.state');
    expect(await finish(second, approval.id)).toBe('accepted');
    const { state, code } = await kept(approval.id);
    expect([state, code]).toEqual(['done', undefined]);
  });
});
