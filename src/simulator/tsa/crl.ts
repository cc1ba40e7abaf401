import { DAY_MILLIS, MINUTE_MILLIS } from '../../core/spans.ts';
import { sha256WithRsa, signed } from '../jpki/certificate.ts';
import { context, enumerated, integer, sequence, time } from '../jpki/der.ts';
import { authorityKeyIdentifier, crlNumber, extension } from '../jpki/extensions.ts';
import type { TimeStampAuthority } from './authority.ts';

/** CRLReason numbers that a TSA's certificate may be revoked with here (RFC 5280 section 5.3.1). */
const TSA_REVOCATION_REASON = { keyCompromise: 1, superseded: 4, cessationOfOperation: 5 } as const;

export interface TsaRevocation {
  readonly revokedAt: number;
  readonly reason: keyof typeof TSA_REVOCATION_REASON;
}

/** DER CRL of the TSA's root, made for this minute and good for two days. */
export function makeTsaCrl(tsa: TimeStampAuthority, now: number, revocation?: TsaRevocation): Buffer {
  const thisUpdate = Math.floor(now / MINUTE_MILLIS) * MINUTE_MILLIS;
  const tbs = sequence(
    integer(1),
    sha256WithRsa(),
    tsa.rootName,
    time(thisUpdate),
    time(thisUpdate + 2 * DAY_MILLIS),
    ...(revocation === undefined ? [] : [sequence(entryOf(tsa, revocation))]),
    context(
      0,
      sequence(
        authorityKeyIdentifier(tsa.rootKey.keyIdentifier),
        crlNumber(BigInt(thisUpdate / MINUTE_MILLIS)),
      ),
    ),
  );
  return signed(tbs, tsa.rootKey.privateKey);
}

function entryOf(tsa: TimeStampAuthority, { revokedAt, reason }: TsaRevocation) {
  const code = extension('2.5.29.21', enumerated(TSA_REVOCATION_REASON[reason]));
  return sequence(integer(tsa.serial), time(revokedAt), sequence(code));
}
