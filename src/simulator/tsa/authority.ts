import { deriveSerial } from '../jpki/authorities.ts';
import { endOfDay, japaneseYear, startOfDay } from '../jpki/calendar.ts';
import { issueCertificate } from '../jpki/certificate.ts';
import type { Der } from '../jpki/der.ts';
import {
  authorityKeyIdentifier,
  basicConstraintsCa,
  extendedKeyUsage,
  keyUsage,
  subjectKeyIdentifier,
} from '../jpki/extensions.ts';
import { authorityKey, type SimulatorKey } from '../jpki/keys/simulator-keys.ts';
import { distinguishedName } from '../jpki/names.ts';

export interface TimeStampAuthority {
  readonly key: SimulatorKey;
  readonly certificate: Buffer;
  readonly serial: bigint;
  /** DN of `certificate`. */
  readonly name: Der;
  /** DN of the root, the issuer of `certificate`. */
  readonly rootName: Der;
  readonly rootCertificate: Buffer;
  readonly rootKey: SimulatorKey;
}

/**
 * A root and one time-stamping certificate below it (RFC 3161 section 2.3: critical extendedKeyUsage, timeStamping
 * only).
 */
export function makeTimeStampAuthority(seed: string, now: number): TimeStampAuthority {
  const year = japaneseYear(now);
  const root = authorityKey(seed, 'tsa-root');
  const key = authorityKey(seed, 'tsa');
  const rootName = name('Simulated Time-Stamping Root');
  const ownName = name('Simulated Time-Stamping Authority');
  const serial = deriveSerial(seed, 'tsa');
  const certificate = issueCertificate(
    {
      serial,
      issuer: rootName,
      subject: ownName,
      notBefore: startOfDay(year - 1, 4, 1),
      notAfter: endOfDay(year + 10, 3, 31),
      spki: key.spki,
      extensions: [
        keyUsage('signature'),
        extendedKeyUsage('1.3.6.1.5.5.7.3.8'),
        authorityKeyIdentifier(root.keyIdentifier),
        subjectKeyIdentifier(key.keyIdentifier),
      ],
    },
    root.privateKey,
  );
  const rootCertificate = issueRoot(seed, year, root);
  return { key, certificate, serial, name: ownName, rootName, rootCertificate, rootKey: root };
}

function issueRoot(seed: string, year: number, root: SimulatorKey): Buffer {
  const rootName = name('Simulated Time-Stamping Root');
  return issueCertificate(
    {
      serial: deriveSerial(seed, 'tsa-root'),
      issuer: rootName,
      subject: rootName,
      notBefore: startOfDay(year - 3, 4, 1),
      notAfter: endOfDay(year + 17, 3, 31),
      spki: root.spki,
      extensions: [keyUsage('ca'), basicConstraintsCa(), subjectKeyIdentifier(root.keyIdentifier)],
    },
    root.privateKey,
  );
}

function name(common: string): Der {
  return distinguishedName([
    ['C', 'JP'],
    ['O', 'JITSUIN SIMULATOR'],
    ['CN', common],
  ]);
}
