import type { EpochMillis } from '../../core/brand.ts';
import type { Certificate } from './certificate-types.ts';
import { keyRefusal, schemeRefusal } from './key-policy.ts';
import { checkNameConstraints } from './name-constraints-check.ts';
import type { WorkBudget } from './path-budget.ts';
import type { CandidatePath } from './path-builder.ts';
import { failureAt, type PathFailure, placeInPath } from './path-finding.ts';
import type { PathPolicy } from './path-types.ts';
import { checkPolicies } from './policy-check.ts';
import { signatureScheme } from './signature-algorithm.ts';

export interface PathContext {
  readonly candidate: CandidatePath;
  /** Leaf first, anchor last. */
  readonly path: readonly Certificate[];
  readonly at: EpochMillis;
  readonly policy: PathPolicy;
  readonly budget: WorkBudget;
  readonly endEntityDates: 'judged' | 'left-to-caller';
  /** Filled by the policy check. */
  policies: readonly string[];
}

type PathCheck = (context: PathContext) => PathFailure | undefined;

/**
 * The checks of a complete path in the order in which they are made and reported. The leaf's policy comes before
 * its key usage, so that a user-authentication certificate is refused for what it is.
 */
export const PATH_CHECKS: readonly (readonly [name: string, check: PathCheck])[] = [
  ['certificate-key-policy', keyPolicy],
  ['certificate-signature', certificateSignature],
  ['validity-period', validityPeriod],
  ['critical-extensions', criticalExtensions],
  ['basic-constraints', basicConstraints],
  ['name-constraints', nameConstraints],
  ['certificate-policies', certificatePolicies],
  ['key-usage', keyUsage],
  ['extended-key-usage', extendedKeyUsage],
];

/** Certificates that bind: all, or all but the anchor. */
function binding({ path, policy }: PathContext): readonly Certificate[] {
  return policy.anchorConstraints === 'applied' ? path : path.slice(0, -1);
}

/** Keys of all certificates, the anchor's too, and the algorithms of all signatures but the anchor's own. */
function keyPolicy({ path, policy }: PathContext): PathFailure | undefined {
  for (const [index, { subjectPublicKeyInfo, signatureAlgorithm }] of path.entries()) {
    const isAnchor = index === path.length - 1;
    const refusal =
      keyRefusal(subjectPublicKeyInfo, policy.keyPolicy) ??
      (isAnchor ? undefined : schemeRefusal(signatureScheme(signatureAlgorithm), policy.keyPolicy));
    if (refusal === undefined) continue;
    const detail = `Not accepted in ${placeInPath(index, path.length)}: ${refusal}.`;
    return failureAt(index, 'certificate.key-policy', { detail });
  }
  return undefined;
}

function certificateSignature({ candidate }: PathContext): PathFailure | undefined {
  if (candidate.signaturesVerified) return undefined;
  const detail = 'A signature of the path could not be verified.';
  return { code: 'certificate.path', sub: 'CERTIFICATE_CHAIN_GENERAL_FAILURE', detail };
}

/**
 * Section 6.1.3 (a) (2); both ends of the period belong to it. The anchor's own dates are not judged: it is trusted
 * because the operator says so (EN 319 102-1 section 5.2.6).
 */
function validityPeriod({ at, path, endEntityDates }: PathContext): PathFailure | undefined {
  for (const [index, certificate] of path.slice(0, -1).entries()) {
    const { notBefore } = certificate;
    if ((index === 0 && endEntityDates === 'left-to-caller') || isInPeriod(certificate, at)) continue;
    const when = `At ${new Date(at).toISOString()} ${placeInPath(index, path.length)}`;
    if (at < notBefore) {
      return failureAt(index, 'certificate.not-yet-valid', { detail: `${when} was not yet valid.` });
    }
    return failureAt(index, 'certificate.expired', { detail: `${when} had expired.` });
  }
  return undefined;
}

/** Whether the instant is in a certificate's period: notAfter names a whole second. */
export function isInPeriod({ notBefore, notAfter }: Certificate, at: EpochMillis): boolean {
  return notBefore <= at && at < notAfter + 1000;
}

/** Section 6.1.4 (o) and 6.1.5 (f). */
function criticalExtensions(context: PathContext): PathFailure | undefined {
  for (const [index, { unknownCriticalExtensions }] of binding(context).entries()) {
    const [oid] = unknownCriticalExtensions;
    if (oid === undefined) continue;
    const detail = `Critical extension ${oid} of ${placeInPath(index, context.path.length)} is not known.`;
    return failureAt(index, 'certificate.critical-extension', { detail });
  }
  return undefined;
}

/** Section 6.1.4 (k), (l), (m): every issuer is a CA and the path is no longer than each allows. */
function basicConstraints(context: PathContext): PathFailure | undefined {
  const { path, policy } = context;
  if (policy.caAsLeaf === 'refused' && path[0]?.basicConstraints?.ca) {
    return failureAt(0, 'certificate.usage', { detail: 'The end entity certificate is a CA certificate.' });
  }
  const issuers = binding(context).slice(1);
  let below = 0;
  for (const [offset, issuer] of issuers.entries()) {
    const place = placeInPath(offset + 1, path.length);
    const isAnchor = offset + 1 === path.length - 1;
    if (!isCa(issuer, isAnchor)) {
      return failureAt(offset + 1, 'certificate.not-ca', { detail: `Not a CA: ${place}.` });
    }
    const limit = issuer.basicConstraints?.pathLenConstraint;
    if (limit !== undefined && below > limit) {
      const detail = `The path is longer than allowed by ${place}.`;
      return failureAt(offset + 1, 'certificate.path-length', { detail });
    }
    if (!issuer.issuer.equals(issuer.subject)) below += 1;
  }
  return undefined;
}

/** An anchor of version 1 or 2 has no extensions to say so; it is an anchor because the operator says so. */
function isCa(certificate: Certificate, isAnchor: boolean): boolean {
  if (isAnchor && certificate.version < 3) return true;
  return certificate.basicConstraints?.ca === true;
}

function nameConstraints({ path, policy, budget }: PathContext): PathFailure | undefined {
  return checkNameConstraints(path, policy.anchorConstraints, budget);
}

function certificatePolicies(context: PathContext): PathFailure | undefined {
  const { failure, policies } = checkPolicies(context.path, context.policy, context.budget);
  context.policies = policies;
  return failure;
}

/** Section 6.1.4 (n) for issuers; for the leaf what the caller requires. */
function keyUsage(context: PathContext): PathFailure | undefined {
  const { path, policy } = context;
  for (const [offset, issuer] of binding(context).slice(1).entries()) {
    if (issuer.keyUsage !== undefined && !issuer.keyUsage.has('keyCertSign')) {
      const detail = `keyCertSign is missing in ${placeInPath(offset + 1, path.length)}.`;
      const sub = 'CERTIFICATE_CHAIN_GENERAL_FAILURE';
      return failureAt(offset + 1, 'certificate.usage', { sub, detail });
    }
  }
  const present = path[0]?.keyUsage;
  const { oneOfKeyUsage } = policy;
  if (
    oneOfKeyUsage !== undefined &&
    present !== undefined &&
    !oneOfKeyUsage.some((usage) => present.has(usage))
  ) {
    const detail = `The end entity certificate may not be used for signing: it lacks ${oneOfKeyUsage.join(' and ')}.`;
    return failureAt(0, 'certificate.usage', { detail });
  }
  const missing = policy.requiredKeyUsage.find((usage) => !present?.has(usage));
  if (missing === undefined) return undefined;
  return failureAt(0, 'certificate.usage', {
    detail: `${missing} is missing in the end entity certificate.`,
  });
}

/**
 * RFC 5280 section 4.2.1.12, on the end entity; on the CAs between only where the policy has it so, since the RFC
 * gives their purposes no effect on the path.
 */
function extendedKeyUsage({ path, policy }: PathContext): PathFailure | undefined {
  const { acceptedExtendedKeyUsage: accepted } = policy;
  if (accepted.length === 0) return undefined;
  const serves = (purposes: readonly string[]) => purposes.some((purpose) => accepted.includes(purpose));
  const purposes = path[0]?.extendedKeyUsage;
  const right = purposes === undefined ? policy.extendedKeyUsage === 'optional' : serves(purposes);
  if (!right)
    return failureAt(0, 'certificate.usage', {
      detail: 'The end entity certificate is not for this purpose.',
    });
  if (policy.caExtendedKeyUsage === undefined) return undefined;
  const between = path.slice(1, -1);
  const stray = between.findIndex(({ extendedKeyUsage: ca }) => ca !== undefined && !serves(ca));
  if (stray < 0) return undefined;
  const detail = `${placeInPath(stray + 1, path.length)} issues for other purposes.`;
  return failureAt(stray + 1, 'certificate.usage', { detail });
}
