import { defined } from '../../core/defined.ts';
import { hexSha256 } from '../../core/digest/sha256.ts';
import { formIdentity } from '../../core/forms/form.ts';
import type { RevocationData, ValidationOutcome, ValidationRequest } from '../validation-types.ts';
import { evidenceParts } from './evidence-parts.ts';
import type { EvidenceContent } from './evidence-record.ts';
import { type UsedMaterial, usedMaterial } from './used-material.ts';

export interface EvidenceInput {
  readonly id: string;
  readonly request: ValidationRequest;
  readonly outcome: ValidationOutcome;
  /** What `finish` was given; empty when the verdict stood before. */
  readonly data: readonly RevocationData[];
  /** Where the instant came from, for example `platform-clock`. */
  readonly instantSource: string;
  /** Version of this software. */
  readonly validatorVersion: string;
}

/**
 * What a record says of one judgement: the one place where it is written, for the maker and for who makes it again
 * to compare.
 * @param version 2 is written; 1 as it was, for records that are kept
 */
export function evidenceContent(input: EvidenceInput, version: EvidenceContent['version']): EvidenceContent {
  const { request, outcome } = input;
  const used = version === 1 ? given(input) : usedMaterial(request, outcome, input.data);
  return defined({
    format: 'jitsuin-evidence',
    ...versionOf(input, version),
    id: input.id,
    purpose: 'signature-verification',
    validator: { name: 'jitsuin', version: input.validatorVersion },
    policy: structuredClone(request.policy) as EvidenceContent['policy'],
    profile: profileOf(request),
    mode: request.mode,
    revocationNeeds: used.data.length,
    parts: evidenceParts(request, outcome, used, version),
    report: { ...outcome.report, checks: outcome.report.checks.map((check) => ({ ...check })) },
    result: outcome.result,
    data: request.data,
    signedElement: selectorOf(request),
    signedOctetsSha256: outcome.signedOctetsSha256,
    ...formFacts(request),
  });
}

function given({ request, data }: EvidenceInput): UsedMaterial {
  return { intermediates: request.intermediates ?? [], data };
}

function versionOf(
  { request, instantSource: source }: EvidenceInput,
  version: EvidenceContent['version'],
): Pick<
  Extract<EvidenceContent, { version: 1 }> | Extract<EvidenceContent, { version: 2 }>,
  'version' | 'instant'
> {
  const { at, dataAt } = request;
  if (version === 2) return { version, instant: { at, source } };
  return { version, instant: defined({ at, source, dataAt }) };
}

function profileOf({ subject }: ValidationRequest): EvidenceContent['profile'] {
  if (subject.kind === 'file') return 'detached';
  if (subject.kind === 'form') return subject.form.name;
  return subject.kind === 'skeleton' ? subject.prepared.profile : subject.profile;
}

/** Which element was agreed to be signed, so that the reading in twenty years looks for the same one. */
function selectorOf({ subject }: ValidationRequest): EvidenceContent['signedElement'] {
  if (subject.kind === 'file' || subject.kind === 'form') return undefined;
  if (subject.kind === 'document') return subject.signedElement;
  const { signedElement } = subject.prepared;
  if (signedElement.wholeDocument) return undefined;
  if (signedElement.id !== undefined) return { id: signedElement.id };
  const { namespace, localName } = signedElement;
  return { name: namespace === '' ? localName : `{${namespace}}${localName}` };
}

function formFacts({ subject }: ValidationRequest): Pick<EvidenceContent, 'form' | 'files'> {
  if (subject.kind !== 'form') return {};
  const files = subject.files.map(({ name, octets }) => ({
    name,
    length: octets.length,
    sha256: hexSha256(octets),
  }));
  return { form: formIdentity(subject.form), files };
}
