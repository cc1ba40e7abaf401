import type { EpochMillis } from '../../core/brand.ts';
import type { Certificate } from './certificate-types.ts';
import { groupBy } from './group-by.ts';
import { sameOctets } from './octets.ts';
import type { WorkBudget } from './path-budget.ts';
import { signatureScheme, verifySignature } from './signature-algorithm.ts';

/** One candidate: leaf first, anchor last, each certificate's issuer name equal to the next one's subject. */
export interface CandidatePath {
  readonly certificates: readonly Certificate[];
  /** `false` when some algorithm could not be verified at all, so that no verdict but refusal is possible. */
  readonly signaturesVerified: boolean;
}

/** Why a certificate counts as issued by another. */
type Link = 'verified' | 'unverifiable' | 'refuted';

interface Step {
  readonly certificate: Certificate;
  readonly link: Link;
}

/**
 * Finds paths from a leaf to trust anchors (RFC 4158), nearest first, depth first. All generations of JPKI's CA share
 * one name, so issuers are chosen by name, put in order by key identifier and period, and decided by the signature.
 * Loops, repeated certificates and dead ends cost only what the budget allows.
 */
export class PathBuilder {
  private readonly anchors: readonly Certificate[];
  private readonly intermediates: readonly Certificate[];
  private readonly at: EpochMillis;
  private readonly budget: WorkBudget;
  /** A branch ended because it was too long: with no path found, that is why. */
  private cut = false;
  private readonly links = new Map<Certificate, Map<string, Link>>();
  private readonly bySubject: ReadonlyMap<string, readonly Certificate[]>;

  constructor(
    anchors: readonly Certificate[],
    intermediates: readonly Certificate[],
    at: EpochMillis,
    budget: WorkBudget,
  ) {
    this.anchors = anchors;
    this.intermediates = intermediates;
    this.at = at;
    this.budget = budget;
    this.bySubject = groupBy(intermediates, (certificate) => certificate.subject.key);
  }

  /** @throws JitsuinError `certificate.limit` while iterating */
  *paths(leaf: Certificate): Generator<CandidatePath> {
    this.budget.require('certificates', this.intermediates.length);
    yield* this.extend([leaf], true);
  }

  /** Whether some branch was left because it grew beyond the allowed depth. */
  get hasCutBranches(): boolean {
    return this.cut;
  }

  private *extend(path: readonly Certificate[], verified: boolean): Generator<CandidatePath> {
    const last = path[path.length - 1];
    if (last === undefined) return;
    for (const { certificate, link } of this.issuers(last, this.anchors)) {
      yield { certificates: [...path, certificate], signaturesVerified: verified && link === 'verified' };
    }
    const candidates = this.bySubject.get(last.issuer.key) ?? [];
    if (candidates.length === 0) return;
    if (!this.mayGrow(path)) {
      this.cut = true;
      return;
    }
    for (const { certificate, link } of this.issuers(last, candidates)) {
      if (path.some((earlier) => sameOctets(earlier.der, certificate.der))) continue;
      yield* this.extend([...path, certificate], verified && link === 'verified');
    }
  }

  /** One more intermediate than `path` has must still be allowed. */
  private mayGrow(path: readonly Certificate[]): boolean {
    const selfIssued = path.filter((certificate) => certificate.issuer.equals(certificate.subject)).length;
    return this.budget.allows('depth', Math.max(path.length - selfIssued, Math.ceil(path.length / 2)));
  }

  /** Candidates that did issue the certificate, the likeliest first; lazily, so that later ones cost nothing. */
  private *issuers(subject: Certificate, candidates: readonly Certificate[]): Generator<Step> {
    const named = candidates.filter((candidate) => candidate.subject.equals(subject.issuer));
    const ranked = named.length < 2 ? named : this.ranked(subject, named);
    for (const certificate of ranked) {
      this.budget.spend('steps');
      const link = this.link(subject, certificate);
      if (link !== 'refuted') yield { certificate, link };
    }
  }

  private ranked(subject: Certificate, candidates: readonly Certificate[]): readonly Certificate[] {
    const rank = (candidate: Certificate) =>
      keyIdentifierRank(subject, candidate) * 2 + this.periodRank(candidate);
    return candidates
      .map((candidate) => ({ candidate, rank: rank(candidate) }))
      .sort((left, right) => left.rank - right.rank)
      .map(({ candidate }) => candidate);
  }

  private periodRank(candidate: Certificate): number {
    return candidate.notBefore <= this.at && this.at <= candidate.notAfter ? 0 : 1;
  }

  /** One public key operation for each pair of certificate and issuer key, however many paths ask. */
  private link(subject: Certificate, issuer: Certificate): Link {
    const known = this.links.get(subject) ?? new Map<string, Link>();
    this.links.set(subject, known);
    const key = Buffer.from(issuer.subjectPublicKeyInfo.der).toString('latin1');
    const link = known.get(key) ?? this.computeLink(subject, issuer);
    known.set(key, link);
    return link;
  }

  private computeLink(subject: Certificate, issuer: Certificate): Link {
    const scheme = signatureScheme(subject.signatureAlgorithm);
    if (scheme === undefined) return 'unverifiable';
    this.budget.spend('signatures');
    try {
      const key = issuer.publicKey();
      return verifySignature(scheme, key, subject.tbsCertificate, subject.signature) ? 'verified' : 'refuted';
    } catch {
      return 'unverifiable';
    }
  }
}

/** 0 the identifiers match, 1 nothing to compare, 2 they differ (RFC 5280 section 4.2.1.1: a hint, not a rule). */
function keyIdentifierRank(subject: Certificate, issuer: Certificate): number {
  const wanted = subject.authorityKeyIdentifier?.keyIdentifier;
  const offered = issuer.subjectKeyIdentifier;
  if (wanted === undefined || offered === undefined) return 1;
  return sameOctets(wanted, offered) ? 0 : 2;
}
