import type { EpochMillis } from '../../core/brand.ts';
import type { Upload, UploadJudgement } from '../../verifier/judge-upload.ts';
import type { PolicyFile } from '../../verifier/policy/policy-file.ts';

/** What a judging thread is told once. */
export interface JudgeThreadData {
  readonly policy: PolicyFile;
  /** DER. */
  readonly trustAnchors: readonly Uint8Array[];
  readonly intermediates: readonly Uint8Array[];
  /** Whether CRLs can be asked for. */
  readonly crls: 'asked' | 'none';
}

export interface JudgeWork {
  readonly upload: Upload;
  readonly at: EpochMillis;
}

/** The one thing it asks for: a CRL, in DER. */
export interface CrlQuestion {
  readonly distributionPoint: Uint8Array;
  readonly authorityKeyIdentifier?: Uint8Array;
}

export type JudgeResult = UploadJudgement;
