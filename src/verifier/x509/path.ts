import { JitsuinError } from '../../core/errors.ts';
import { type Check, conclude, finding } from '../../core/report.ts';
import type { Certificate } from './certificate-types.ts';
import { isJpkiSignatureCa } from './jpki-policies.ts';
import type { Name } from './name.ts';
import { WorkBudget } from './path-budget.ts';
import { type CandidatePath, PathBuilder } from './path-builder.ts';
import { PATH_CHECKS, type PathContext } from './path-checks.ts';
import type { PathFailure } from './path-finding.ts';
import type { PathRequest, PathValidation } from './path-types.ts';

const FOUND = 'certification-path';

/**
 * Validates the certification path of a leaf (RFC 5280 section 6.1) at a given instant: looks for a path to one of the
 * caller's trust anchors and makes every check on it; when it fails, tries the next one.
 *
 * Checks in order: `certification-path` (`certificate.path`, `.limit`), then those of `PATH_CHECKS`: `key-policy`
 * (`certificate.key-policy`), `certificate-signature` (`.path`), `validity-period` (`.expired`, `.not-yet-valid`),
 * `critical-extensions` (`.critical-extension`), `basic-constraints` (`.not-ca`, `.path-length`, `.usage` for a CA as
 * leaf), `name-constraints` (`.name-constraints`), `certificate-policies` (`.policy`), `key-usage` and
 * `extended-key-usage` (`.usage`). Checks after the first failure are `not-reached`.
 *
 * Revocation is apart: see `verifier/revocation`. An invalid path is a report; nothing is thrown.
 */
export function validateCertificationPath(request: PathRequest): PathValidation {
  const budget = new WorkBudget(request.budgets);
  const builder = new PathBuilder(request.trustAnchors, request.intermediates, request.at, budget);
  let best: Attempt | undefined;
  try {
    for (const candidate of builder.paths(request.leaf)) {
      const attempt = tryPath(candidate, request, budget);
      if (attempt.failure === undefined) return conclusion(attempt, request);
      if (best === undefined || attempt.passed > best.passed) best = attempt;
    }
  } catch (thrown) {
    return conclusion(stopped(thrown), request);
  }
  return conclusion(best ?? (builder.hasCutBranches ? tooDeep : noPath(request)), request);
}

/** One path tried: how many of PATH_CHECKS passed, and why the next did not. */
interface Attempt {
  readonly candidate?: CandidatePath;
  readonly passed: number;
  readonly policies: readonly string[];
  readonly failure?: PathFailure;
}

/**
 * No issuer leads to an anchor. Where an issuer has the name of an anchor, or of the JPKI's CA, whose generations
 * all have one name, the operator's files lack its certificate: nothing is said of the signer's.
 */
function noPath({ leaf, intermediates, trustAnchors }: PathRequest): Attempt {
  const issuers = issuersNamed(leaf, intermediates);
  // a leaf that was given for an anchor is trusted in vain
  const nothingTrusted = !trustAnchors.some(
    ({ version, basicConstraints }) => version !== 3 || basicConstraints?.ca === true,
  );
  const known =
    nothingTrusted ||
    issuers.some(
      (issuer) => isJpkiSignatureCa(issuer) || trustAnchors.some(({ subject }) => subject.equals(issuer)),
    );
  const failure: PathFailure = known
    ? {
        code: 'certificate.anchor-missing',
        detail: 'Its CA has the name of one known here, and no anchor made it.',
      }
    : { code: 'certificate.path', detail: 'No issuer leads to a trust anchor.' };
  return { passed: -1, policies: [], failure };
}

/**
 * The names of the issuers that were looked for: the leaf's, and those of the certificates between that bear such a
 * name.
 */
function issuersNamed(leaf: Certificate, intermediates: readonly Certificate[]): readonly Name[] {
  const names = [leaf.issuer];
  for (const name of names) {
    for (const { subject, issuer } of intermediates) {
      if (subject.equals(name) && !names.some((known) => known.equals(issuer))) names.push(issuer);
    }
  }
  return names;
}

function tryPath(candidate: CandidatePath, request: PathRequest, budget: WorkBudget): Attempt {
  const { at, policy, endEntityDates = 'judged' } = request;
  const context: PathContext = {
    candidate,
    path: candidate.certificates,
    at,
    policy,
    budget,
    endEntityDates,
    policies: [],
  };
  for (const [index, [, check]] of PATH_CHECKS.entries()) {
    const failure = check(context);
    if (failure !== undefined) return { candidate, passed: index, policies: [], failure };
  }
  return { candidate, passed: PATH_CHECKS.length, policies: context.policies };
}

const tooDeep: Attempt = {
  passed: -1,
  policies: [],
  failure: { code: 'certificate.limit', detail: 'Every path to an anchor that there may be is too long.' },
};

/** Budgets end the search; any other exception is a fault of ours and is not swallowed. */
function stopped(thrown: unknown): Attempt {
  if (!(thrown instanceof JitsuinError) || thrown.code !== 'certificate.limit') throw thrown;
  const failure: PathFailure = {
    code: 'certificate.limit',
    detail: thrown.message,
  };
  return { passed: -1, policies: [], failure };
}

const CHECK_NAMES: readonly string[] = [FOUND, ...PATH_CHECKS.map(([name]) => name)];
const ALL_PASSED: readonly Check[] = CHECK_NAMES.map((name) => ({ name, result: 'passed' }));

function conclusion(attempt: Attempt, { at }: PathRequest): PathValidation {
  const checks = attempt.failure === undefined ? ALL_PASSED : checksUpTo(attempt.passed, attempt.failure);
  return { ...conclude(checks, at), path: attempt.candidate?.certificates ?? [], policies: attempt.policies };
}

/** `passed` of PATH_CHECKS passed, the next one failed, the rest was not reached; -1 is the path itself. */
function checksUpTo(passed: number, failure: PathFailure): readonly Check[] {
  return CHECK_NAMES.map((name, index): Check => {
    const place = index - 1;
    if (place < passed) return { name, result: 'passed' };
    return place > passed ? { name, result: 'not-reached' } : finding(name, failure.code, failure);
  });
}
