import type { KeyObject } from 'node:crypto';
import { defined } from '../core/defined.ts';
import { equalOctets } from '../core/digest/sha256.ts';
import { toUtf8 } from '../core/encoding.ts';
import { asJitsuinError } from '../core/errors.ts';
import { readFormSkeleton } from '../core/forms/prepare-form.ts';
import { type Check, conclude, finding, isRetryable } from '../core/report.ts';
import { prepareDetached } from '../core/xmldsig/prepare-detached.ts';
import { signedFormOf } from '../core/xmldsig/signed-forms.ts';
import type { FormSigner } from './forms/form-validation.ts';
import { judgeInForm, severalSigners } from './forms/judge-in-form.ts';
import { judgeCertificate, periodChecks, revocationNeeds } from './judge-certificate.ts';
import { judgeRevocation } from './judge-revocation.ts';
import type { RevocationResult } from './revocation/revocation-types.ts';
import { verificationResult } from './validation-result.ts';
import type {
  AnyRequest,
  RevocationData,
  ValidationOutcome,
  ValidationPolicy,
  ValidationStart,
  ValidationSubject,
  ValidationTrial,
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
 * `agreed`: value and digest are right, so that the certificate is worth judging, even where an algorithm is no
 * longer sound.
 */
type JudgedSignature = Judged & { readonly cryptography: 'agreed' | 'open' };

/**
 * The whole judgement of one signature, the only one there is: pf, gov, the upload page, `jitsuin verify`, `jitsuin
 * evidence verify` and the conformance suites call it. Order: form → algorithms → certificate syntax → signature →
 * digest → path, usage, policy → JPKI profile → revocation → the signer's period → binding to the transaction (ETSI
 * EN 319 102-1 section 5.3); `conclude` picks what decides. Revocation data has to be fetched by the caller in
 * between, so the steps before it are made here and the rest by `finish`. Nothing is fetched and no clock is read.
 * A wrong signature is a report; only a skeleton or file that cannot be what was prepared throws.
 * @throws JitsuinError `xmldsig.*`, `digest.*` for a subject that no prepared signature could be
 */
export function startValidation(trial: ValidationTrial): ValidationStart {
  const { subject } = trial;
  if (subject.kind !== 'form') return startOne(trial, judgeSignature(trial));
  const certificate = readCertificate(subject.certificate);
  if ('check' in certificate)
    return startOne(trial, { checks: [certificate.check], found: NOTHING_FOUND, cryptography: 'open' });
  const { leaf } = certificate;
  if (trial.mode !== 'digest-info')
    return startOne(trial, { checks: [modeFailed], found: withLeaf(leaf), cryptography: 'open' });
  return startInForm(trial, judgeInForm(subject, leaf), leaf);
}

/** Whoever signed before is judged as whoever signs now, with a path and revocation of their own. */
function startInForm(
  trial: ValidationTrial,
  { own, others, validation, document }: ReturnType<typeof judgeInForm>,
  leaf: Certificate,
): ValidationStart {
  const covered = validation.covered === undefined ? undefined : own.signedInfoSha256;
  const found: Found = defined({
    ...withLeaf(leaf),
    document,
    signedOctetsSha256: covered,
    inForm: validation,
  });
  const first = startOne(trial, { checks: own.checks, found, cryptography: own.cryptography });
  if (others.length === 0) return first;
  const { data: _data, intermediates = [], ...rest } = trial;
  const started = others.map((signer) => {
    const more = [...intermediates, ...signer.others];
    const asked = { ...rest, intermediates: more, subject: { kind: 'signer', signer } } as const;
    return { number: signer.number, start: startOne(asked, judgedSigner(signer)) };
  });
  return severalSigners({ number: own.number, start: first }, started);
}

function withLeaf(certificate: Certificate): Found {
  return { ...NOTHING_FOUND, certificate };
}

function startOne(trial: ValidationTrial, signature: JudgedSignature): ValidationStart {
  const { certificate } = signature.found;
  const { policy } = trial;
  if (certificate === undefined || signature.cryptography === 'open') {
    return decided(trial, signature, notReached(trial, 'certification-path', ...AFTER_PATH));
  }
  const request = { ...trial, policy: typeof policy === 'function' ? policy(certificate) : policy };
  const judged = judgeCertificate(certificate, request, signature.found.xml?.hashes ?? ['sha256']);
  const upToPath: Judged = {
    checks: [...signature.checks, ...judged.checks],
    found: { ...signature.found, ...judged.found, ...named(request.policy) },
  };
  const binding = judgeBinding(request);
  // What is wrong already is not asked about: each question costs at the authority.
  if (!allPassed(judged.checks) || !allPassed(binding)) {
    const rest = notReached({ subject: request.subject }, ...AFTER_PATH);
    return decided(request, upToPath, [...rest, ...binding]);
  }
  if (request.revocation === 'switched-off') return unasked(request, upToPath, certificate, binding);
  return {
    kind: 'needs-revocation',
    needs: revocationNeeds(upToPath.found.path, request),
    finish: (data) => finish(request, upToPath, certificate, binding, data),
  };
}

/** Which policy was applied: its name, and the hash of its file where it comes from one. */
function named({
  name: policy,
  sha256,
  timeStamp,
}: ValidationPolicy): Pick<Found, 'policy' | 'policySha256' | 'demandsTimeStamp'> {
  const demandsTimeStamp = timeStamp === 'demanded' ? true : undefined;
  return defined({ policy, policySha256: sha256, demandsTimeStamp });
}

const AFTER_PATH = ['revocation-status', 'signer-validity-period'] as const;

function finish(
  request: AnyRequest,
  judged: Judged,
  certificate: Certificate,
  binding: readonly Check[],
  data: readonly RevocationData[],
): ValidationOutcome {
  const { checks, results } = judgeRevocation(judged.found.path, request, data);
  const found = { ...judged.found, revocation: results };
  const period = periodChecks(request, certificate, results[0]);
  const revocation = isSilentOnEnded(request, certificate, results[0])
    ? [SILENT_ON_ENDED, ...checks.slice(1)]
    : checks;
  return outcome(request, { checks: [...judged.checks, ...revocation, ...period, ...binding], found });
}

/** Data of after a certificate's end says nothing of it: its end is what is told, and no newer data will help. */
function isSilentOnEnded(
  { policy, at }: AnyRequest,
  { notAfter }: Certificate,
  revocation: RevocationResult | undefined,
): boolean {
  const silent = revocation?.status === 'indeterminate' && revocation.code === 'revocation.unknown';
  return silent && policy.signerDates !== undefined && at > notAfter;
}

const SILENT_ON_ENDED: Check = {
  name: 'revocation-status',
  result: 'not-reached',
  detail: 'The certificate has ended, and the data at hand does not speak of ended certificates.',
};

/** Nobody wants to know whether it was revoked, and the report names that. */
function unasked(
  request: AnyRequest,
  judged: Judged,
  certificate: Certificate,
  binding: readonly Check[],
): ValidationStart {
  const detail = 'Switched off: nobody asked whether it was revoked.';
  const revocation: Check = { name: 'revocation-status', result: 'not-reached', detail };
  return decided(request, judged, [revocation, ...periodChecks(request, certificate, undefined), ...binding]);
}

/** A verdict before revocation; the steps that were not made are named. */
function decided(request: Pick<AnyRequest, 'at'>, judged: Judged, rest: readonly Check[]): ValidationStart {
  return { kind: 'decided', outcome: outcome(request, { ...judged, checks: [...judged.checks, ...rest] }) };
}

/** The checks that were not made; that of the binding only where there is a transaction to be bound to. */
function notReached(
  { data }: Pick<ValidationTrial, 'data' | 'subject'>,
  ...names: readonly string[]
): readonly Check[] {
  const all = data === undefined ? names : [...names, 'transaction-binding'];
  return all.map((name) => ({ name, result: 'not-reached' }));
}

function outcome({ at }: Pick<AnyRequest, 'at'>, judged: Judged): ValidationOutcome {
  const report = conclude(judged.checks, at);
  return { report, result: verificationResult(report), retryable: isRetryable(report), ...judged.found };
}

function allPassed(checks: readonly Check[]): boolean {
  return checks.every((check) => check.result === 'passed');
}

const NOTHING_FOUND: Found = { path: [], revocation: [] };

function judgeSignature(trial: ValidationTrial): JudgedSignature {
  const { subject } = trial;
  if (subject.kind === 'document') return judgeDocument(trial, subject);
  if (subject.kind === 'signer') return judgedSigner(subject.signer);
  if (subject.kind === 'form') throw new TypeError('A subject in a form has several signers.');
  const certificate = readCertificate(subject.certificate);
  if ('check' in certificate) {
    return { checks: [certificate.check], found: NOTHING_FOUND, cryptography: 'open' };
  }
  const { leaf, publicKey } = certificate;
  if (subject.kind === 'file') return judgeFile(trial, subject, { leaf, publicKey });
  if (trial.mode !== 'digest-info') {
    return { checks: [modeFailed], found: { ...NOTHING_FOUND, certificate: leaf }, cryptography: 'open' };
  }
  return judgeSkeleton(trial, subject, leaf);
}

function judgedSigner({ checks, certificate, cryptography }: FormSigner): JudgedSignature {
  return { checks, found: defined({ ...NOTHING_FOUND, certificate }), cryptography };
}

/** Octets that another protocol could read as signed (a token, a CMS structure) are no file in mode digest-info. */
function judgeFile(
  { mode, at }: ValidationTrial,
  { octets, signatureValue }: Extract<ValidationSubject, { kind: 'file' }>,
  { leaf, publicKey }: Extract<ReadCertificate, { leaf: Certificate }>,
): JudgedSignature {
  const found = { ...NOTHING_FOUND, certificate: leaf };
  if (mode === 'digest-info' && signedFormOf(octets) !== undefined)
    return { checks: [modeFailed], found, cryptography: 'open' };
  const options = { mode, signatureValue, publicKey, validationTime: at };
  const { report, signedOctetsSha256 } = verifyDetached(octets, options);
  const checks = [certificatePassed, ...report.checks];
  if (report.indication !== 'TOTAL-PASSED') return { checks, found, cryptography: 'open' };
  return { checks, found: { ...found, signedOctetsSha256 }, cryptography: 'agreed' };
}

function judgeSkeleton(
  { at }: ValidationTrial,
  { prepared, signatureValue }: Extract<ValidationSubject, { kind: 'skeleton' }>,
  leaf: Certificate,
): JudgedSignature {
  const completion = completeSignature(prepared, { signatureValue, certificate: leaf, validationTime: at });
  const { validation } = completion;
  return {
    checks: validation.report.checks,
    found: defined({
      ...proved(validation),
      document: completion.outcome === 'completed' ? completion.document : undefined,
      signedInfoOctets: prepared.signedInfoOctets,
      certificate: leaf,
      path: [],
      revocation: [],
      xml: validation,
    }),
    cryptography: cryptographyOf(validation),
  };
}

/** Value and digest were both found right. */
function cryptographyOf({ report }: XmlSignatureValidation): JudgedSignature['cryptography'] {
  const digest = report.checks.find(({ name }) => name === 'reference-digest');
  return digest?.result === 'passed' ? 'agreed' : 'open';
}

const certificatePassed: Check = { name: 'certificate-syntax', result: 'passed' };

/** XML Signature signs SignedInfo as it is: mode `digest` would hash it twice, so no XML Signature can have it. */
const modeFailed: Check = finding('signing-mode', 'xmldsig.mode');

function judgeDocument(
  trial: ValidationTrial,
  subject: Extract<ValidationSubject, { kind: 'document' }>,
): JudgedSignature {
  if (trial.mode !== 'digest-info') {
    return { checks: [modeFailed], found: NOTHING_FOUND, cryptography: 'open' };
  }
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
      validationTime: trial.at,
      signedElement,
    }),
  );
  const cryptography = cryptographyOf(validation);
  const passed = validation.report.indication === 'TOTAL-PASSED';
  return {
    checks: validation.report.checks,
    found: defined({
      ...NOTHING_FOUND,
      ...proved(validation),
      document: passed ? document : undefined,
      certificate: leaf,
      xml: validation,
    }),
    cryptography,
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
function judgeBinding(request: AnyRequest): readonly Check[] {
  const { data, subject } = request;
  if (data === undefined) return [];
  const expected = expectedData(request, subject);
  const given = toUtf8(data);
  const same = expected !== undefined && equalOctets(expected, given);
  const name = 'transaction-binding';
  if (same) return [{ name, result: 'passed' }];
  return [finding(name, 'binding.transaction')];
}

function expectedData(request: AnyRequest, subject: AnyRequest['subject']): Uint8Array | undefined {
  if (subject.kind === 'skeleton') return toUtf8(subject.prepared.data);
  if (subject.kind === 'form') return toUtf8(readFormSkeleton(subject.skeleton, subject.form).data);
  if (subject.kind !== 'file') return undefined;
  const { data = '', mode } = request;
  const hash = data.length > LONGEST_SHA256[mode] ? 'sha384' : 'sha256';
  return toUtf8(prepareDetached(subject.octets, mode, hash).data);
}

/** Characters of `data` in base64 with SHA-256; SHA-384 takes more. */
const LONGEST_SHA256 = { 'digest-info': 68, digest: 44 } as const;
