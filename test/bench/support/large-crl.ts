import { contextConstructed, encodeDer, integer, sequence, time } from '../../support/pki/der-encode.ts';
import { extension } from '../../support/pki/extension-encode.ts';
import { algorithmIdentifier, signed, TEST_NOW, type TestIdentity } from '../../support/pki/test-pki.ts';

/** Octets of one entry: SEQUENCE, INTEGER of 4, UTCTime, reason code. */
const ENTRY = Buffer.from(
  '3023020400000001170d3236303130313030303030305a300c300a0603551d1504030a0103',
  'hex',
);

/** DER of a CRL with `count` entries of 37 octets, serial numbers spread over 31 bits. */
export function largeCrl(issuer: TestIdentity, count: number): Uint8Array {
  const entries = Buffer.alloc(count * ENTRY.length);
  for (let index = 0; index < count; index++) {
    ENTRY.copy(entries, index * ENTRY.length);
    entries.writeUInt32BE(serialOf(index), index * ENTRY.length + 4);
  }
  const tbs = sequence(
    integer(1),
    algorithmIdentifier(issuer.key),
    issuer.subject,
    time(TEST_NOW - 3_600_000),
    time(TEST_NOW + 86_400_000),
    sequence(entries),
    encodeDer(contextConstructed(0), sequence(extension('2.5.29.20', integer(1)))),
  );
  return signed(tbs, issuer.key);
}

/** Serial number of an entry: every one different, four octets, positive, minimal. */
export function serialOf(index: number): number {
  return 0x01000000 + index * 2000;
}
