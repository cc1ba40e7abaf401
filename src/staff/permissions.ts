import { JitsuinError } from '../core/errors.ts';
import type { StaffMember, StaffRole } from '../ports/staff-store.ts';

const EVERYONE: readonly StaffRole[] = ['viewer', 'operator', 'auditor', 'administrator'];
const WORKING: readonly StaffRole[] = ['operator', 'administrator'];
const EXAMINING: readonly StaffRole[] = ['auditor', 'administrator'];
const ADMINISTRATORS: readonly StaffRole[] = ['administrator'];

/** The one table of rights: what is done → who may. Every route of the console names one of these acts. */
const PERMISSIONS = {
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
  'webhooks.read': EVERYONE,
  'webhooks.change': WORKING,
  'api-keys.read': EXAMINING,
  'api-keys.change': ADMINISTRATORS,
  'settings.read': EVERYONE,
  'operators.read': EXAMINING,
  'approvals.read': EXAMINING,
  'approvals.change': ADMINISTRATORS,
  'operators.change': ADMINISTRATORS,
} as const satisfies Readonly<Record<string, readonly StaffRole[]>>;

export type ConsoleAct = keyof typeof PERMISSIONS;

export function may({ role }: Pick<StaffMember, 'role'>, act: ConsoleAct): boolean {
  const allowed: readonly StaffRole[] = PERMISSIONS[act];
  return allowed.includes(role);
}

/** @throws JitsuinError `right.missing` */
export function requireRight(operator: StaffMember, act: ConsoleAct): void {
  if (may(operator, act)) return;
  throw new JitsuinError('right.missing', `The role "${operator.role}" does not have the right "${act}".`);
}
