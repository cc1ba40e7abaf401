import { defined } from '../../core/defined.ts';
import { toBase64 } from '../../core/encoding.ts';
import type { RevocationData, ValidationOutcome, ValidationRequest } from '../validation-types.ts';
import { canonicalJson } from './canonical-json.ts';
import {
  type EvidenceContent,
  type EvidencePart,
  type EvidenceRecord,
  sha256Hex,
} from './evidence-record.ts';

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

export interface Evidence {
  readonly id: string;
  /** The record, canonical JSON in UTF-8. */
  readonly octets: Uint8Array;
  /** Hash of the whole record, as it stands in it. */
  readonly sha256: string;
}

/** The evidence record of one judgement (see evidence-record.ts). Holds the certificate: for pf and gov only. */
export function makeEvidence(input: EvidenceInput): Evidence {
  const content = evidenceContent(input);
  const digests = Object.fromEntries(
    Object.entries(content).map(([name, value]) => [name, sha256Hex(canonicalJson(value))]),
  );
  const sha256 = sha256Hex(canonicalJson({ ...content, digests }));
  const record: EvidenceRecord = { ...content, digests, sha256 };
  return { id: input.id, octets: canonicalJson(record), sha256 };
}

function evidenceContent(input: EvidenceInput): EvidenceContent {
  const { id, request, outcome, data, instantSource, validatorVersion } = input;
  const { subject, at, dataAt } = request;
  const content: EvidenceContent = {
    format: 'jitsuin-evidence',
    version: 1,
    id,
    purpose: 'signature-verification',
    validator: { name: 'jitsuin', version: validatorVersion },
    policy: structuredClone(request.policy) as EvidenceContent['policy'],
    profile: profileOf(request),
    mode: request.mode,
    instant: defined({
      at,
      source: instantSource,
      dataAt,
    }),
    revocationNeeds: data.length,
    parts: partsOf(input),
    report: { ...outcome.report, checks: outcome.report.checks.map((check) => ({ ...check })) },
    result: outcome.result,
  };
  const signedElement = subject.kind === 'file' ? undefined : selectorOf(subject);
  return defined({
    ...content,
    data: request.data,
    signedElement,
    signedOctetsSha256: outcome.signedOctetsSha256,
  });
}

function profileOf({ subject }: ValidationRequest): EvidenceContent['profile'] {
  if (subject.kind === 'file') return 'detached';
  return subject.kind === 'skeleton' ? subject.prepared.profile : subject.profile;
}

/** Which element was agreed to be signed, so that the reading in twenty years looks for the same one. */
function selectorOf(
  subject: Exclude<ValidationRequest['subject'], { kind: 'file' }>,
): EvidenceContent['signedElement'] {
  if (subject.kind === 'document') return subject.signedElement;
  const { signedElement, profile } = subject.prepared;
  if (profile === 'enveloped') return undefined;
  if (profile === 'by-id' && signedElement.id !== undefined) return { id: signedElement.id };
  const { namespace, localName } = signedElement;
  return { name: namespace === '' ? localName : `{${namespace}}${localName}` };
}

function partsOf({ request, outcome, data }: EvidenceInput): EvidencePart[] {
  const { subject, intermediates = [], nonce } = request;
  const parts: EvidencePart[] = subjectParts(request);
  const add = (name: string, octets: Uint8Array | undefined) => {
    if (octets !== undefined) parts.push(part(name, octets));
  };
  if (subject.kind === 'skeleton') {
    add('finished-document', outcome.document);
    add('signed-info', subject.prepared.signedInfoOctets);
  }
  intermediates.forEach((certificate, index) => {
    add(`intermediate:${index}`, certificate.der);
  });
  add('anchor', outcome.path.length > 1 ? outcome.path.at(-1)?.der : undefined);
  data.forEach((one, need) => {
    one.crls.forEach((der, index) => {
      add(`crl:${need}:${index}`, der);
    });
    one.ocsp.forEach((der, index) => {
      add(`ocsp:${need}:${index}`, der);
    });
  });
  add('nonce', nonce);
  return parts;
}

function subjectParts({ subject }: ValidationRequest): EvidencePart[] {
  if (subject.kind === 'document') return [part('document', subject.document)];
  const octets = subject.kind === 'file' ? subject.octets : subject.prepared.skeleton;
  return [
    part(subject.kind, octets),
    part('certificate', subject.certificate),
    part('signature-value', subject.signatureValue),
  ];
}

function part(name: string, octets: Uint8Array): EvidencePart {
  return { name, octets: toBase64(octets), sha256: sha256Hex(octets) };
}
