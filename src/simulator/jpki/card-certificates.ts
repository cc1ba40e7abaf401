import { HOUR_MILLIS } from '../../core/spans.ts';
import { derive } from '../derive.ts';
import type { Resident } from '../population.ts';
import { type CertificationAuthority, deriveSerial } from './authorities.ts';
import { fifthBirthday, japaneseTimestamp, japaneseYear, startOfDay } from './calendar.ts';
import { issueCertificate } from './certificate.ts';
import { type Der, encode } from './der.ts';
import {
  authorityKeyIdentifier,
  certificatePolicy,
  crlDistributionPoint,
  issuerAltDirectoryName,
  keyUsage,
  subjectAltOtherNames,
  subjectKeyIdentifier,
} from './extensions.ts';
import type { SimulatorKey } from './keys/simulator-keys.ts';
import { caAlternativeName, distinguishedName, distributionPointName } from './names.ts';

/** ASSUMPTION: the test environment's policy for user authentication follows the pattern of the one for signing. */
const POLICY = { sign: '1.2.392.200149.8.5.1.0.20', auth: '1.2.392.200149.8.5.1.0.30' } as const;
const CPS = 'http://www.jpki.go.jp/cps.html';
const OTHER_NAME_ARC = '1.2.392.200149.8.5.5';

/** A certificate as the CA knows it. */
export interface IssuedCertificate {
  readonly der: Buffer;
  readonly serial: bigint;
  readonly notBefore: number;
  readonly notAfter: number;
  /** DER Name of the CRL distribution point. */
  readonly distributionPoint: Buffer;
  readonly issuer: CertificationAuthority;
}

interface IssueRequest {
  readonly seed: string;
  readonly now: number;
  readonly resident: Resident;
  readonly issuer: CertificationAuthority;
  readonly key: SimulatorKey;
}

/** Day and hour of issue: in the year before last, or long enough ago for the certificate to have run out. */
function issuedAt({ seed, now, resident, issuer }: IssueRequest): number {
  const yearsAgo = resident.card === 'expired' ? 6 : 2;
  const octets = derive(seed, `issued ${issuer.kind} ${resident.id}`, 4);
  const year = japaneseYear(now) - yearsAgo;
  const officeHour = 9 * HOUR_MILLIS + (octets.readUInt16BE(2) % 28_800) * 1000;
  return startOfDay(year, 1 + (octets.readUInt8(0) % 12), 1 + (octets.readUInt8(1) % 28)) + officeHour;
}

/** Subject: C, L (prefecture), L (municipality), CN made of issue time, random part and sequence. Never the name. */
function subject({ seed, resident, issuer }: IssueRequest, issued: number): Der {
  const random = derive(seed, `cn ${issuer.kind} ${resident.id}`, 4).toString('hex').toUpperCase();
  const sequence = String(derive(seed, `sequence ${resident.id}`, 2).readUInt16BE() % 10_000).padStart(
    4,
    '0',
  );
  return distinguishedName([
    ['C', 'JP'],
    ['L', resident.prefecture],
    ['L', resident.municipality],
    ['CN', `${japaneseTimestamp(issued)}${random}${sequence}`],
  ]);
}

/** 基本4情報 in the order of a real certificate: birth date, name, sex, address, then the two substitution maps. */
function basicFour(resident: Resident): Der {
  const values = [
    ['4', resident.certificateBirthdate],
    ['1', resident.certificateName],
    ['3', resident.gender],
    ['5', resident.certificateAddress],
    ['2', resident.nameSubstitution],
    ['6', resident.addressSubstitution],
  ] as const;
  return subjectAltOtherNames(values.map(([last, value]) => [`${OTHER_NAME_ARC}.${last}`, value]));
}

function extensions({ resident, issuer, key }: IssueRequest, distributionPoint: Der): readonly Der[] {
  const signing = issuer.kind === 'sign';
  return [
    keyUsage(signing ? 'signature' : 'authentication'),
    certificatePolicy(POLICY[issuer.kind], CPS),
    ...(signing ? [basicFour(resident)] : []),
    issuerAltDirectoryName(caAlternativeName(issuer.kind)),
    crlDistributionPoint(distributionPoint),
    authorityKeyIdentifier(issuer.key.keyIdentifier),
    subjectKeyIdentifier(key.keyIdentifier),
  ];
}

/** The certificate of one card, for signing or for user authentication as the issuer's kind says (facts 6.2). */
export function issueCardCertificate(request: IssueRequest): IssuedCertificate {
  const { seed, resident, issuer, key } = request;
  const notBefore = issuedAt(request);
  const notAfter = fifthBirthday(notBefore, resident.birthdate);
  const serial = deriveSerial(seed, `${issuer.kind} card ${resident.id}`);
  const distributionPoint = distributionPointName(issuer.kind, resident.prefecture, resident.municipality);
  const der = issueCertificate(
    {
      serial,
      issuer: issuer.name,
      subject: subject(request, notBefore),
      notBefore,
      notAfter,
      spki: key.spki,
      extensions: extensions(request, distributionPoint),
    },
    issuer.key.privateKey,
  );
  return { der, serial, notBefore, notAfter, distributionPoint: encode(distributionPoint), issuer };
}
