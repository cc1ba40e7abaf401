import type { Certificate, NameConstraints } from './certificate-types.ts';
import { TAG } from './der.ts';
import type { GeneralName, GeneralNameType } from './general-name.ts';
import { matchSubtree } from './name-subtrees.ts';
import { EMAIL_ADDRESS } from './oids.ts';
import type { WorkBudget } from './path-budget.ts';
import { failureAt, type PathFailure, placeInPath } from './path-finding.ts';

/**
 * Name constraints over a whole path (RFC 5280 section 6.1.3 (b), (c) and 6.1.4 (g)): each certificate's names against
 * the constraints of every certificate above it. Self-issued CA certificates are exempt, the leaf never.
 * A constraint or a constrained name that cannot be judged fails.
 * @param path leaf first, anchor last
 * @throws JitsuinError `certificate.limit` when the comparisons are too many
 */
export function checkNameConstraints(
  path: readonly Certificate[],
  anchorConstraints: 'applied' | 'ignored',
  budget: WorkBudget,
): PathFailure | undefined {
  const above: NameConstraints[] = [];
  for (let index = path.length - 1; index >= 0; index--) {
    const certificate = path[index];
    if (certificate === undefined) continue;
    const isAnchor = index === path.length - 1;
    const exempt = index > 0 && certificate.issuer.equals(certificate.subject);
    if (!exempt && above.length > 0 && !namesAllowed(certificate, above, budget)) {
      const place = placeInPath(index, path.length);
      return failureAt(index, 'certificate.name-constraints', {
        detail: `A name of ${place} is not allowed.`,
      });
    }
    const binds = !isAnchor || anchorConstraints === 'applied';
    if (binds && certificate.nameConstraints !== undefined) above.push(certificate.nameConstraints);
  }
  return undefined;
}

/** All comparisons that could be needed are paid for before the first is made. */
function namesAllowed(
  certificate: Certificate,
  above: readonly NameConstraints[],
  budget: WorkBudget,
): boolean {
  const names = constrainedNames(certificate);
  const bases = above.reduce((sum, { permitted, excluded }) => sum + permitted.length + excluded.length, 0);
  budget.spend('nameComparisons', (names.length + certificate.subject.rdns.length) * bases);
  return names.every((name) => above.every((constraints) => nameAllowed(name, constraints)));
}

/** Subject, alternative names, and e-mail addresses that stand in the subject as an attribute. */
function constrainedNames(certificate: Certificate): readonly GeneralName[] {
  const { subject, subjectAltName = [] } = certificate;
  const names: GeneralName[] = [...subjectAltName];
  if (!subject.empty) names.push({ type: 'directoryName', name: subject });
  for (const { type, tag, value } of subject.rdns.flat()) {
    if (type === EMAIL_ADDRESS && tag === TAG.ia5String) names.push({ type: 'rfc822Name', text: value });
  }
  return names;
}

function nameAllowed(name: GeneralName, { permitted, excluded }: NameConstraints): boolean {
  for (const base of sameType(excluded, name.type)) {
    if (matchSubtree(name, base, 'excluded') !== 'outside') return false;
  }
  const bases = sameType(permitted, name.type);
  if (bases.length === 0) return true;
  let found = false;
  for (const base of bases) {
    const match = matchSubtree(name, base, 'permitted');
    if (match === 'malformed') return false;
    found ||= match === 'inside';
  }
  return found;
}

function sameType(bases: readonly GeneralName[], type: GeneralNameType): readonly GeneralName[] {
  return bases.filter((base) => base.type === type);
}
