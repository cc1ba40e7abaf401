import type { PfPublicJwk } from '../../contracts/pf-public-jwk.ts';
import { JitsuinError } from '../../core/errors.ts';
import { DAY_MILLIS } from '../../core/spans.ts';
import type { PfKeyRecord } from './pf-keystore-file.ts';

export const DEFAULT_OVERLAP = 7 * DAY_MILLIS;
const SERVICE = /^[0-9A-Za-z._-]{1,64}$/;

/** What the life of a decryption key is told by, wherever its private part lies. */
type Stated = Pick<PfKeyRecord, 'kid' | 'state' | 'activatedAt' | 'overlapUntil'>;

/** The state that counts at an instant: an overlap ends by itself. */
export function keyStateAt({ state, overlapUntil }: Stated, now: number): PfKeyRecord['state'] {
  return state === 'overlap' && overlapUntil !== undefined && now >= overlapUntil ? 'expired' : state;
}

export function ended(state: PfKeyRecord['state']): boolean {
  return state === 'expired' || state === 'destroyed';
}

/** `other` as it is once `chosen`, of the same service and environment, is made the active key. */
export function activated<T extends Stated>(chosen: T, other: T, now: number, overlapMillis: number): T {
  if (other.kid === chosen.kid) return { ...other, state: 'active', activatedAt: now };
  if (other.state !== 'active') return other;
  return { ...other, state: 'overlap', overlapUntil: now + overlapMillis };
}

export function expired<T extends Stated>(chosen: T, other: T): T {
  return other.kid === chosen.kid ? { ...other, state: 'expired' } : other;
}

/** The public JWK of a record, member by member: nothing else of it can slip in. */
export function publicJwkOf(record: Pick<PfKeyRecord, 'x' | 'y' | 'kid'>): PfPublicJwk {
  return { kty: 'EC', use: 'enc', alg: 'ECDH-ES', crv: 'P-256', x: record.x, y: record.y, kid: record.kid };
}

/** @throws JitsuinError `config.invalid` */
export function requireServiceName(service: string): void {
  if (SERVICE.test(service)) return;
  throw new JitsuinError('config.invalid', 'A service name has 1 to 64 of the characters 0-9 A-Z a-z . _ -');
}
