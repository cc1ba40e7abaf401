import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { fromBase64 } from '../../core/encoding.ts';
import { asJitsuinError } from '../../core/errors.ts';
import type { NamedPolicy } from '../../core/report.ts';
import { policyFacts } from '../report/report-facts.ts';
import { readCrlFields } from '../revocation/crl-fields.ts';
import { parseOcspResponse } from '../revocation/ocsp-response.ts';
import { parseCertificate } from '../x509/certificate.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { readFourAttributes } from '../x509/four-attributes.ts';
import type { Name } from '../x509/name.ts';
import type { EvidencePart, EvidenceRecord } from './evidence-record.ts';
import { wholeRecord } from './read-evidence.ts';

/** One certificate of the path as the record has it. Nothing of the signer but the period and who issued it. */
interface PathCertificate {
  readonly place: 'anchor' | 'intermediate' | 'signer';
  /** Absent for the signer. */
  readonly subject?: string;
  readonly issuer: string;
  readonly notBefore: EpochMillis;
  readonly notAfter: EpochMillis;
}

/** Revocation data that the judgement used. */
interface UsedRevocationData {
  readonly method: 'CRL' | 'OCSP';
  readonly thisUpdate: EpochMillis;
  readonly nextUpdate?: EpochMillis;
  readonly octets: number;
  /** Hex SHA-256 of the DER. */
  readonly sha256: string;
}

interface EvidenceFacts {
  /** Of the whole record. */
  readonly octets: number;
  readonly policy: NamedPolicy;
  /** Signer first, anchor last. */
  readonly path: readonly PathCertificate[];
  readonly revocation: readonly UsedRevocationData[];
}

/**
 * What our own record says about path and revocation data, read and not judged again; nothing personal is in it.
 * @throws JitsuinError `evidence.invalid`
 */
export function evidenceFacts(octets: Uint8Array): EvidenceFacts {
  const record = wholeRecord(octets);
  return {
    octets: octets.length,
    policy: policyFacts(record.policy),
    path: pathOf(record),
    revocation: record.parts.flatMap(usedData),
  };
}

/** Names of what `personalFacts` gives, in the order in which people read it. */
const PERSONAL_FACTS = ['name', 'address', 'birth', 'sex', 'subject', 'serial'] as const;
type PersonalFact = (typeof PERSONAL_FACTS)[number];

/**
 * 基本4情報, subject and serial number (発行番号) of the signing certificate in the record. Protected data: the caller has
 * noted why it is shown.
 * @throws JitsuinError `evidence.invalid`, `certificate.*`
 */
export function personalFacts(octets: Uint8Array): Readonly<Partial<Record<PersonalFact, string>>> {
  const certificate = certificateNamed(wholeRecord(octets), 'certificate');
  if (certificate === undefined) return {};
  const { name, sex, dateOfBirth, address } = readFourAttributes(certificate);
  return defined({
    name: name === undefined ? undefined : name.text,
    address: address === undefined ? undefined : address.text,
    birth:
      dateOfBirth === undefined
        ? undefined
        : `${dateOfBirth.year}-${dateOfBirth.month}-${dateOfBirth.day} (${dateOfBirth.era})`,
    sex,
    subject: nameText(certificate.subject),
    serial: Buffer.from(certificate.serialNumber).toString('hex'),
  });
}

function pathOf(record: EvidenceRecord): readonly PathCertificate[] {
  const signer = certificateNamed(record, 'certificate');
  if (signer === undefined) return [];
  const path: PathCertificate[] = [shown(signer, 'signer')];
  const others = record.parts
    .filter(({ name }) => name.startsWith('intermediate:'))
    .flatMap(({ name }) => certificateNamed(record, name) ?? []);
  const anchor = certificateNamed(record, 'anchor');
  let last = signer;
  for (const _each of others) {
    const issuer = others.find((candidate) => candidate.subject.equals(last.issuer));
    if (issuer === undefined || issuer === last || anchor?.subject.equals(last.issuer) === true) break;
    path.push(shown(issuer, 'intermediate'));
    last = issuer;
  }
  return anchor === undefined ? path : [...path, shown(anchor, 'anchor')];
}

function shown(certificate: Certificate, place: PathCertificate['place']): PathCertificate {
  const { subject, issuer, notBefore, notAfter } = certificate;
  const facts = { place, issuer: nameText(issuer), notBefore, notAfter };
  return place === 'signer' ? facts : { ...facts, subject: nameText(subject) };
}

function certificateNamed(record: EvidenceRecord, name: string): Certificate | undefined {
  const part = record.parts.find((candidate) => candidate.name === name);
  if (part === undefined) return undefined;
  try {
    return parseCertificate(fromBase64(part.octets));
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return undefined;
  }
}

/** What cannot be read was no data for the judgement either. */
function usedData({ name, octets, sha256 }: EvidencePart): readonly UsedRevocationData[] {
  const method = name.startsWith('crl:') ? 'CRL' : name.startsWith('ocsp:') ? 'OCSP' : undefined;
  if (method === undefined) return [];
  const der = fromBase64(octets);
  try {
    return timesOf(method, der).map((times) => ({ ...times, method, octets: der.length, sha256 }));
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return [];
  }
}

function timesOf(
  method: UsedRevocationData['method'],
  der: Uint8Array,
): readonly Pick<UsedRevocationData, 'thisUpdate' | 'nextUpdate'>[] {
  if (method === 'CRL') {
    const { thisUpdate, nextUpdate } = readCrlFields(der);
    return [
      defined({
        thisUpdate,
        nextUpdate,
      }),
    ];
  }
  const response = parseOcspResponse(der);
  if (response.status !== 'successful') return [];
  return response.basic.responses.map(({ thisUpdate, nextUpdate }) =>
    defined({
      thisUpdate,
      nextUpdate,
    }),
  );
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
]);

/** Most specific first, as RFC 4514 writes names; for people only. */
export function nameText({ rdns }: Name): string {
  return [...rdns]
    .reverse()
    .map((rdn) => rdn.map(({ type, value }) => `${SHORT.get(type) ?? type}=${value}`).join('+'))
    .join(', ');
}
