import { describe, expect, it } from 'vitest';

import type { EpochMillis } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { checkRevocation } from '../../../src/verifier/revocation/check.ts';
import { type Crl, openCrl } from '../../../src/verifier/revocation/crl.ts';
import type { RevocationRequest } from '../../../src/verifier/revocation/revocation-types.ts';
import { GENERAL_PATH_POLICY } from '../../../src/verifier/x509/path-policy.ts';
import { name } from '../../support/pki/der-encode.ts';
import { extensions } from '../../support/pki/extension-encode.ts';
import {
  issueCa,
  issueCertificate,
  TEST_NOW,
  type TestIdentity,
  testKey,
} from '../../support/pki/test-pki.ts';
import { type TestCrlSpec, testCrl } from '../../support/pki/test-revocation.ts';

const HOUR = 3_600_000;
const ca = issueCa({ subject: ['C=JP', 'CN=CA'] });
const leaf = issueCertificate({ subject: ['CN=Leaf'], issuer: ca, serial: 0x1234 });

const open = (spec: Partial<TestCrlSpec> = {}, issuers: readonly TestIdentity[] = [ca]): Crl =>
  openCrl(testCrl({ issuer: ca, ...spec }), { issuers: issuers.map((issuer) => issuer.certificate) });

function check(crls: readonly Crl[], more: Partial<RevocationRequest> = {}) {
  return checkRevocation({
    certificate: leaf.certificate,
    issuer: ca.certificate,
    data: { crls, ocsp: [] },
    at: TEST_NOW as EpochMillis,
    method: 'CRL',
    ...more,
  });
}

/** `good`, `revoked` or the code of what could not be decided. */
function status(crls: readonly Crl[], more: Partial<RevocationRequest> = {}): string {
  const result = check(crls, more);
  return result.status === 'indeterminate' ? result.code : result.status;
}

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (thrown) {
    return thrown instanceof JitsuinError ? thrown.code : 'another error';
  }
}

describe('delta CRLs', () => {
  const base = open({ number: 10, entries: [{ serial: 0x9999, reason: 6 }] });

  it('adds to its base, lifts a hold, and is ignored when it does not fit', () => {
    const added = open({ number: 12, base: 10, entries: [{ serial: 0x1234, reason: 4 }] });
    expect(status([base, added])).toBe('revoked');
    const held = issueCertificate({ subject: ['CN=Held'], issuer: ca, serial: 0x9999 }).certificate;
    expect(status([base], { certificate: held })).toBe('revoked');
    const lifted = open({ number: 12, base: 10, entries: [{ serial: 0x9999, reason: 8 }] });
    expect(status([base, lifted], { certificate: held })).toBe('good');
    const later = open({ number: 13, base: 11, entries: [{ serial: 0x1234 }] });
    expect(status([base, later])).toBe('good');
  });
});

describe('a delta CRL that lifts a hold', () => {
  const base = open({ number: 10, entries: [{ serial: 0x9999, reason: 6 }] });
  const held = issueCertificate({ subject: ['CN=Held'], issuer: ca, serial: 0x9999 }).certificate;
  const lift = { number: 12, base: 10, entries: [{ serial: 0x9999, reason: 8 }] };

  it('is ignored once it is stale', () => {
    const stale = open({ ...lift, thisUpdate: TEST_NOW - 48 * HOUR });
    expect(status([base, stale], { certificate: held })).toBe('revoked');
  });

  it('is ignored where another key of the same name made it, trusted or not', () => {
    const other = issueCa({ subject: ['C=JP', 'CN=CA'], key: testKey('another generation') });
    const foreign = open({ ...lift, issuer: other }, [other]);
    const trustAnchors = [ca.certificate, other.certificate];
    const trust = { trustAnchors, intermediates: [], policy: GENERAL_PATH_POLICY };
    expect(status([base, foreign], { certificate: held, trust })).toBe('revoked');
  });
});

describe('indirect CRLs', () => {
  const crlIssuer = issueCertificate({
    subject: ['C=JP', 'CN=CRL issuer'],
    issuer: ca,
    extensions: [extensions.keyUsage(['cRLSign'])],
  });
  const pointed = issueCertificate({
    subject: ['CN=Pointed'],
    issuer: ca,
    serial: 77,
    extensions: [extensions.distributionPoints([{ crlIssuer: crlIssuer.subject }])],
  }).certificate;
  const issuers = [crlIssuer];
  const trust = {
    trustAnchors: [ca.certificate],
    intermediates: [crlIssuer.certificate],
    policy: GENERAL_PATH_POLICY,
  };
  const ownCrl = open();
  const scope = { indirect: true };

  it('answers only for the issuers that its entries name', () => {
    const listed = open(
      { issuer: crlIssuer, scope, entries: [{ serial: 77, certificateIssuer: ca.subject }] },
      issuers,
    );
    const foreign = { serial: 77, certificateIssuer: name('CN=Somebody else') };
    const other = open({ issuer: crlIssuer, scope, entries: [foreign] }, issuers);
    const carried = open(
      { issuer: crlIssuer, scope, entries: [{ serial: 5, certificateIssuer: ca.subject }, { serial: 77 }] },
      issuers,
    );
    const more = { certificate: pointed, trust };
    expect(status([listed, ownCrl], more)).toBe('revoked');
    expect(status([carried, ownCrl], more)).toBe('revoked');
    expect(status([other, ownCrl], more)).toBe('good');
  });

  it('needs the indirect flag, the point to name it, and trust in its issuer', () => {
    const listed = open({ issuer: crlIssuer, scope, entries: [] }, issuers);
    const plain = open({ issuer: crlIssuer }, issuers);
    expect(status([plain], { certificate: pointed, trust })).toBe('revocation.issuer');
    expect(status([listed], { certificate: leaf.certificate, trust })).toBe('revocation.issuer');
    expect(status([listed], { certificate: pointed })).toBe('revocation.issuer');
    const untrusted = { ...trust, trustAnchors: [issueCa({ subject: ['CN=Stranger'] }).certificate] };
    expect(status([listed], { certificate: pointed, trust: untrusted })).toBe('revocation.issuer');
  });

  it('answers by its flag alone, whatever the status of its issuer', () => {
    const partition = name('CN=Of CRL issuers');
    const known = issueCertificate({
      subject: ['C=JP', 'CN=CRL issuer'],
      issuer: ca,
      extensions: [extensions.keyUsage(['cRLSign']), extensions.crlDistributionPoints([partition])],
    });
    const about = open({ scope: { directoryName: partition } });
    const more = { certificate: pointed, trust: { ...trust, intermediates: [known.certificate] } };
    expect(status([open({ issuer: known, scope }, [known]), about], more)).toBe('good');
    expect(status([open({ issuer: known }, [known]), about], more)).toBe('revocation.scope');
  });

  it('refuses certificateIssuer where the CRL is not indirect', () => {
    expect(codeOf(() => open({ entries: [{ serial: 1, certificateIssuer: ca.subject }] }))).toBe(
      'revocation.invalid',
    );
  });
});
