import type { AlgorithmEnds } from '../../core/digest/algorithm-ends.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EvidenceArchive } from '../../ports/evidence-archive.ts';
import type { EvidenceStore } from '../../ports/evidence-store.ts';
import type { LeaseStore } from '../../ports/lease-store.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { RevocationSource } from '../../ports/revocation-source.ts';
import type { TimeStampSource } from '../../ports/time-stamp-source.ts';
import type { Certificate } from '../../verifier/x509/certificate-types.ts';

/** A time-stamp authority and how evidence is stamped by it. */
export interface TimeStamping {
  readonly source: TimeStampSource;
  readonly trustAnchors: readonly Certificate[];
  /** Where it is said whether certificates of the TSA were revoked. */
  readonly revocation: RevocationSource;
  readonly method: 'CRL' | 'OCSP';
  /** Dotted OID of the policy to ask for; absent: the TSA's own. */
  readonly policy?: string;
  /** Milliseconds; evidence is covered at the latest this long after it was kept, while the TSA answers. */
  readonly period: number;
  /** Milliseconds before the end of a TSA certificate, or of an algorithm, at which what stands on it is renewed. */
  readonly renewBefore: number;
  /** When hashes and kinds of keys end, as far as is known. */
  readonly algorithmEnds: AlgorithmEnds;
}

/** What the upkeep of evidence stands on, at a platform operator and at an agency alike. */
export interface EvidencePorts {
  readonly archive: EvidenceArchive;
  readonly evidence: EvidenceStore;
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Absent: no TSA is configured, and evidence gets no time-stamps. */
  readonly timeStamping?: TimeStamping;
}
