import { defined } from '../../core/defined.ts';
import { toHex } from '../../core/encoding.ts';
import { type ErrorCode, JitsuinError } from '../../core/errors.ts';
import type { Certificate, DistributionPoint } from '../x509/certificate-types.ts';
import { type Crl, compareCrlNumbers } from './crl.ts';
import type { CrlEntry } from './crl-entry.ts';
import { mayIssueCrl, type NestedCheck } from './crl-issuer.ts';
import {
  ALL_REASONS,
  covers,
  deltaExtends,
  distributionPointsOf,
  interimReasons,
} from './distribution-scope.ts';
import { DEFAULT_FRESHNESS, freshness } from './freshness.ts';
import { indeterminate } from './indeterminate.ts';
import type {
  Revocation,
  RevocationEvidence,
  RevocationRequest,
  RevocationResult,
} from './revocation-types.ts';

/** What one complete CRL, with its delta if there is one, says of the certificate. */
type Answer =
  | {
      readonly kind: 'answer';
      readonly crl: Crl;
      readonly reasons: number;
      readonly entry: CrlEntry | undefined;
    }
  | { readonly kind: 'unusable'; readonly code: ErrorCode; readonly crl: Crl };

/**
 * CRL validation of one certificate (RFC 5280 section 6.3.3). Only CRLs that are fresh, in scope, from an authorized
 * issuer and together covering all reasons say "good"; anything less is indeterminate with the code of the first
 * obstacle.
 */
export function checkWithCrls(request: RevocationRequest, nested: NestedCheck): RevocationResult {
  const { certificate, data } = request;
  if (data.crls.length === 0) return indeterminate('revocation.unavailable', 'No CRL is at hand.');
  let reasons = 0;
  let good: Crl | undefined;
  let later: Revocation | undefined;
  let obstacle: Extract<Answer, { kind: 'unusable' }> | undefined;
  for (const point of distributionPointsOf(certificate)) {
    for (const answer of answersFor(point, request, nested)) {
      if (answer.kind === 'unusable') obstacle ??= answer;
      else if (answer.entry !== undefined && !happensAfter(answer.entry, request))
        return revoked(answer.crl, answer.entry);
      else if ((answer.reasons & ~reasons) !== 0) {
        reasons |= answer.reasons;
        good = answer.crl;
        if (answer.entry !== undefined) later = revocationOf(answer.entry);
      }
    }
  }
  if (good !== undefined && reasons === ALL_REASONS) {
    return defined({
      status: 'good',
      source: evidenceOf(good),
      revokedLater: later,
    });
  }
  return undecided(obstacle, request);
}

function undecided(
  obstacle: Extract<Answer, { kind: 'unusable' }> | undefined,
  { data, certificate }: RevocationRequest,
): RevocationResult {
  if (obstacle !== undefined) {
    return { ...indeterminate(obstacle.code, 'No usable CRL answers.'), source: evidenceOf(obstacle.crl) };
  }
  const sameIssuer = data.crls.some((crl) => crl.issuer.equals(certificate.issuer));
  const code = sameIssuer ? 'revocation.scope' : 'revocation.issuer';
  return indeterminate(code, 'No CRL at hand covers this certificate.');
}

function* answersFor(
  point: DistributionPoint,
  request: RevocationRequest,
  nested: NestedCheck,
): Generator<Answer> {
  const complete = request.data.crls.filter((crl) => crl.baseCrlNumber === undefined);
  for (const crl of complete) {
    if (!covers(crl, request.certificate, point)) continue;
    const obstacle = obstacleTo(crl, request, nested);
    if (obstacle !== undefined) yield { kind: 'unusable', code: obstacle, crl };
    else yield answerOf(crl, point, request, nested);
  }
}

function answerOf(
  crl: Crl,
  point: DistributionPoint,
  request: RevocationRequest,
  nested: NestedCheck,
): Answer {
  const { certificate, data } = request;
  try {
    const delta = newestDelta(
      crl,
      data.crls.filter((other) => obstacleTo(other, request, nested) === undefined),
    );
    const changed = delta?.find(certificate.serialNumber, certificate.issuer);
    const entry = changed ?? crl.find(certificate.serialNumber, certificate.issuer);
    const lifted = changed?.reason === 'removeFromCRL';
    return {
      kind: 'answer',
      crl: delta ?? crl,
      reasons: interimReasons(crl, point),
      entry: lifted ? undefined : entry,
    };
  } catch (thrown) {
    if (thrown instanceof JitsuinError) return { kind: 'unusable', code: 'revocation.invalid', crl };
    throw thrown;
  }
}

function newestDelta(complete: Crl, crls: readonly Crl[]): Crl | undefined {
  const deltas = crls.filter((delta) => deltaExtends(delta, complete, compareCrlNumbers));
  return deltas.sort((left, right) => compareCrlNumbers(right.crlNumber, left.crlNumber))[0];
}

/** Why a CRL that covers the certificate may not be used, if so. */
function obstacleTo(crl: Crl, request: RevocationRequest, nested: NestedCheck): ErrorCode | undefined {
  const { certificate, at, dataAt = at } = request;
  if (crl.nextUpdate === undefined) return 'revocation.stale'; // required by RFC 5280 section 5.1.2.5
  const age = freshness(crl, dataAt, { ...DEFAULT_FRESHNESS, ...request.freshness });
  if (age !== 'fresh') return age;
  if (isSilentOn(crl, certificate)) return 'revocation.unknown';
  return mayIssueCrl(crl, request, nested) ? undefined : 'revocation.issuer';
}

/** Ended certificates leave CRLs (RFC 5280 section 3.3), unless the CRL says since when it keeps them. */
function isSilentOn({ thisUpdate, keepsEndedSince }: Crl, { notAfter }: Certificate): boolean {
  return thisUpdate > notAfter && (keepsEndedSince === undefined || keepsEndedSince > notAfter);
}

function happensAfter(entry: CrlEntry, { at }: RevocationRequest): boolean {
  return entry.revocationDate > at;
}

function revocationOf(entry: CrlEntry): Revocation {
  return { revokedAt: entry.revocationDate, reason: entry.reason };
}

function revoked(crl: Crl, entry: CrlEntry): RevocationResult {
  return { status: 'revoked', source: evidenceOf(crl), ...revocationOf(entry) };
}

function evidenceOf(crl: Crl): RevocationEvidence {
  return defined({
    method: 'CRL',
    thisUpdate: crl.thisUpdate,
    nextUpdate: crl.nextUpdate,
    crlNumber: toHex(crl.crlNumber),
    sha256: crl.sha256(),
  });
}
