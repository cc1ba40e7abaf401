import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { EpochMillis } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { checkRevocation } from '../../../src/verifier/revocation/check.ts';
import { openCrl } from '../../../src/verifier/revocation/crl.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { readFourAttributes } from '../../../src/verifier/x509/four-attributes.ts';
import { lintJpkiProfile } from '../../../src/verifier/x509/jpki-profile.ts';
import { validateCertificationPath } from '../../../src/verifier/x509/path.ts';
import { jpkiSigningPathPolicy } from '../../../src/verifier/x509/path-policy.ts';
import { jpkiCa, jpkiLeaf, partitionName } from '../../support/pki/test-jpki.ts';
import { TEST_NOW } from '../../support/pki/test-pki.ts';
import { testCrl, testOcspResponse, testResponder } from '../../support/pki/test-revocation.ts';

/** JITSUIN_FUZZ_RUNS makes it long. */
const numRuns = Number(process.env['JITSUIN_FUZZ_RUNS'] ?? 400);
const at = TEST_NOW as EpochMillis;
const ca = jpkiCa();
const leaf = jpkiLeaf(ca);
const scope = { directoryName: partitionName() };
const crl = testCrl({ issuer: ca, entries: [{ serial: 5, reason: 3 }, { serial: 6 }], scope });
const ocsp = testOcspResponse({ certificate: leaf.certificate, issuer: ca, responder: testResponder(ca) });

/** One to four octets changed, and perhaps cut or lengthened. */
function mutated(original: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(original.length - 1), xor: fc.integer({ min: 1, max: 255 }) });
  return fc
    .record({
      changes: fc.array(change, { minLength: 1, maxLength: 4 }),
      end: fc.integer({ min: -8, max: 8 }),
      cut: fc.boolean(),
    })
    .map(({ changes, end, cut }) => {
      const octets = Uint8Array.from(original);
      for (const { at: index, xor } of changes) octets[index] = (octets[index] ?? 0) ^ xor;
      return cut ? octets.subarray(0, octets.length + Math.min(0, end)) : octets;
    })
    .filter((octets) => Buffer.compare(octets, original) !== 0);
}

/** Runs an action; only our own errors may come out. */
function onlyOurErrors<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (thrown) {
    if (thrown instanceof JitsuinError && thrown.code !== 'internal.unexpected') return undefined;
    throw thrown;
  }
}

describe('octets changed at random', () => {
  it('a certificate is refused or its path is, and nothing else happens', () => {
    fc.assert(
      fc.property(mutated(leaf.der), (octets) => {
        const certificate = onlyOurErrors(() => parseCertificate(octets));
        if (certificate === undefined) return;
        onlyOurErrors(() => readFourAttributes(certificate));
        lintJpkiProfile(certificate, { purpose: 'signing', environment: 'test', at });
        const report = validateCertificationPath({
          leaf: certificate,
          intermediates: [],
          trustAnchors: [ca.certificate],
          at,
          policy: jpkiSigningPathPolicy('test'),
        });
        expect(report.indication).toBe('INDETERMINATE');
      }),
      { numRuns },
    );
  });

  it('a CRL is refused, whatever was changed', () => {
    fc.assert(
      fc.property(mutated(crl), (octets) => {
        expect(onlyOurErrors(() => openCrl(octets, { issuers: [ca.certificate] }))).toBeUndefined();
      }),
      { numRuns },
    );
  });

  it('an OCSP response is never good, but where only certificates sent along were changed', () => {
    const certificateStart = ocsp.length - testResponder(ca).der.length - 16;
    fc.assert(
      fc.property(mutated(ocsp.subarray(0, certificateStart)), (head) => {
        const octets = Buffer.concat([head, ocsp.subarray(certificateStart)]);
        const result = checkRevocation({
          certificate: leaf.certificate,
          issuer: ca.certificate,
          data: { crls: [], ocsp: [octets] },
          at,
          method: 'OCSP',
        });
        expect(result.status).toBe('indeterminate');
      }),
      { numRuns },
    );
  });

  it('octets that are not DER at all never throw anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        onlyOurErrors(() => parseCertificate(octets));
        onlyOurErrors(() => openCrl(octets, { issuers: [ca.certificate] }));
        const data = { crls: [], ocsp: [octets] };
        const result = checkRevocation({
          certificate: leaf.certificate,
          issuer: ca.certificate,
          data,
          at,
          method: 'OCSP',
        });
        expect(result.status).toBe('indeterminate');
      }),
      { numRuns },
    );
  });
});
