import type { EpochMillis } from '../core/brand.ts';
import { HOUR_MILLIS, MINUTE_MILLIS } from '../core/spans.ts';
import type { StaffMember, StaffSession } from '../ports/staff-store.ts';
import { newSecret, secretHash } from './secrets.ts';
import type { StaffPorts } from './staff-ports.ts';

/** A session with the cookie value that opens it; the store holds only the value's hash. */
export interface OpenedStaffSession {
  readonly cookie: string;
  readonly session: StaffSession;
}

/** Who is at the browser. */
export interface LoggedIn {
  readonly operator: StaffMember;
  readonly session: StaffSession;
}

/** From the last request. */
export const IDLE_LIFE = 15 * MINUTE_MILLIS;
/** From the login, however busy. */
export const ABSOLUTE_LIFE = 8 * HOUR_MILLIS;
const TOUCH_EVERY = MINUTE_MILLIS;

/** A fresh session, not yet stored. */
export function newSession(
  { random, clock }: Pick<StaffPorts, 'random' | 'clock'>,
  operatorId: string,
): OpenedStaffSession {
  const cookie = newSecret(random);
  const now = clock.now();
  const session: StaffSession = {
    idHash: secretHash(cookie) ?? '',
    operatorId,
    csrf: newSecret(random),
    createdAt: now,
    seenAt: now,
    expiresAt: (now + ABSOLUTE_LIFE) as EpochMillis,
  };
  return { cookie, session };
}

/** The live session of a cookie with its active operator; both clocks are judged, and the idle one set back. */
export async function findLoggedIn(
  { operators, clock }: Pick<StaffPorts, 'operators' | 'clock'>,
  cookie: string | undefined,
): Promise<LoggedIn | undefined> {
  const idHash = secretHash(cookie);
  const session = idHash === undefined ? undefined : await operators.getSession(idHash);
  const now = clock.now();
  if (session === undefined || session.expiresAt <= now || session.seenAt + IDLE_LIFE <= now)
    return undefined;
  const operator = await operators.get(session.operatorId);
  if (operator?.state !== 'active') return undefined;
  if (session.seenAt + TOUCH_EVERY <= now) await operators.touchSession(session.idHash, now);
  return { operator, session };
}

export async function logOut(
  { operators, clock }: Pick<StaffPorts, 'operators' | 'clock'>,
  { session }: LoggedIn,
): Promise<void> {
  const audit = { event: 'operator.logged-out', subject: session.operatorId, tenant: '', at: clock.now() };
  await operators.endSession(session.idHash, audit);
}
