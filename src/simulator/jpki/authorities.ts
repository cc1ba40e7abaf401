import { derive } from '../derive.ts';
import { endOfDay, japaneseYear, startOfDay } from './calendar.ts';
import { issueCertificate } from './certificate.ts';
import type { Der } from './der.ts';
import {
  authorityKeyIdentifier,
  basicConstraintsCa,
  crlDistributionPoint,
  extendedKeyUsage,
  keyUsage,
  ocspNoCheck,
  subjectAltDirectoryName,
  subjectKeyIdentifier,
} from './extensions.ts';
import { type Authority, authorityKey, type SimulatorKey } from './keys/simulator-keys.ts';
import { type CertificateKind, caAlternativeName, caName, distinguishedName } from './names.ts';

/** A certification authority with the responder that answers OCSP for it. */
export interface CertificationAuthority {
  readonly kind: CertificateKind;
  readonly name: Der;
  readonly key: SimulatorKey;
  readonly certificate: Buffer;
  readonly ocspKey: SimulatorKey;
  readonly ocspCertificate: Buffer;
}

export interface Authorities {
  /** Issues today. */
  readonly sign: CertificationAuthority;
  /** The generation before: same DN, other key; some cards still bear its certificates. */
  readonly previousSign: CertificationAuthority;
  readonly auth: CertificationAuthority;
}

/** Serial of 4 octets that is positive and has no leading zero octet. */
export function deriveSerial(seed: string, label: string): bigint {
  return BigInt((derive(seed, `serial ${label}`, 4).readUInt32BE() & 0x3fffffff) | 0x40000000);
}

/** The JPKI-TEST hierarchy of this seed in the clock's year. */
export function makeAuthorities(seed: string, now: number): Authorities {
  const year = japaneseYear(now);
  const today = [startOfDay(year - 3, 7, 16), endOfDay(year + 7, 7, 15)] as const;
  const before = [startOfDay(year - 7, 9, 14), endOfDay(year + 3, 9, 14)] as const;
  return {
    sign: makeAuthority(seed, now, 'sign', 'sign-ca', today),
    previousSign: makeAuthority(seed, now, 'sign', 'previous-sign-ca', before),
    auth: makeAuthority(seed, now, 'auth', 'auth-ca', today),
  };
}

function makeAuthority(
  seed: string,
  now: number,
  kind: CertificateKind,
  authority: Authority,
  [notBefore, notAfter]: readonly [number, number],
): CertificationAuthority {
  const name = caName(kind);
  const key = authorityKey(seed, authority);
  const certificate = issueCertificate(
    {
      serial: deriveSerial(seed, authority),
      issuer: name,
      subject: name,
      notBefore,
      notAfter,
      spki: key.spki,
      extensions: [
        keyUsage('ca'),
        subjectAltDirectoryName(caAlternativeName(kind)),
        basicConstraintsCa(),
        crlDistributionPoint(name),
        subjectKeyIdentifier(key.keyIdentifier),
      ],
    },
    key.privateKey,
  );
  const ocspKey = authorityKey(seed, kind === 'sign' ? 'sign-ocsp' : 'auth-ocsp');
  const ocspCertificate = issueResponder(seed, now, authority, { kind, name, key, ocspKey });
  return { kind, name, key, certificate, ocspKey, ocspCertificate };
}

function issueResponder(
  seed: string,
  now: number,
  authority: Authority,
  ca: Pick<CertificationAuthority, 'kind' | 'name' | 'key' | 'ocspKey'>,
): Buffer {
  const year = japaneseYear(now);
  return issueCertificate(
    {
      serial: deriveSerial(seed, `${authority} ocsp`),
      issuer: ca.name,
      subject: distinguishedName([
        ['C', 'JP'],
        ['O', 'JPKI-TEST'],
        ['OU', ca.kind === 'sign' ? 'JPKI for digital signature' : 'JPKI for user authentication'],
        ['CN', 'Simulated OCSP Responder'],
      ]),
      notBefore: startOfDay(year - 1, 12, 1),
      notAfter: endOfDay(year + 1, 12, 31),
      spki: ca.ocspKey.spki,
      extensions: [
        keyUsage('authentication'),
        extendedKeyUsage('1.3.6.1.5.5.7.3.9'),
        ocspNoCheck(),
        authorityKeyIdentifier(ca.key.keyIdentifier),
        subjectKeyIdentifier(ca.ocspKey.keyIdentifier),
      ],
    },
    ca.key.privateKey,
  );
}
