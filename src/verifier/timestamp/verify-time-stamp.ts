import { createHash } from 'node:crypto';
import type { EpochMillis } from '../../core/brand.ts';
import type { AgeingAlgorithm } from '../../core/digest/algorithm-ends.ts';
import { asJitsuinError, type ErrorCode } from '../../core/errors.ts';
import { type Check, conclude, finding, type Report, type SubIndication } from '../../core/report.ts';
import { parseCertificate } from '../x509/certificate.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { openDer, TAG } from '../x509/der.ts';
import { integerOctets, oidValue } from '../x509/der-values.ts';
import { directoryNames, parseGeneralNames } from '../x509/general-name.ts';
import { keyKind } from '../x509/key-kind.ts';
import { GENERAL_KEY_POLICY, schemeRefusal } from '../x509/key-policy.ts';
import { sameOctets } from '../x509/octets.ts';
import { EXTENSION, KEY_PURPOSE } from '../x509/oids.ts';
import { validateCertificationPath } from '../x509/path.ts';
import { GENERAL_PATH_POLICY } from '../x509/path-policy.ts';
import { type SignatureScheme, signatureScheme, verifiesWith } from '../x509/signature-algorithm.ts';
import { CMS, TIME_STAMP_HASHES } from './oids.ts';
import { parseTimeStampToken, type SignedData } from './signed-data.ts';
import { unsignedInteger } from './time-stamp-request.ts';
import { parseTstInfo, readHash, type TstInfo } from './tst-info.ts';

interface TimeStampTrial {
  /** DER of a TimeStampToken. */
  readonly token: Uint8Array;
  /** What was stamped; hashed here with the token's own hash. */
  readonly stamped: Uint8Array;
  /** From configuration only. */
  readonly trustAnchors: readonly Certificate[];
  /** The nonce of the request, when the answer to it is judged. */
  readonly nonce?: Uint8Array;
  /** Dotted OID that the token must have, where one was asked for. */
  readonly policy?: string;
}

export interface TimeStampVerdict extends Report {
  /** Present once all passed: when the stamped octets were there at the latest, by the TSA's clock. */
  readonly genTime?: EpochMillis;
  /** Milliseconds by which genTime may be off. */
  readonly accuracy?: number;
  /** End of the TSA certificate: before it, the next token of the chain is due. */
  readonly validUntil?: EpochMillis;
  /** TSA certificate first, anchor last: whose revocation is to be judged. */
  readonly path?: readonly Certificate[];
  /** Every hash and kind of key that the token stands on, those of its CA too: when one ends, the token does. */
  readonly algorithms?: readonly AgeingAlgorithm[];
}

/**
 * Judges a time-stamp token (RFC 3161 section 2.4.2, RFC 5816): form, message imprint, nonce and policy, signed
 * attributes with ESSCertIDv2, signature, and the TSA certificate's path for time stamping at genTime. Its
 * revocation is judged apart (tsa-revocation.ts), from data that the caller has. A wrong token is a report; nothing
 * is thrown and no clock is read.
 */
export function verifyTimeStamp(trial: TimeStampTrial): TimeStampVerdict {
  const checks: Check[] = [];
  let info: TstInfo | undefined;
  try {
    const data = parseTimeStampToken(trial.token);
    info = parseTstInfo(data.content);
    checks.push({ name: 'time-stamp-format', result: 'passed' });
    const signer = signerCertificate(data);
    const steps: readonly (() => Check)[] = [
      () => imprintCheck(info, trial.stamped),
      ...(trial.nonce === undefined ? [] : [() => nonceCheck(info, trial.nonce)]),
      ...(trial.policy === undefined ? [] : [() => policyCheck(info, trial.policy)]),
      () => attributesCheck(data, signer),
      () => signatureCheck(data, signer),
    ];
    for (const step of steps) {
      const check = step();
      checks.push(check);
      if (check.result !== 'passed') return { ...conclude(checks, info.genTime) };
    }
    return judgeSigner(checks, info, data, signer, trial.trustAnchors);
  } catch (thrown) {
    const error = asJitsuinError(thrown);
    if (error.kind === 'internal') throw thrown;
    const fault = failed('time-stamp-format', 'timestamp.form', 'FORMAT_FAILURE');
    return conclude([...checks, fault], info?.genTime ?? (0 as EpochMillis));
  }
}

function failed(name: string, code: ErrorCode, sub: SubIndication): Check {
  return finding(name, code, { sub });
}

function imprintCheck(info: TstInfo | undefined, stamped: Uint8Array): Check {
  const name = 'message-imprint';
  const hash = TIME_STAMP_HASHES.get(info?.hash ?? '');
  if (hash === undefined || info === undefined)
    return failed(name, 'timestamp.imprint', 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE');
  const same = sameOctets(createHash(hash).update(stamped).digest(), info.imprint);
  return same ? { name, result: 'passed' } : failed(name, 'timestamp.imprint', 'HASH_FAILURE');
}

function nonceCheck(info: TstInfo | undefined, nonce: Uint8Array | undefined): Check {
  const same =
    info?.nonce !== undefined && sameOctets(info.nonce, unsignedInteger(nonce ?? new Uint8Array(0)));
  const name = 'time-stamp-nonce';
  return same ? { name, result: 'passed' } : failed(name, 'timestamp.nonce', 'SIG_CONSTRAINTS_FAILURE');
}

function policyCheck(info: TstInfo | undefined, policy: string | undefined): Check {
  const name = 'time-stamp-policy';
  const same = info?.policy === policy;
  return same ? { name, result: 'passed' } : failed(name, 'timestamp.policy', 'SIG_CONSTRAINTS_FAILURE');
}

/** The certificate that SignerInfo names, out of those sent along. */
function signerCertificate(data: SignedData): Certificate | undefined {
  const { signerId } = data;
  return data.certificates.map(parseCertificate).find((certificate) => {
    if ('issuer' in signerId)
      return (
        certificate.issuer.equals(signerId.issuer) &&
        sameOctets(certificate.serialNumber, signerId.serialNumber)
      );
    const { subjectKeyIdentifier } = certificate;
    return (
      subjectKeyIdentifier !== undefined && sameOctets(subjectKeyIdentifier, signerId.subjectKeyIdentifier)
    );
  });
}

/**
 * contentType, messageDigest and signingCertificateV2 are there and say the same as the token (RFC 5816 section
 * 2.2.1).
 */
function attributesCheck(data: SignedData, signer: Certificate | undefined): Check {
  const name = 'signed-attributes';
  const { signedAttributes, content } = data;
  const hash = TIME_STAMP_HASHES.get(data.digestAlgorithm);
  if (hash === undefined) return failed(name, 'timestamp.signature', 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE');
  const contentType = signedAttributes.get(CMS.contentType);
  const digest = signedAttributes.get(CMS.messageDigest);
  const ess = signedAttributes.get(CMS.signingCertificateV2);
  const right =
    contentType !== undefined &&
    oidValue(openDer(contentType, TAG.oid)) === CMS.tstInfo &&
    digest !== undefined &&
    sameOctets(openDer(digest, TAG.octetString).content, createHash(hash).update(content).digest());
  if (!right) return failed(name, 'timestamp.signature', 'HASH_FAILURE');
  const named = ess !== undefined && signer !== undefined && namesSigner(ess, signer);
  return named
    ? { name, result: 'passed' }
    : failed(name, 'timestamp.certificate', 'NO_SIGNING_CERTIFICATE_FOUND');
}

/**
 * The first ESSCertIDv2 is the signer's (RFC 5035 section 3): hash of the certificate, and its issuer and serial if
 * given.
 */
function namesSigner(ess: Uint8Array, signer: Certificate): boolean {
  const list = openDer(ess, TAG.sequence).read(TAG.sequence);
  const first = list.read(TAG.sequence);
  const algorithm = first.optional(TAG.sequence);
  const hash = algorithm === undefined ? 'sha256' : TIME_STAMP_HASHES.get(readHash(algorithm));
  const certHash = first.read(TAG.octetString).content;
  const issuerSerial = first.optional(TAG.sequence);
  first.finish();
  if (hash === undefined || !sameOctets(createHash(hash).update(signer.der).digest(), certHash)) return false;
  if (issuerSerial === undefined) return true;
  const names = parseGeneralNames(issuerSerial.read(TAG.sequence));
  const serial = integerOctets(issuerSerial.read(TAG.integer));
  issuerSerial.finish();
  const [name] = names;
  const issuerNamed = name?.type === 'directoryName' && name.name.equals(signer.issuer);
  return issuerNamed && sameOctets(serial, signer.serialNumber);
}

/** rsaEncryption names the key only; the hash is then digestAlgorithm (RFC 5754 section 3.2). */
function schemeOf({ signatureAlgorithm, digestAlgorithm }: SignedData): SignatureScheme | undefined {
  const scheme = signatureScheme(signatureAlgorithm);
  const hash = TIME_STAMP_HASHES.get(digestAlgorithm);
  if (hash === undefined) return undefined;
  if (signatureAlgorithm.oid === CMS.rsaEncryption) return { type: 'rsa-pkcs1', hash };
  if (scheme === undefined || scheme.type === 'ed25519') return scheme;
  return scheme.hash === hash ? scheme : undefined;
}

function signatureCheck(data: SignedData, signer: Certificate | undefined): Check {
  const name = 'time-stamp-signature';
  const scheme = schemeOf(data);
  if (scheme === undefined || schemeRefusal(scheme, GENERAL_KEY_POLICY) !== undefined)
    return failed(name, 'timestamp.signature', 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE');
  const right = signer !== undefined && verifiesWith(signer, scheme, data.signedOctets, data.signature);
  return right ? { name, result: 'passed' } : failed(name, 'timestamp.signature', 'SIG_CRYPTO_FAILURE');
}

/** TSTInfo's tsa, if it is a directory name, is one of the certificate's (RFC 3161 section 2.4.2). */
function isNamed({ tsa }: TstInfo, signer: Certificate): boolean {
  if (tsa?.type !== 'directoryName') return true;
  return [signer.subject, ...directoryNames(signer.subjectAltName)].some((name) => name.equals(tsa.name));
}

/** The path at genTime; time stamping must be the certificate's only purpose, and critical (RFC 3161 section 2.3). */
function judgeSigner(
  checks: readonly Check[],
  info: TstInfo,
  data: SignedData,
  signer: Certificate | undefined,
  trustAnchors: readonly Certificate[],
): TimeStampVerdict {
  if (signer === undefined) return conclude(checks, info.genTime);
  const usage = signer.extensions.find((extension) => extension.oid === EXTENSION.extendedKeyUsage);
  const only =
    signer.extendedKeyUsage?.length === 1 && signer.extendedKeyUsage[0] === KEY_PURPOSE.timeStamping;
  const maySign =
    signer.keyUsage === undefined ||
    signer.keyUsage.has('digitalSignature') ||
    signer.keyUsage.has('nonRepudiation');
  const name = 'time-stamp-purpose';
  if (usage?.critical !== true || !only || !maySign || !isNamed(info, signer))
    return conclude(
      [...checks, failed(name, 'timestamp.certificate', 'CHAIN_CONSTRAINTS_FAILURE')],
      info.genTime,
    );
  const path = validateCertificationPath({
    leaf: signer,
    intermediates: data.certificates.map(parseCertificate),
    trustAnchors,
    at: info.genTime,
    policy: {
      ...GENERAL_PATH_POLICY,
      acceptedExtendedKeyUsage: [KEY_PURPOSE.timeStamping],
      extendedKeyUsage: 'required',
    },
  });
  const all: Check[] = [...checks, { name, result: 'passed' }, ...path.checks];
  const report = conclude(all, info.genTime);
  if (report.indication !== 'TOTAL-PASSED') return report;
  const { genTime, accuracy } = info;
  const hashes = [TIME_STAMP_HASHES.get(info.hash), TIME_STAMP_HASHES.get(data.digestAlgorithm)];
  return {
    ...report,
    genTime,
    accuracy,
    validUntil: signer.notAfter,
    path: path.path,
    algorithms: [...new Set([...hashes.filter((hash) => hash !== undefined), ...path.path.map(keyKind)])],
  };
}
