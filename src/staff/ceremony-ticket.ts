import type { EpochMillis } from '../core/brand.ts';
import { fromBase64Url, fromUtf8, toBase64Url, toUtf8 } from '../core/encoding.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import { isJsonObject, parseStrictJson } from '../core/json/strict-json.ts';
import { MINUTE_MILLIS } from '../core/spans.ts';
import type { StaffPorts } from './staff-ports.ts';

/**
 * What a ceremony under way needs again when its answer comes; it lies sealed in the browser's cookie, not in the
 * store.
 */
interface CeremonyTicket {
  readonly use: 'enrol' | 'login';
  readonly challenge: string;
  /** Hash of the invitation; empty at a login. */
  readonly invitation: string;
  readonly expiresAt: number;
}

const LIFE = 5 * MINUTE_MILLIS;
const CONTEXT = { table: 'console', column: 'ceremony', record: 'ticket', tenant: '' };

export function sealTicket(
  { sealer, clock }: Pick<StaffPorts, 'sealer' | 'clock'>,
  ticket: Omit<CeremonyTicket, 'expiresAt'>,
): string {
  const whole: CeremonyTicket = { ...ticket, expiresAt: clock.now() + LIFE };
  return toBase64Url(sealer.seal(toUtf8(JSON.stringify(whole)), CONTEXT));
}

/**
 * Opens the ticket of a cookie and uses up its challenge: a second answer to it is refused, whatever it says.
 * @throws JitsuinError `passkey.refused`
 */
export async function redeemTicket(
  ports: Pick<StaffPorts, 'sealer' | 'clock' | 'replay'>,
  cookie: string | undefined,
  use: CeremonyTicket['use'],
): Promise<CeremonyTicket> {
  const ticket = cookie === undefined ? undefined : opened(ports, cookie);
  if (ticket === undefined || ticket.use !== use || ticket.expiresAt <= ports.clock.now()) throw refused();
  const until = ticket.expiresAt as EpochMillis;
  const issuedAt = (ticket.expiresAt - LIFE) as EpochMillis;
  if (!(await ports.replay.remember('console-challenge', ticket.challenge, until, issuedAt))) throw refused();
  return ticket;
}

function opened({ sealer }: Pick<StaffPorts, 'sealer'>, cookie: string): CeremonyTicket | undefined {
  let text: string;
  try {
    text = fromUtf8(sealer.open(fromBase64Url(cookie), CONTEXT));
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return undefined;
  }
  const value = parseStrictJson(text, 2);
  if (!isJsonObject(value)) return undefined;
  const { use, challenge, invitation, expiresAt } = value;
  if (use !== 'enrol' && use !== 'login') return undefined;
  if (typeof challenge !== 'string' || typeof invitation !== 'string' || typeof expiresAt !== 'number')
    return undefined;
  return { use, challenge, invitation, expiresAt };
}

function refused(): JitsuinError {
  return new JitsuinError('passkey.refused', 'This page is too old or was answered before: open it again.');
}
