import { expect, it } from 'vitest';
import { createResponderCache } from '../../../src/verification/revocation/responder-cache.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { jpkiCa } from '../../support/pki/test-jpki.ts';

it('the cache of responders keeps so many, and lets the first one go', () => {
  const certificate = parseCertificate(jpkiCa().der);
  const responder = { certificate, validUntil: certificate.notAfter };
  const cache = createResponderCache(2);
  for (const key of ['a', 'b', 'b', 'c']) cache.set(key, responder);
  expect(['a', 'b', 'c'].map((key) => cache.get(key) === responder)).toEqual([false, true, true]);
});
