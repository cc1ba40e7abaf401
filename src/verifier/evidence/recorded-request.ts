import type { EpochMillis, SignatureValue, SigningInput } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { fromBase64 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { readForm } from '../../core/forms/read-form.ts';
import { readSkeleton } from '../../core/xmldsig/prepare.ts';
import { isXmlSignatureProfileName } from '../../core/xmldsig/profile-table.ts';
import type {
  RevocationData,
  ValidationPolicy,
  ValidationRequest,
  ValidationSubject,
} from '../validation-types.ts';
import { parseCertificate } from '../x509/certificate.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import type { EvidenceRecord } from './evidence-record.ts';
import { findPart } from './read-evidence.ts';

/**
 * The question that a record answered, from its parts alone; its own `dataAt`, where an old one has it, is not in it.
 * @throws JitsuinError `evidence.invalid` (a part is missing), `xmldsig.*`, `certificate.*`
 */
export function recordedRequest(
  record: EvidenceRecord,
  trustAnchors: readonly Certificate[],
): ValidationRequest {
  const { instant, mode, data } = record;
  return defined({
    subject: recordedSubject(record),
    mode,
    trustAnchors,
    intermediates: record.parts
      .filter((part) => part.name.startsWith('intermediate:'))
      .map((part) => parseCertificate(fromBase64(part.octets))),
    at: instant.at as EpochMillis,
    policy: record.policy as ValidationPolicy,
    data: data === undefined ? undefined : (data as SigningInput),
    nonce: findPart(record, 'nonce'),
  });
}

function recordedSubject(record: EvidenceRecord): ValidationSubject {
  const { profile, signedElement } = record;
  if (record.form !== undefined) return subjectInForm(record);
  const selector = signedElement === undefined ? {} : { signedElement };
  const document = findPart(record, 'document');
  if (document !== undefined && isXmlSignatureProfileName(profile))
    return { kind: 'document', document, profile, ...selector };
  const certificate = needPart(record, 'certificate');
  const signatureValue = needPart(record, 'signature-value') as SignatureValue;
  if (profile === 'detached')
    return { kind: 'file', octets: needPart(record, 'file'), certificate, signatureValue };
  if (!isXmlSignatureProfileName(profile))
    throw new JitsuinError('evidence.invalid', `"${profile}" is no profile, and no form is recorded.`, {
      at: 'profile',
    });
  const prepared = readSkeleton(needPart(record, 'skeleton'), profile, selector);
  return { kind: 'skeleton', prepared, certificate, signatureValue };
}

/** The form as it was on that day: whether it is one that is known is asked elsewhere (`evidence-form`). */
function subjectInForm(record: EvidenceRecord): ValidationSubject {
  const form = readForm(needPart(record, 'form-file'));
  const files = (record.files ?? []).map(({ name }, index) => ({
    name,
    octets: needPart(record, `file:${index}`),
  }));
  return {
    kind: 'form',
    form,
    skeleton: needPart(record, 'skeleton'),
    files,
    certificate: needPart(record, 'certificate'),
    signatureValue: needPart(record, 'signature-value') as SignatureValue,
  };
}

/** What the record has for the certificate at this place of the path. */
export function recordedData(record: EvidenceRecord, need: number): RevocationData {
  const collect = (kind: string) =>
    record.parts
      .filter((part) => part.name.startsWith(`${kind}:${need}:`))
      .map((part) => fromBase64(part.octets));
  return { crls: collect('crl'), ocsp: collect('ocsp') };
}

function needPart(record: EvidenceRecord, name: string): Uint8Array {
  const octets = findPart(record, name);
  if (octets === undefined)
    throw new JitsuinError('evidence.invalid', `The record lacks "${name}".`, { at: name });
  return octets;
}
