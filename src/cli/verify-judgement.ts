import type { EpochMillis, SignatureValue, SigningMode } from '../core/brand.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import { type Check, conclude, type Report } from '../core/report.ts';
import type { SignedElementSelector, XmlSignatureProfileName } from '../core/xmldsig/prepared-signature.ts';
import { judgeCertificate } from '../verifier/judge-certificate.ts';
import { judgeRevocation } from '../verifier/judge-revocation.ts';
import { jpkiSigningPolicy } from '../verifier/validation-policy.ts';
import type { ValidationPolicy, ValidationRequest, ValidationSubject } from '../verifier/validation-types.ts';
import { parseCertificate } from '../verifier/x509/certificate.ts';
import type { Certificate } from '../verifier/x509/certificate-types.ts';
import { jpkiKind } from '../verifier/x509/jpki-policies.ts';
import { GENERAL_PATH_POLICY } from '../verifier/x509/path-policy.ts';
import type { CertificateResolution, XmlSignatureValidation } from '../verifier/xmldsig/validation.ts';
import { verifyXmlSignature } from '../verifier/xmldsig/verify.ts';
import { verifyDetached } from '../verifier/xmldsig/verify-detached.ts';

/** What `jitsuin verify` was asked to judge by. */
export interface JudgementRules {
  readonly trustAnchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  /** DER. */
  readonly crls: readonly Uint8Array[];
  readonly revocation: 'crl' | 'switched-off';
  readonly policy: 'jpki' | 'general';
  readonly at: EpochMillis;
}

export interface Judgement {
  readonly report: Report;
  /** Name of the certificate policy that was applied, once the signature was right. */
  readonly policy?: string;
  readonly xml?: XmlSignatureValidation;
  readonly signedOctetsSha256?: string;
}

/** Judges a signed XML document: the signature, then the certificate's path, then its revocation. */
export function judgeXml(
  octets: Uint8Array,
  subject: { readonly profile: XmlSignatureProfileName; readonly signedElement?: SignedElementSelector },
  rules: JudgementRules,
): Judgement {
  let leaf: Certificate | undefined;
  const resolve = (der: Uint8Array): CertificateResolution => {
    try {
      leaf = parseCertificate(der);
      return { publicKey: leaf.publicKey() };
    } catch (thrown) {
      return refusal(thrown);
    }
  };
  const xml = verifyXmlSignature(octets, {
    ...subject,
    key: { kind: 'certificate', resolve },
    validationTime: rules.at,
  });
  if (
    xml.report.indication !== 'TOTAL-PASSED' ||
    leaf === undefined ||
    xml.signedOctetsSha256 === undefined
  ) {
    return { report: conclude([...xml.report.checks, ...NOT_REACHED], rules.at), xml };
  }
  const request = { kind: 'document', document: octets, ...subject } as const;
  const { signedOctetsSha256 } = xml;
  return { ...judgeSigner(xml.report.checks, leaf, request, 'digest-info', rules), xml, signedOctetsSha256 };
}

/** Judges a file whose signature value and certificate came beside it. */
export function judgeDetached(
  octets: Uint8Array,
  signature: {
    readonly certificate: Certificate;
    readonly value: SignatureValue;
    readonly mode: SigningMode;
  },
  rules: JudgementRules,
): Judgement {
  const { certificate, value, mode } = signature;
  const publicKey = certificate.publicKey();
  const detached = verifyDetached(octets, {
    mode,
    signatureValue: value,
    publicKey,
    validationTime: rules.at,
  });
  const { checks, indication } = detached.report;
  if (indication !== 'TOTAL-PASSED') return { report: conclude([...checks, ...NOT_REACHED], rules.at) };
  const subject = { kind: 'file', octets, certificate: certificate.der, signatureValue: value } as const;
  const judged = judgeSigner(checks, certificate, subject, mode, rules);
  return { ...judged, signedOctetsSha256: detached.signedOctetsSha256 };
}

const NOT_REACHED: readonly Check[] = [
  { name: 'certification-path', result: 'not-reached' },
  { name: 'revocation', result: 'not-reached' },
];

function judgeSigner(
  before: readonly Check[],
  leaf: Certificate,
  subject: ValidationSubject,
  mode: SigningMode,
  rules: JudgementRules,
): Judgement {
  const policy = policyFor(leaf, rules);
  const { trustAnchors, intermediates, at } = rules;
  const request: ValidationRequest = { subject, mode, trustAnchors, intermediates, at, policy };
  const { checks, found } = judgeCertificate(leaf, request);
  const passed = checks.every(({ result }) => result === 'passed');
  const revocation = passed ? revocationChecks(found.path, request, rules) : NOT_REACHED.slice(1);
  return { report: conclude([...before, ...checks, ...revocation], at), policy: policy.name };
}

function revocationChecks(
  path: readonly Certificate[],
  request: ValidationRequest,
  rules: JudgementRules,
): readonly Check[] {
  if (rules.revocation === 'switched-off') {
    return [
      {
        name: 'revocation',
        result: 'not-reached',
        detail: 'Switched off by --no-revocation: nobody asked whether it was revoked.',
      },
    ];
  }
  return judgeRevocation(
    path,
    request,
    path.map(() => ({ crls: rules.crls, ocsp: [] })),
  ).checks;
}

/** The caller's anchor decides what may be trusted; the leaf's own policy only says which of JPKI's two environments it is of. */
function policyFor(leaf: Certificate, rules: JudgementRules): ValidationPolicy {
  if (rules.policy === 'general') {
    return {
      name: 'general-rfc5280-1',
      environment: 'test',
      path: GENERAL_PATH_POLICY,
      profile: 'none',
      method: 'CRL',
    };
  }
  const kinds = (leaf.certificatePolicies ?? []).map(({ policy }) => jpkiKind(policy));
  const environment = kinds.find((kind) => kind !== undefined)?.environment ?? 'production';
  return jpkiSigningPolicy(environment, 'CRL');
}

function refusal(thrown: unknown): CertificateResolution {
  const { code, kind, message } = asJitsuinError(thrown);
  if (kind === 'internal' || !(thrown instanceof JitsuinError)) throw thrown;
  return { refusal: { code, detail: message } };
}
