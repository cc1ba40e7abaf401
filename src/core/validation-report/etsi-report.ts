import type { EpochMillis } from '../brand.ts';
import { toBase64 } from '../encoding.ts';
import type { Check, Report } from '../report.ts';
import { type Element, element, elements } from './report-elements.ts';

/** Namespace of ETSI TS 119 102-2 v1.4.1. */
const VALIDATION_REPORT_NAMESPACE = 'http://uri.etsi.org/19102/v1.4.1#';

/**
 * Something that the validation used, named by its digest alone: a report holds no certificate and nothing personal.
 */
export interface ReportObject {
  /** An XML name, unique in the report. */
  readonly id: string;
  readonly type: 'certificate' | 'CRL' | 'OCSPResponse' | 'timestamp' | 'evidencerecord';
  /** Hex. */
  readonly sha256: string;
}

export interface ReportRevocation {
  /** The object that is the revoked certificate. */
  readonly certificate: string;
  readonly at: EpochMillis;
  /** As RFC 5280 section 5.3.1 spells it. */
  readonly reason?: string;
}

export interface ReportFacts {
  /** The validator's own id of this validation. */
  readonly id?: string;
  readonly report: Report;
  /** Hex SHA-256 of the octets of the SignatureValue. Absent for an sp. */
  readonly signatureSha256?: string;
  /** Only the document's digest was at hand. */
  readonly documentByHash?: boolean;
  /** Hex SHA-256 of the octets that the signature covers. */
  readonly signedOctetsSha256?: string;
  /** Rules that were applied; `sha256` (hex) of their canonical JSON. */
  readonly policy?: { readonly name: string; readonly sha256: string };
  /**
   * The earliest time at which the signature is proved to have been there, and how; the validation's own time when
   * absent.
   */
  readonly bestTime?: {
    readonly at: EpochMillis;
    readonly proof: 'validation' | 'provided';
    readonly object?: string;
  };
  readonly process: 'Basic' | 'LTVM' | 'LTA';
  readonly objects?: readonly ReportObject[];
  /** Ids of objects. */
  readonly signer?: string;
  readonly intermediates?: readonly string[];
  readonly anchor?: string;
  readonly revocation?: ReportRevocation;
  /** With `detail` of the checks, which is for the validator's own people. */
  readonly details?: boolean;
}

const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const INDICATIONS = {
  'TOTAL-PASSED': 'total-passed',
  'TOTAL-FAILED': 'total-failed',
  INDETERMINATE: 'indeterminate',
} as const;

/**
 * The report of a validation as ETSI TS 119 102-2 v1.4.1 writes it, UTF-8 text with an XML declaration. Words are the
 * URNs of the standard;
 * checks have names of our own (`urn:jitsuin:check:…`), their codes stand beside them.
 */
export function etsiReport(facts: readonly ReportFacts[], validator?: Element): string {
  const objects = uniqueObjects(facts.flatMap(({ objects: named = [] }) => named));
  const root = element(
    'ValidationReport',
    {
      xmlns: VALIDATION_REPORT_NAMESPACE,
      'xmlns:ds': 'http://www.w3.org/2000/09/xmldsig#',
      'xmlns:xades': 'http://uri.etsi.org/01903/v1.3.2#',
    },
    ...facts.map((one, index) => validationReport(one, `S-${index + 1}`)),
    objects.length === 0
      ? undefined
      : element('SignatureValidationObjects', {}, ...objects.map(validationObject)),
    validator === undefined ? undefined : element('SignatureValidator', {}, validator),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elements(root)}\n`;
}

function uniqueObjects(all: readonly ReportObject[]): readonly ReportObject[] {
  return [...new Map(all.map((one) => [one.id, one])).values()];
}

function validationReport(facts: ReportFacts, id: string): Element {
  const { report, process, signer, policy, signedOctetsSha256 } = facts;
  return element(
    'SignatureValidationReport',
    {},
    element(
      'SignatureIdentifier',
      { id },
      facts.signatureSha256 === undefined ? undefined : digest('DigestAlgAndValue', facts.signatureSha256),
      element('HashOnly', {}, 'false'),
      element('DocHashOnly', {}, String(facts.documentByHash === true)),
      facts.id === undefined ? undefined : element('DAIdentifier', {}, facts.id),
    ),
    element(
      'ValidationConstraintsEvaluationReport',
      {},
      policy === undefined ? undefined : policyElement(policy),
      ...report.checks.map((check) => constraint(check, facts.details === true)),
    ),
    timeInfo(facts),
    signedOctetsSha256 === undefined
      ? undefined
      : element('SignersDocument', {}, digest('DigestAlgAndValue', signedOctetsSha256)),
    signer === undefined
      ? undefined
      : element('SignerInformation', {}, element('SignerCertificate', { VOReference: signer })),
    element(
      'SignatureValidationProcess',
      {},
      element('SignatureValidationProcessID', {}, `urn:etsi:019102:validationprocess:${process}`),
    ),
    element(
      'SignatureValidationStatus',
      {},
      element('MainIndication', {}, mainIndication(INDICATIONS[report.indication])),
      subIndication(report.subIndication),
      associated(facts),
    ),
  );
}

function policyElement({ name, sha256 }: NonNullable<ReportFacts['policy']>): Element {
  const identifier = element(
    'xades:SignaturePolicyId',
    {},
    element(
      'xades:SigPolicyId',
      {},
      element('xades:Identifier', {}, `urn:jitsuin:policy:${encodeURIComponent(name)}`),
    ),
    digest('xades:SigPolicyHash', sha256),
  );
  return element(
    'SignatureValidationPolicy',
    {},
    element('SignaturePolicyIdentifier', {}, identifier),
    element('PolicyName', {}, name),
  );
}

const BUILDING_BLOCK = { passed: 'passed', failed: 'failed', indeterminate: 'indeterminate' } as const;

function constraint({ name, result, code, subIndication: sub, detail }: Check, details: boolean): Element {
  const applied = result !== 'not-reached';
  const data = [
    code === undefined ? undefined : reportData('code', code),
    detail === undefined || !details ? undefined : reportData('detail', detail),
  ].filter((one) => one !== undefined);
  const additional =
    data.length === 0
      ? undefined
      : element('AssociatedValidationReportData', {}, element('AdditionalValidationReportData', {}, ...data));
  return element(
    'ValidationConstraint',
    {},
    element('ValidationConstraintIdentifier', {}, `urn:jitsuin:check:${encodeURIComponent(name)}`),
    element(
      'ConstraintStatus',
      {},
      element('Status', {}, `urn:etsi:019102:constraintStatus:${applied ? 'applied' : 'disabled'}`),
    ),
    applied
      ? element(
          'ValidationStatus',
          {},
          element('MainIndication', {}, mainIndication(BUILDING_BLOCK[result])),
          subIndication(sub),
          additional,
        )
      : undefined,
  );
}

function reportData(type: string, value: string): Element {
  return element(
    'ReportData',
    {},
    element('Type', {}, `urn:jitsuin:report:${type}`),
    element('Value', {}, value),
  );
}

function timeInfo({ report, bestTime }: ReportFacts): Element {
  const { at, proof, object } = bestTime ?? { at: report.validationTime, proof: 'validation' as const };
  return element(
    'ValidationTimeInfo',
    {},
    element('ValidationTime', {}, instant(report.validationTime)),
    element(
      'BestSignatureTime',
      {},
      element('POETime', {}, instant(at)),
      element('TypeOfProof', {}, `urn:etsi:019102:poetype:${proof}`),
      object === undefined ? undefined : element('POEObject', { VOReference: object }),
    ),
  );
}

function associated({ signer, intermediates = [], anchor, revocation, objects = [] }: ReportFacts) {
  if (signer === undefined && revocation === undefined) return undefined;
  const chain = [signer, ...intermediates, anchor];
  const related = objects.map(({ id }) => id).filter((id) => !chain.includes(id));
  return element(
    'AssociatedValidationReportData',
    {},
    anchor === undefined ? undefined : element('TrustAnchor', { VOReference: anchor }),
    signer === undefined || anchor === undefined
      ? undefined
      : element(
          'CertificateChain',
          {},
          element('SigningCertificate', { VOReference: signer }),
          ...intermediates.map((id) => element('IntermediateCertificate', { VOReference: id })),
          element('TrustAnchor', { VOReference: anchor }),
        ),
    ...related.map((id) => element('RelatedValidationObject', { VOReference: id })),
    revocation === undefined
      ? undefined
      : element(
          'RevocationStatusInformation',
          {},
          element('ValidationObjectId', { VOReference: revocation.certificate }),
          element('RevocationTime', {}, instant(revocation.at)),
          revocation.reason === undefined
            ? undefined
            : element('RevocationReason', {}, `urn:etsi:019102:revocationReason:${revocation.reason}`),
        ),
  );
}

function validationObject({ id, type, sha256 }: ReportObject): Element {
  return element(
    'ValidationObject',
    { id },
    element('ObjectType', {}, `urn:etsi:019102:validationObject:${type}`),
    element('ValidationObjectRepresentation', {}, digest('DigestAlgAndValue', sha256)),
  );
}

function digest(name: string, hex: string): Element {
  return element(
    name,
    {},
    element('ds:DigestMethod', { Algorithm: SHA256 }),
    element('ds:DigestValue', {}, toBase64(octetsOf(hex))),
  );
}

function mainIndication(word: string): string {
  return `urn:etsi:019102:mainindication:${word}`;
}

function subIndication(word: string | undefined): Element | undefined {
  return word === undefined
    ? undefined
    : element('SubIndication', {}, `urn:etsi:019102:subindication:${word}`);
}

function instant(at: EpochMillis): string {
  return new Date(at).toISOString();
}

function octetsOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
