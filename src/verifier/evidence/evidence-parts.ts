import { toBase64 } from '../../core/encoding.ts';
import { readFormSkeleton } from '../../core/forms/prepare-form.ts';
import type { ValidationOutcome, ValidationRequest } from '../validation-types.ts';
import { type EvidenceContent, type EvidencePart, sha256Hex } from './evidence-record.ts';
import type { UsedMaterial } from './used-material.ts';

/** The octets of a judgement, in the order of the record. */
export function evidenceParts(
  request: ValidationRequest,
  outcome: ValidationOutcome,
  { intermediates, data }: UsedMaterial,
  version: EvidenceContent['version'],
): EvidencePart[] {
  const { subject } = request;
  const parts: EvidencePart[] = subjectParts(request);
  const add = (name: string, octets: Uint8Array | undefined) => {
    if (octets !== undefined) parts.push(part(name, octets));
  };
  if (subject.kind === 'skeleton' || subject.kind === 'form') {
    add('finished-document', outcome.document);
    add('signed-info', signedInfoOf(subject));
  }
  intermediates.forEach(({ der }, index) => {
    add(`intermediate:${index}`, der);
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
  add('nonce', version === 1 || data.length > 0 ? request.nonce : undefined);
  return parts;
}

function subjectParts({ subject }: ValidationRequest): EvidencePart[] {
  if (subject.kind === 'document') return [part('document', subject.document)];
  if (subject.kind === 'form') {
    const { form, skeleton, files, certificate, signatureValue } = subject;
    return [
      part('form-file', form.source),
      part('skeleton', skeleton),
      ...files.map(({ octets }, index) => part(`file:${index}`, octets)),
      part('certificate', certificate),
      part('signature-value', signatureValue),
    ];
  }
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

function signedInfoOf(
  subject: Extract<ValidationRequest['subject'], { kind: 'skeleton' | 'form' }>,
): Uint8Array {
  return subject.kind === 'form'
    ? readFormSkeleton(subject.skeleton, subject.form).signedInfoOctets
    : subject.prepared.signedInfoOctets;
}
