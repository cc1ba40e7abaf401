import type { EpochMillis } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import { DAY_MILLIS, MINUTE_MILLIS } from '../core/spans.ts';
import type { Approval, ApprovalKind } from '../ports/approval-store.ts';
import type { StaffMember } from '../ports/staff-store.ts';
import { may, requireRight } from './permissions.ts';
import type { StaffPorts } from './staff-ports.ts';

type Ports = Pick<StaffPorts, 'approvals' | 'operators' | 'clock' | 'random'>;

/**
 * Carries one kind of change out; what it is given was asked for by one administrator and allowed by another.
 * `again`: it was begun before, perhaps to its end; what was done then counts as done now.
 */
export type ApprovedChange = (approval: Approval, again: boolean) => Promise<void>;
export type ApprovedChanges = Readonly<Partial<Record<ApprovalKind, ApprovedChange>>>;

/** Within which a second administrator must have looked at it. */
export const APPROVAL_LIFE = DAY_MILLIS;
/** No change takes so long: one that is still `approved` then was cut off. */
export const CARRYING_OUT = 2 * MINUTE_MILLIS;

/** @throws JitsuinError `right.missing`, `store.*` */
export async function requestChange(
  ports: Ports,
  operator: StaffMember,
  change: Pick<Approval, 'kind' | 'subject' | 'payload'>,
): Promise<Approval> {
  requireRight(operator, 'approvals.change');
  const now = ports.clock.now();
  const approval: Approval = {
    id: ports.random.id(),
    ...change,
    state: 'pending',
    requestedBy: operator.id,
    requestedAt: now,
    expiresAt: (now + APPROVAL_LIFE) as EpochMillis,
  };
  await ports.approvals.insert(approval, auditOf(approval, operator, now));
  return approval;
}

/**
 * The second pair of eyes: allows the change and carries it out. Who asked for it cannot, and neither can anyone
 * after its end.
 * @throws JitsuinError `approval.own`, `approval.expired`, `approval.state`, `right.missing`, or what the change
 * itself throws
 */
export async function approveChange(
  ports: Ports,
  operator: StaffMember,
  approval: Approval,
  changes: ApprovedChanges,
): Promise<void> {
  requireRight(operator, 'approvals.change');
  if (approval.requestedBy === operator.id)
    throw new JitsuinError(
      'approval.own',
      'A change is approved by another administrator than asked for it.',
    );
  const now = ports.clock.now();
  if (approval.expiresAt <= now)
    throw new JitsuinError('approval.expired', 'The time to approve this change is over: ask for it again.');
  requireCarriedOutHere(approval, changes);
  await requireStillAllowed(ports, approval.requestedBy);
  const approved: Approval = { ...approval, state: 'approved', decidedBy: operator.id, decidedAt: now };
  await step(ports, operator, approved, 'pending');
  await carryOut(ports, operator, approved, changes, false);
}

/** Approved, but cut off before its end or failed: an administrator may finish or withdraw it. */
export function isUnfinished({ state, decidedAt, requestedAt }: Approval, now: EpochMillis): boolean {
  return state === 'failed' || (state === 'approved' && (decidedAt ?? requestedAt) + CARRYING_OUT <= now);
}

/** How long an allowed change may be carried out again; then it must be asked for anew. */
export function finishableUntil({ expiresAt }: Approval): EpochMillis {
  return (expiresAt + APPROVAL_LIFE) as EpochMillis;
}

/**
 * Carries out once more what two administrators agreed on, whichever of them (or a third) asks; of two who do so at
 * once, one does it.
 * @throws JitsuinError `approval.state`, `approval.expired`, `right.missing`, or what the change itself throws
 */
export async function finishChange(
  ports: Ports,
  operator: StaffMember,
  approval: Approval,
  changes: ApprovedChanges,
): Promise<void> {
  requireRight(operator, 'approvals.change');
  const now = ports.clock.now();
  if (!isUnfinished(approval, now)) throw decided();
  if (finishableUntil(approval) <= now)
    throw new JitsuinError(
      'approval.expired',
      'The time to carry out this change is over: ask for it again.',
    );
  requireCarriedOutHere(approval, changes);
  await requireStillAllowed(ports, approval.requestedBy);
  if (approval.decidedBy !== undefined) await requireStillAllowed(ports, approval.decidedBy);
  const { code: _before, ...rest } = approval;
  const approved: Approval = { ...rest, state: 'approved', decidedAt: now };
  const audit = { ...auditOf(approved, operator, now), event: 'approval.resumed' };
  if (!(await ports.approvals.update(approved, approval.state, audit, approval.decidedAt))) throw decided();
  await carryOut(ports, operator, approved, changes, true);
}

/**
 * Whose word a change stands on: who was disabled meanwhile, or lost the right, has none in it any more.
 * @throws JitsuinError `approval.state`
 */
async function requireStillAllowed({ operators }: Ports, id: string): Promise<void> {
  const operator = await operators.get(id);
  if (operator?.state === 'active' && may(operator, 'approvals.change')) return;
  throw new JitsuinError(
    'approval.state',
    'Somebody on whose word this change stands is no administrator any more: it must be asked for again.',
  );
}

function requireCarriedOutHere({ kind }: Approval, changes: ApprovedChanges): void {
  if (changes[kind] === undefined)
    throw new JitsuinError('approval.state', 'This change cannot be made here.');
}

/**
 * The state `done` and its audit record are one transaction; the change before it lies in files, and is known again
 * by its effect.
 */
async function carryOut(
  ports: Ports,
  operator: StaffMember,
  approved: Approval,
  changes: ApprovedChanges,
  again: boolean,
): Promise<void> {
  const { decidedAt } = approved;
  try {
    await changes[approved.kind]?.(approved, again);
  } catch (thrown) {
    const { code } = asJitsuinError(thrown);
    await step(ports, operator, { ...approved, state: 'failed', code }, 'approved', decidedAt);
    throw thrown;
  }
  await step(ports, operator, { ...approved, state: 'done' }, 'approved', decidedAt);
}

/**
 * Not to be: by another administrator (`declined`) or by who asked for it (`withdrawn`). An unfinished change is
 * withdrawn by any of them, which undoes nothing of it.
 * @throws JitsuinError `approval.state`
 */
export async function refuseChange(ports: Ports, operator: StaffMember, approval: Approval): Promise<void> {
  requireRight(operator, 'approvals.change');
  const now = ports.clock.now();
  if (isUnfinished(approval, now)) {
    const { state, decidedAt } = approval;
    return step(ports, operator, { ...approval, state: 'withdrawn' }, state, decidedAt);
  }
  const state = approval.requestedBy === operator.id ? 'withdrawn' : 'declined';
  await step(ports, operator, { ...approval, state, decidedBy: operator.id, decidedAt: now }, 'pending');
}

async function step(
  ports: Ports,
  operator: StaffMember,
  next: Approval,
  from: Approval['state'],
  takenUp?: EpochMillis,
): Promise<void> {
  const audit = auditOf(next, operator, ports.clock.now());
  if (!(await ports.approvals.update(next, from, audit, takenUp))) throw decided();
}

function decided(): JitsuinError {
  return new JitsuinError('approval.state', 'Somebody has decided about this change already.');
}

function auditOf(approval: Approval, operator: StaffMember, at: EpochMillis) {
  const { id, kind, subject, state, code } = approval;
  const event = `approval.${state === 'pending' ? 'requested' : state}`;
  const facts = { kind, of: subject, operator: operator.id };
  return defined({
    event,
    subject: id,
    tenant: '',
    at,
    facts,
    code,
  });
}
