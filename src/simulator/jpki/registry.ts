import { RESIDENTS, type Resident } from '../population.ts';
import { type Authorities, type CertificationAuthority, makeAuthorities } from './authorities.ts';
import { endOfDay, japaneseYear } from './calendar.ts';
import { type IssuedCertificate, issueCardCertificate } from './card-certificates.ts';
import { cardKey, nextCardKey, type SimulatorKey } from './keys/simulator-keys.ts';

/** Reason codes of RFC 5280 section 5.3.1 that JPKI uses. */
export const REVOCATION_REASON = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
} as const;

export type RevocationReason = keyof typeof REVOCATION_REASON;

export interface Revocation {
  readonly revokedAt: number;
  readonly reason: RevocationReason;
}

/** One resident's two keys and certificates. */
export interface IssuedCard {
  readonly resident: Resident;
  readonly signKey: SimulatorKey;
  readonly signCertificate: IssuedCertificate;
  readonly authKey: SimulatorKey;
  readonly authCertificate: IssuedCertificate;
}

/** What the pretended J-LIS knows: authorities, certificates issued, certificates revoked. */
export interface JpkiRegistry {
  readonly authorities: Authorities;
  readonly cards: readonly IssuedCard[];
  /** Raised by every change, so that a CRL made in the same minute has another number. */
  readonly revision: number;
  revocationOf(certificate: IssuedCertificate): Revocation | undefined;
  revoke(certificate: IssuedCertificate, revocation: Revocation): void;
  /** Lifts a revocation; real JPKI never does, a test may want it. */
  restore(certificate: IssuedCertificate): void;
}

/** The registry of this seed in the clock's year. */
export function makeRegistry(seed: string, now: number): JpkiRegistry {
  const authorities = makeAuthorities(seed, now);
  const cards = RESIDENTS.map((resident, index) => issueCard(seed, now, authorities, resident, index));
  const revocations = new Map<IssuedCertificate, Revocation>();
  const lastYear = endOfDay(japaneseYear(now) - 1, 12, 1);
  for (const { resident, signCertificate } of cards) {
    if (resident.card === 'revoked')
      revocations.set(signCertificate, { revokedAt: lastYear, reason: 'affiliationChanged' });
    if (resident.card === 'on-hold')
      revocations.set(signCertificate, { revokedAt: lastYear, reason: 'certificateHold' });
  }
  let revision = 0;
  return {
    authorities,
    cards,
    get revision() {
      return revision;
    },
    revocationOf: (certificate) => revocations.get(certificate),
    revoke(certificate, revocation) {
      revocations.set(certificate, revocation);
      revision += 1;
    },
    restore(certificate) {
      revocations.delete(certificate);
      revision += 1;
    },
  };
}

/** Everything one CA issued. */
export function issuedBy(
  registry: JpkiRegistry,
  issuer: CertificationAuthority,
): readonly IssuedCertificate[] {
  return registry.cards
    .flatMap((card) => [card.signCertificate, card.authCertificate])
    .filter((certificate) => certificate.issuer === issuer);
}

function issueCard(
  seed: string,
  now: number,
  authorities: Authorities,
  resident: Resident,
  index: number,
): IssuedCard {
  const previous = resident.municipality === 'Mogi-gun-Kyumihon-machi';
  const signKey = resident.generation === 'next' ? nextCardKey() : cardKey(seed, 2 * index);
  const authKey = cardKey(seed, 2 * index + 1);
  const sign = {
    seed,
    now,
    resident,
    issuer: previous ? authorities.previousSign : authorities.sign,
    key: signKey,
  };
  return {
    resident,
    signKey,
    authKey,
    signCertificate: issueCardCertificate(sign),
    authCertificate: issueCardCertificate({ ...sign, issuer: authorities.auth, key: authKey }),
  };
}
