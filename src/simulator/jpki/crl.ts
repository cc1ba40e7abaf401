import type { KeyObject } from 'node:crypto';
import { DAY_MILLIS, MINUTE_MILLIS } from '../../core/spans.ts';
import type { IssuedCertificate } from './card-certificates.ts';
import { sha256WithRsa, signed } from './certificate.ts';
import { context, type Der, decode, enumerated, integer, sequence, time } from './der.ts';
import { authorityKeyIdentifier, crlNumber, extension, issuingDistributionPoint } from './extensions.ts';
import { issuedBy, type JpkiRegistry, REVOCATION_REASON } from './registry.ts';

interface CrlOptions {
  /** Shifts thisUpdate and nextUpdate, in milliseconds. */
  readonly shift?: number;
  /** Signs with this key instead of the CA's. */
  readonly key?: KeyObject;
  /** Lists nobody. */
  readonly entries?: 'all' | 'none';
}

/**
 * DER CRL of one municipality's partition (issuingDistributionPoint with its directoryName), made for this minute and
 * good for two days; undefined when no certificate names this distribution point.
 */
export function makeCrl(
  registry: JpkiRegistry,
  distributionPoint: Uint8Array,
  now: number,
  options: CrlOptions = {},
): Buffer | undefined {
  const named = registry.cards
    .flatMap((card) => [card.signCertificate, card.authCertificate])
    .find((certificate) => certificate.distributionPoint.equals(distributionPoint));
  if (named === undefined) return undefined;
  const { issuer } = named;
  const thisUpdate = Math.floor((now + (options.shift ?? 0)) / MINUTE_MILLIS) * MINUTE_MILLIS;
  const revoked = options.entries === 'none' ? [] : entries(registry, named);
  const number = BigInt(thisUpdate / MINUTE_MILLIS) * 65_536n + BigInt(registry.revision);
  const tbs = sequence(
    integer(1),
    sha256WithRsa(),
    issuer.name,
    time(thisUpdate),
    time(thisUpdate + 2 * DAY_MILLIS),
    ...(revoked.length === 0 ? [] : [sequence(...revoked)]),
    context(
      0,
      sequence(
        authorityKeyIdentifier(issuer.key.keyIdentifier),
        crlNumber(number),
        issuingDistributionPoint(decode(distributionPoint)),
      ),
    ),
  );
  return signed(tbs, options.key ?? issuer.key.privateKey);
}

function entries(registry: JpkiRegistry, named: IssuedCertificate): readonly Der[] {
  return issuedBy(registry, named.issuer)
    .filter((certificate) => certificate.distributionPoint.equals(named.distributionPoint))
    .flatMap((certificate) => {
      const revocation = registry.revocationOf(certificate);
      if (revocation === undefined) return [];
      const reason = extension('2.5.29.21', enumerated(REVOCATION_REASON[revocation.reason]));
      return [sequence(integer(certificate.serial), time(revocation.revokedAt), sequence(reason))];
    });
}
