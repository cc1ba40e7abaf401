import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { fromBase64 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { isXmlSignatureProfileName, XML_SIGNATURE_PROFILES } from '../../core/xmldsig/profile-table.ts';
import { digestChecks, findPart, readRecord } from '../evidence/read-evidence.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { verifyXmlSignature } from '../xmldsig/verify.ts';

/** What a XAdES document is made of. DER throughout. */
export interface XadesSource {
  /** The finished signed XML. */
  readonly document: Uint8Array;
  /** The canonical octets that its Reference covers. */
  readonly signedOctets: Uint8Array;
  /** The instant that the record is judged for. */
  readonly at: EpochMillis;
  /** The signer's first, the anchor last. */
  readonly certificates: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
  readonly ocsp: readonly Uint8Array[];
}

/**
 * Takes it out of an evidence record whose verdict is OK. The signature is verified once more, so that only what it
 * covers is called so.
 * @throws JitsuinError `evidence.invalid`, `xmldsig.state` (a file was signed, or the verdict is another),
 * `xmldsig.profile`
 */
export function xadesSource(recordOctets: Uint8Array): XadesSource {
  const record = readRecord(recordOctets);
  if (typeof record === 'string' || digestChecks(record).some((check) => check.result !== 'passed'))
    throw new JitsuinError('evidence.invalid', 'The record is not whole.');
  const { profile, signedElement } = record;
  const document = findPart(record, 'finished-document') ?? findPart(record, 'document');
  if (document === undefined || record.result !== 'OK' || profile === 'detached')
    throw new JitsuinError('xmldsig.state', 'Only a signed XML document that was found good becomes XAdES.');
  if (
    !isXmlSignatureProfileName(profile) ||
    XML_SIGNATURE_PROFILES[profile].signatureNamespace === 'unqualified'
  )
    throw new JitsuinError(
      'xmldsig.profile',
      'The Signature of this form cannot carry XAdES: only those of enveloped and by-id do.',
    );
  const at = record.instant.at as EpochMillis;
  const validation = verifyXmlSignature(
    document,
    defined({
      profile,
      key: {
        kind: 'certificate',
        resolve: (der: Uint8Array) => ({ publicKey: parseCertificate(der).publicKey() }),
      },
      validationTime: at,
      signedElement,
    }),
  );
  const { signedOctets } = validation;
  if (signedOctets === undefined)
    throw new JitsuinError('evidence.invalid', 'The signature of the record is not right.');
  const parts = (pattern: RegExp) =>
    record.parts.filter(({ name }) => pattern.test(name)).map(({ octets }) => fromBase64(octets));
  return {
    document,
    signedOctets,
    at,
    certificates: parts(/^(?:certificate|intermediate:[0-9]+|anchor)$/),
    crls: parts(/^crl:/),
    ocsp: parts(/^ocsp:/),
  };
}
