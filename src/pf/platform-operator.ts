import type { PriceRule } from '../core/fees/price-list.ts';
import type { FormCatalogue } from '../core/forms/catalogue.ts';
import type { AuditLog } from '../ports/audit.ts';
import type { Clock } from '../ports/clock.ts';
import type { ConsentStore } from '../ports/consent-store.ts';
import type { DecryptionKeys } from '../ports/decryption-key.ts';
import type { EvidenceArchive } from '../ports/evidence-archive.ts';
import type { EvidenceStore } from '../ports/evidence-store.ts';
import type { FeeLedger } from '../ports/fee-ledger.ts';
import type { IdempotencyStore } from '../ports/idempotency-store.ts';
import type { LeaseStore } from '../ports/lease-store.ts';
import type { Log } from '../ports/log.ts';
import type { PublicLog } from '../ports/public-log.ts';
import type { Random } from '../ports/random.ts';
import type { ReceiptSigner } from '../ports/receipt-signer.ts';
import type { ReplayStore } from '../ports/replay-store.ts';
import type { RevocationSource } from '../ports/revocation-source.ts';
import type { SignatureMemory } from '../ports/signature-memory.ts';
import type { StatusCheckStore } from '../ports/status-check-store.ts';
import type { SubjectStore } from '../ports/subject-store.ts';
import type { VerificationStore } from '../ports/verification-store.ts';
import type { TimeStamping } from '../verification/evidence/time-stamping.ts';
import type { RevocationWatch } from '../verification/revocation/revocation-watch.ts';
import type { PolicyFile } from '../verifier/policy/policy-file.ts';
import type { OcspTerms, ResponderCache } from '../verifier/revocation/revocation-types.ts';
import type { Certificate } from '../verifier/x509/certificate-types.ts';
import type { PfTenants } from './tenant-rights.ts';

/** What the use-cases of the platform operator stand on. */
export interface PlatformOperator {
  readonly environment: 'test' | 'production';
  /** `aud` of the assertions of our tenants, `iss` of receipts. */
  readonly publicUrl: string;
  readonly verifications: VerificationStore;
  /** Which verification has which signature value. */
  readonly signatures: SignatureMemory;
  readonly evidence: EvidenceStore;
  readonly archive: EvidenceArchive;
  /** Absent: no TSA is configured, and evidence gets no time-stamps. */
  readonly timeStamping?: TimeStamping;
  readonly subjects: SubjectStore;
  readonly fees: FeeLedger;
  readonly statusChecks: StatusCheckStore;
  readonly consents: ConsentStore;
  /** Milliseconds for which a consent is kept after the hand-out. */
  readonly consentRetention: number;
  readonly idempotency: IdempotencyStore;
  readonly prices: readonly PriceRule[];
  readonly leases: LeaseStore;
  readonly audit: AuditLog;
  readonly replay: ReplayStore;
  /** Absent: this operator has none. */
  readonly publicLog?: PublicLog;
  readonly tenants: PfTenants;
  readonly keys: DecryptionKeys;
  readonly receipts: ReceiptSigner;
  readonly revocation: RevocationSource;
  readonly responderCache: ResponderCache;
  /** How responders are asked; with a nonce when absent. */
  readonly ocsp?: OcspTerms;
  /** How fresh the revocation data was that this process has seen. */
  readonly revocationWatch: RevocationWatch;
  /** Milliseconds by which our clock and that of a revocation source may differ. */
  readonly clockTolerance: number;
  readonly trustAnchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  /** The rules by which signatures are judged. */
  readonly policy: PolicyFile;
  /** Receivers' forms by name: those that ship, and the operator's own. */
  readonly forms: FormCatalogue;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Milliseconds within which a verification must be decided. */
  readonly deadline: number;
  /** Milliseconds after its end at which a verification is deleted with its evidence; absent: never. */
  readonly retention?: number;
  /** Whether files may come in mode `digest-info`; refused unless it is said. */
  readonly filesInDigestInfo?: 'refused' | 'allowed';
  /** Version of this software, for the evidence. */
  readonly version: string;
}
