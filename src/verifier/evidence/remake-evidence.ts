import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { asJitsuinError, type JitsuinError } from '../../core/errors.ts';
import { startValidation } from '../validate.ts';
import type { RevocationData, ValidationOutcome, ValidationRequest } from '../validation-types.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { evidenceContent } from './evidence-content.ts';
import type { EvidenceContent, EvidenceRecord } from './evidence-record.ts';
import { recordedData, recordedRequest } from './recorded-request.ts';

/** A judgement made from a record's parts. */
export interface Judged {
  readonly request: ValidationRequest;
  readonly outcome: ValidationOutcome;
  readonly data: readonly RevocationData[];
}

export interface Remade extends Judged {
  /** What the record would say if it were written from this judgement. */
  readonly content: EvidenceContent;
}

/** `unusable`: a record whose digests hold and that yet could never have been one of ours. */
export type Remaking = Remade | { readonly unusable: JitsuinError };

/**
 * Makes a record again from its own parts. Its own anchor may be among the anchors: that proves nothing but that it
 * fits itself.
 */
export function remakeEvidence(record: EvidenceRecord, trustAnchors: readonly Certificate[]): Remaking {
  try {
    const asked = recordedRequest(record, trustAnchors);
    const dataAt = record.version === 1 ? record.instant.dataAt : undefined;
    const request: ValidationRequest = defined({
      ...asked,
      dataAt: dataAt === undefined ? undefined : (dataAt as EpochMillis),
    });
    const judged = judgeRecorded(record, request);
    const { id, instant, validator } = record;
    const facts = { id, instantSource: instant.source, validatorVersion: validator.version };
    return { ...judged, content: evidenceContent({ ...facts, ...judged }, record.version) };
  } catch (thrown) {
    const error = asJitsuinError(thrown);
    if (error.kind === 'internal') throw thrown;
    return { unusable: error };
  }
}

/** The judgement that a request gets with the revocation data of the record. */
export function judgeRecorded(record: EvidenceRecord, request: ValidationRequest): Judged {
  const started = startValidation(request);
  if (started.kind === 'decided') return { request, outcome: started.outcome, data: [] };
  const data = started.needs.map((_need, index) => recordedData(record, index));
  return { request, outcome: started.finish(data), data };
}
