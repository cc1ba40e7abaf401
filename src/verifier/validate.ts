import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { defined } from '../core/defined.ts';
import { toUtf8 } from '../core/encoding.ts';
import { asJitsuinError } from '../core/errors.ts';
import { type Check, conclude, finding, isRetryable } from '../core/report.ts';
import { prepareDetached } from '../core/xmldsig/prepare-detached.ts';
import { signedFormOf } from '../core/xmldsig/signed-forms.ts';
import { judgeCertificate, revocationNeeds } from './judge-certificate.ts';
import { judgeRevocation } from './judge-revocation.ts';
import { verificationResult } from './validation-result.ts';
import type {
  RevocationData,
  ValidationOutcome,
  ValidationRequest,
  ValidationStart,
  ValidationSubject,
} from './validation-types.ts';
import { parseCertificate } from './x509/certificate.ts';
import type { Certificate } from './x509/certificate-types.ts';
import { completeSignature } from './xmldsig/complete.ts';
import type {
  CertificateRefusal,
  CertificateResolution,
  XmlSignatureValidation,
} from './xmldsig/validation.ts';
import { verifyXmlSignature } from './xmldsig/verify.ts';
import { verifyDetached } from './xmldsig/verify-detached.ts';

/** Everything but the verdict; grows from step to step. */
type Found = Omit<ValidationOutcome, 'report' | 'result' | 'retryable'>;
interface Judged {
  readonly checks: readonly Check[];
  readonly found: Found;
}

/**
 * The whole judgement of one signature, in the order shape → algorithms → certificate syntax → signature → digest → path,
 * period, usage, policy → JPKI profile → revocation → binding to the transaction (ETSI EN 319 102-1 section 5.3 in spirit).
 * Revocation data has to be fetched by the caller in between, so the steps before it are made here and the rest by
 * `finish`. Nothing is fetched and no clock is read. A wrong signature is a report; only a skeleton or file that cannot be
 * what was prepared throws.
 * @throws JitsuinError `xmldsig.*`, `digest.*` for a subject that no prepared signature could be
 */
export function startValidation(request: ValidationRequest): ValidationStart {
  const signature = judgeSignature(request);
  const certificate = signature.found.certificate;
  if (certificate === undefined || !allPassed(signature.checks)) {
    return decided(request, signature, notReached('certification-path', 'revocation', 'transaction-binding'));
  }
  const judged = judgeCertificate(certificate, request);
  const upToPath: Judged = {
    checks: [...signature.checks, ...judged.checks],
    found: { ...signature.found, ...judged.found },
  };
  const binding = judgeBinding(request);
  if (!allPassed(upToPath.checks) || !allPassed(binding)) {
    return decided(request, upToPath, [...notReached('revocation'), ...binding]);
  }
  return {
    kind: 'needs-revocation',
    needs: revocationNeeds(upToPath.found.path, request),
    finish: (data) => finish(request, upToPath, binding, data),
  };
}

function finish(
  request: ValidationRequest,
  judged: Judged,
  binding: readonly Check[],
  data: readonly RevocationData[],
): ValidationOutcome {
  const { checks, results } = judgeRevocation(judged.found.path, request, data);
  const found = { ...judged.found, revocation: results };
  return outcome(request, { checks: [...judged.checks, ...checks, ...binding], found });
}

/** A verdict before revocation; the steps that were not made are named. */
function decided(request: ValidationRequest, judged: Judged, rest: readonly Check[]): ValidationStart {
  return { kind: 'decided', outcome: outcome(request, { ...judged, checks: [...judged.checks, ...rest] }) };
}

function notReached(...names: readonly string[]): readonly Check[] {
  return names.map((name) => ({ name, result: 'not-reached' }));
}

function outcome(request: ValidationRequest, judged: Judged): ValidationOutcome {
  const report = conclude(judged.checks, request.at);
  return { report, result: verificationResult(report), retryable: isRetryable(report), ...judged.found };
}

function allPassed(checks: readonly Check[]): boolean {
  return checks.every((check) => check.result === 'passed');
}

const NOTHING_FOUND: Found = { path: [], revocation: [] };

function judgeSignature(request: ValidationRequest): Judged {
  const { subject } = request;
  if (subject.kind === 'document') return judgeDocument(request, subject);
  const certificate = readCertificate(subject.certificate);
  if ('check' in certificate) return { checks: [certificate.check], found: NOTHING_FOUND };
  const { leaf, publicKey } = certificate;
  const common = { signatureValue: subject.signatureValue, publicKey, validationTime: request.at };
  if (subject.kind === 'file') {
    if (request.mode === 'digest-info' && signedFormOf(subject.octets) !== undefined)
      return { checks: [modeFailed], found: { ...NOTHING_FOUND, certificate: leaf } };
    const { report, signedOctetsSha256 } = verifyDetached(subject.octets, { ...common, mode: request.mode });
    const found = { ...NOTHING_FOUND, certificate: leaf };
    const proved = report.indication === 'TOTAL-PASSED' ? { signedOctetsSha256 } : {};
    return { checks: [certificatePassed, ...report.checks], found: { ...found, ...proved } };
  }
  if (request.mode !== 'digest-info')
    return { checks: [modeFailed], found: { ...NOTHING_FOUND, certificate: leaf } };
  const { prepared } = subject;
  const completion = completeSignature(prepared, {
    signatureValue: subject.signatureValue,
    certificate: leaf,
    validationTime: request.at,
  });
  const document = completion.outcome === 'completed' ? { document: completion.document } : {};
  return {
    checks: completion.validation.report.checks,
    found: {
      ...proved(completion.validation),
      ...document,
      signedInfoOctets: prepared.signedInfoOctets,
      certificate: leaf,
      path: [],
      revocation: [],
    },
  };
}

const certificatePassed: Check = { name: 'certificate-syntax', result: 'passed' };

/** XML Signature signs SignedInfo as it is: mode `digest` would hash it twice, so no XML Signature can have it. */
const modeFailed: Check = finding('signing-mode', 'xmldsig.mode');

function judgeDocument(
  request: ValidationRequest,
  subject: Extract<ValidationSubject, { kind: 'document' }>,
): Judged {
  if (request.mode !== 'digest-info') return { checks: [modeFailed], found: NOTHING_FOUND };
  let leaf: Certificate | undefined;
  const resolve = (der: Uint8Array): CertificateResolution => {
    const read = readCertificate(der);
    if ('check' in read) return { refusal: read.refusal };
    leaf = read.leaf;
    return { publicKey: read.publicKey };
  };
  const { profile, document, signedElement } = subject;
  const validation = verifyXmlSignature(
    document,
    defined({
      profile,
      key: { kind: 'certificate', resolve },
      validationTime: request.at,
      signedElement,
    }),
  );
  const found = { ...NOTHING_FOUND, ...proved(validation) };
  const passed = validation.report.indication === 'TOTAL-PASSED' ? { document } : {};
  return {
    checks: validation.report.checks,
    found: leaf === undefined ? found : { ...found, ...passed, certificate: leaf },
  };
}

function proved(
  validation: XmlSignatureValidation,
): Pick<Found, 'signedOctets' | 'signedOctetsSha256' | 'unsigned'> {
  const { signedOctets, signedOctetsSha256, unsigned } = validation;
  return signedOctets === undefined || signedOctetsSha256 === undefined
    ? {}
    : { signedOctets, signedOctetsSha256, unsigned };
}

type ReadCertificate =
  | { readonly leaf: Certificate; readonly publicKey: KeyObject }
  | { readonly check: Check; readonly refusal: CertificateRefusal };

/** The certificate with its key, or the check and refusal that say why not. */
function readCertificate(der: Uint8Array): ReadCertificate {
  try {
    const leaf = parseCertificate(der);
    return { leaf, publicKey: leaf.publicKey() };
  } catch (thrown) {
    const { code, kind } = asJitsuinError(thrown);
    if (kind === 'internal') throw thrown;
    const name = code === 'certificate.key-policy' ? 'key-policy' : 'certificate-syntax';
    return { check: finding(name, code), refusal: { code } };
  }
}

/** `data` must be what the subject gives in the recorded mode, and in no other (catalogue S6, J12, J13). */
function judgeBinding(request: ValidationRequest): readonly Check[] {
  const { data, subject } = request;
  if (data === undefined) return [];
  const expected = expectedData(request, subject);
  const given = toUtf8(data);
  const same = expected !== undefined && expected.length === given.length && timingSafeEqual(expected, given);
  const name = 'transaction-binding';
  if (same) return [{ name, result: 'passed' }];
  return [finding(name, 'binding.transaction')];
}

function expectedData(request: ValidationRequest, subject: ValidationSubject): Uint8Array | undefined {
  if (subject.kind === 'skeleton') return toUtf8(subject.prepared.data);
  if (subject.kind === 'file') return toUtf8(prepareDetached(subject.octets, request.mode).data);
  return undefined;
}
