import { JitsuinError } from '../core/errors.ts';
import type { Operator, OperatorRole } from '../ports/operator-store.ts';

const EVERYONE: readonly OperatorRole[] = ['viewer', 'operator', 'auditor', 'administrator'];
const WORKING: readonly OperatorRole[] = ['operator', 'administrator'];
const EXAMINING: readonly OperatorRole[] = ['auditor', 'administrator'];
const ADMINISTRATORS: readonly OperatorRole[] = ['administrator'];

/** The one table of rights: what is done → who may. Every route of the console names one of these acts. */
export const PERMISSIONS = {
  'records.read': EVERYONE,
  'metrics.read': EVERYONE,
  'work.read': EVERYONE,
  'work.change': WORKING,
  'status.check': WORKING,
  'personal.show': WORKING,
  'evidence.export': WORKING,
  'evidence.check': ['operator', 'auditor', 'administrator'],
  'evidence.ageing': EXAMINING,
  'fees.read': EXAMINING,
  'audit.read': EXAMINING,
  'keys.read': EXAMINING,
  'tenants.read': EXAMINING,
  'operators.read': EXAMINING,
  'approvals.read': EXAMINING,
  'approvals.change': ADMINISTRATORS,
  'operators.change': ADMINISTRATORS,
} as const satisfies Readonly<Record<string, readonly OperatorRole[]>>;

export type ConsoleAct = keyof typeof PERMISSIONS;

export function may({ role }: Pick<Operator, 'role'>, act: ConsoleAct): boolean {
  const allowed: readonly OperatorRole[] = PERMISSIONS[act];
  return allowed.includes(role);
}

/** @throws JitsuinError `right.missing` */
export function requireRight(operator: Operator, act: ConsoleAct): void {
  if (may(operator, act)) return;
  throw new JitsuinError('right.missing', `The role "${operator.role}" does not have the right "${act}".`);
}
