import type { EpochMillis } from '../core/brand.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import type { Approval, ApprovalKind } from '../ports/approval-store.ts';
import type { Operator } from '../ports/operator-store.ts';
import type { OperatorPorts } from './operator-ports.ts';
import { requireRight } from './permissions.ts';

type Ports = Pick<OperatorPorts, 'approvals' | 'clock' | 'random'>;

/** Carries one kind of change out; what it is given was asked for by one administrator and allowed by another. */
export type ApprovedChange = (approval: Approval) => Promise<void>;
export type ApprovedChanges = Readonly<Partial<Record<ApprovalKind, ApprovedChange>>>;

/** Within which a second administrator must have looked at it. */
export const APPROVAL_LIFE = 24 * 60 * 60_000;

/** @throws JitsuinError `http.forbidden`, `store.*` */
export async function requestChange(
  ports: Ports,
  operator: Operator,
  change: Pick<Approval, 'kind' | 'subject' | 'payload'>,
): Promise<Approval> {
  requireRight(operator, 'approvals.change');
  const now = ports.clock.now();
  const approval: Approval = {
    ...{ id: ports.random.id(), ...change, state: 'pending', requestedBy: operator.id },
    ...{ requestedAt: now, expiresAt: (now + APPROVAL_LIFE) as EpochMillis },
  };
  await ports.approvals.insert(approval, auditOf(approval, operator, now));
  return approval;
}

/**
 * The second pair of eyes: allows the change and carries it out. Who asked for it cannot, and neither can anyone after its end.
 * @throws JitsuinError `approval.own`, `approval.expired`, `approval.state`, `http.forbidden`, or what the change itself throws
 */
export async function approveChange(
  ports: Ports,
  operator: Operator,
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
  const carryOut = changes[approval.kind];
  if (carryOut === undefined) throw new JitsuinError('approval.state', 'This change cannot be made here.');
  const approved: Approval = { ...approval, state: 'approved', decidedBy: operator.id, decidedAt: now };
  await step(ports, operator, approved, 'pending');
  try {
    await carryOut(approved);
  } catch (thrown) {
    const { code } = asJitsuinError(thrown);
    await step(ports, operator, { ...approved, state: 'failed', code }, 'approved');
    throw thrown;
  }
  await step(ports, operator, { ...approved, state: 'done' }, 'approved');
}

/** Not to be: by another administrator (`declined`) or by who asked for it (`withdrawn`). @throws JitsuinError `approval.state` */
export async function refuseChange(ports: Ports, operator: Operator, approval: Approval): Promise<void> {
  requireRight(operator, 'approvals.change');
  const state = approval.requestedBy === operator.id ? 'withdrawn' : 'declined';
  const decidedAt = ports.clock.now();
  await step(ports, operator, { ...approval, state, decidedBy: operator.id, decidedAt }, 'pending');
}

async function step(
  ports: Ports,
  operator: Operator,
  next: Approval,
  from: Approval['state'],
): Promise<void> {
  if (await ports.approvals.update(next, from, auditOf(next, operator, ports.clock.now()))) return;
  throw new JitsuinError('approval.state', 'Somebody has decided about this change already.');
}

function auditOf(approval: Approval, operator: Operator, at: EpochMillis) {
  const { id, kind, subject, state, code } = approval;
  const event = `approval.${state === 'pending' ? 'requested' : state}`;
  const facts = { kind, of: subject, operator: operator.id };
  return { event, subject: id, tenant: '', at, facts, ...(code === undefined ? {} : { code }) };
}
