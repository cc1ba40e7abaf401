import { describe, expect, it } from 'vitest';
import { decisiveCheck } from '../../../src/core/report.ts';

import { KEY_PURPOSE } from '../../../src/verifier/x509/oids.ts';
import { GENERAL_PATH_POLICY } from '../../../src/verifier/x509/path-policy.ts';
import { name } from '../../support/pki/der-encode.ts';
import { extensions } from '../../support/pki/extension-encode.ts';
import { ca, judge, leaf, root, verdict } from '../../support/pki/path-verdict.ts';
import {
  issueCa,
  issueCertificate,
  TEST_NOT_AFTER,
  TEST_NOT_BEFORE,
  TEST_NOW,
  testKey,
} from '../../support/pki/test-pki.ts';

describe('a path that keeps every rule', () => {
  it('passes and is reported leaf first, anchor last', () => {
    const report = judge(leaf.certificate);
    expect(report.indication).toBe('TOTAL-PASSED');
    expect(report.path).toEqual([leaf.certificate, ca.certificate, root.certificate]);
    expect(report.checks.every((check) => check.result === 'passed')).toBe(true);
    expect(report.validationTime).toBe(TEST_NOW);
  });

  it('passes for every supported kind of key', () => {
    for (const kind of ['rsa', 'p256', 'p384', 'ed25519'] as const) {
      const issuer = issueCa({ subject: ['CN=Anchor'], key: testKey(`anchor ${kind}`, kind) });
      const end = issueCertificate({ subject: ['CN=End'], issuer });
      expect(verdict(end.certificate, { trustAnchors: [issuer.certificate] })).toBe('TOTAL-PASSED');
    }
  });

  it('compares issuer names by RFC 5280 section 7.1, not octet by octet', () => {
    const end = issueCertificate({ subject: ['CN=End'], issuer: ca, issuerName: name('C=JP', 'CN=  ca ') });
    expect(verdict(end.certificate)).toBe('TOTAL-PASSED');
    const other = issueCertificate({ subject: ['CN=End'], issuer: ca, issuerName: name('C=JP', 'CN=C A') });
    expect(verdict(other.certificate)).toBe('certification-path certificate.path');
  });
});

describe('K1 period', () => {
  const limited = issueCertificate({
    subject: ['CN=Short'],
    issuer: ca,
    notBefore: TEST_NOW - 1000,
    notAfter: TEST_NOW + 1000,
  }).certificate;

  it.each([
    ['before the first second', -2000, 'validity-period certificate.not-yet-valid'],
    ['in the first second', -1000, 'TOTAL-PASSED'],
    ['in the last second', 1999, 'TOTAL-PASSED'],
    ['after the last second', 2000, 'validity-period certificate.expired'],
  ])('%s', (_, offset, expected) => {
    expect(verdict(limited, { at: TEST_NOW + offset })).toBe(expected);
  });

  it('binds the intermediates and never the anchor', () => {
    const old = issueCa({ subject: ['CN=Old root'], notAfter: TEST_NOW - 1000 });
    const end = issueCertificate({ subject: ['CN=End'], issuer: old });
    const given = { trustAnchors: [old.certificate] };
    expect(verdict(end.certificate, given)).toBe('TOTAL-PASSED');
    const below = issueCa({ subject: ['CN=Below'], issuer: root, notAfter: TEST_NOW - 1000 });
    const other = issueCertificate({ subject: ['CN=End'], issuer: below });
    expect(verdict(other.certificate, { intermediates: [below.certificate] })).toBe(
      'validity-period certificate.expired',
    );
  });

  it('states the instant at which it judged', () => {
    const report = judge(limited, { at: TEST_NOW + 5000 });
    expect(report.subIndication).toBe('OUT_OF_BOUNDS_NO_POE');
    expect(decisiveCheck(report)?.detail).toContain(new Date(TEST_NOW + 5000).toISOString());
  });
});

describe('K2 usage', () => {
  const policy = { requiredKeyUsage: ['digitalSignature', 'nonRepudiation'] } as const;
  const withUsage = (...usages: Parameters<typeof extensions.keyUsage>[0]) =>
    issueCertificate({ subject: ['CN=End'], issuer: ca, extensions: [extensions.keyUsage(usages)] })
      .certificate;

  it('needs every required bit', () => {
    expect(verdict(withUsage('digitalSignature', 'nonRepudiation'), { policy })).toBe('TOTAL-PASSED');
    expect(verdict(withUsage('digitalSignature'), { policy })).toBe('key-usage certificate.usage');
    expect(verdict(leaf.certificate, { policy })).toBe('key-usage certificate.usage');
  });

  it('refuses a CA certificate as the signer', () => {
    expect(verdict(ca.certificate)).toBe('basic-constraints certificate.usage');
    expect(verdict(root.certificate)).toBe('basic-constraints certificate.usage');
    expect(verdict(ca.certificate, { policy: { caAsLeaf: 'allowed' } })).toBe('TOTAL-PASSED');
  });

  it('needs keyCertSign in every issuer that has keyUsage', () => {
    const mute = issueCertificate({
      subject: ['CN=Mute'],
      issuer: root,
      extensions: [extensions.basicConstraints(true), extensions.keyUsage(['cRLSign'])],
    });
    const end = issueCertificate({ subject: ['CN=End'], issuer: mute });
    expect(verdict(end.certificate, { intermediates: [mute.certificate] })).toBe(
      'key-usage certificate.usage',
    );
  });

  it('holds the leaf to its extended key usage', () => {
    const stamping = issueCertificate({
      subject: ['CN=TSA'],
      issuer: ca,
      extensions: [extensions.extendedKeyUsage([KEY_PURPOSE.timeStamping], true)],
    }).certificate;
    const wanted = {
      acceptedExtendedKeyUsage: [KEY_PURPOSE.timeStamping],
      extendedKeyUsage: 'required',
    } as const;
    expect(verdict(stamping, { policy: wanted })).toBe('TOTAL-PASSED');
    expect(verdict(leaf.certificate, { policy: wanted })).toBe('extended-key-usage certificate.usage');
    expect(verdict(leaf.certificate, { policy: { ...wanted, extendedKeyUsage: 'optional' } })).toBe(
      'TOTAL-PASSED',
    );
    const ocsp = { acceptedExtendedKeyUsage: [KEY_PURPOSE.ocspSigning] };
    expect(verdict(stamping, { policy: ocsp })).toBe('extended-key-usage certificate.usage');
  });
});

describe('K4 anchors', () => {
  it('does not trust a CA of the same name with another key', () => {
    const impostorRoot = issueCa({ subject: ['C=JP', 'CN=Root'], key: testKey('impostor') });
    const end = issueCertificate({ subject: ['CN=End'], issuer: impostorRoot });
    expect(verdict(end.certificate, { intermediates: [impostorRoot.certificate, root.certificate] })).toBe(
      'certification-path certificate.anchor-missing',
    );
  });

  it('does not trust a self-signed leaf nor one beside the real root', () => {
    const own = issueCertificate({ subject: ['CN=Own'] });
    expect(verdict(own.certificate, { intermediates: [own.certificate, root.certificate] })).toBe(
      'certification-path certificate.path',
    );
  });

  it('finds nothing without anchors', () => {
    const report = judge(leaf.certificate, { trustAnchors: [] });
    expect(report.subIndication).toBe('NO_CERTIFICATE_CHAIN_FOUND');
    expect(report.path).toEqual([]);
  });

  it('chooses among generations of one name by signature, whatever the order', () => {
    const generations = ['a', 'b', 'c'].map((label) =>
      issueCa({
        subject: ['C=JP', 'CN=Generations'],
        key: testKey(`generation ${label}`),
        identifiers: 'none',
      }),
    );
    for (const issuer of generations) {
      const end = issueCertificate({ subject: ['CN=End'], issuer, identifiers: 'none' });
      const trustAnchors = generations.map((generation) => generation.certificate);
      const report = judge(end.certificate, { trustAnchors });
      expect(report.indication).toBe('TOTAL-PASSED');
      expect(report.path.at(-1)).toBe(issuer.certificate);
    }
  });

  it('goes on to another path when the first one fails', () => {
    const expired = issueCa({
      subject: ['C=JP', 'CN=CA'],
      key: ca.key,
      issuer: root,
      notAfter: TEST_NOW - 1000,
    });
    const intermediates = [expired.certificate, ca.certificate];
    expect(verdict(leaf.certificate, { intermediates })).toBe('TOTAL-PASSED');
    expect(verdict(leaf.certificate, { intermediates: [expired.certificate] })).toBe(
      'validity-period certificate.expired',
    );
  });
});

describe('K7 CA rules', () => {
  it('refuses an issuer that is not a CA', () => {
    const notCa = issueCertificate({ subject: ['CN=Not a CA'], issuer: root });
    const end = issueCertificate({ subject: ['CN=End'], issuer: notCa });
    expect(verdict(end.certificate, { intermediates: [notCa.certificate] })).toBe(
      'basic-constraints certificate.not-ca',
    );
  });

  it('counts pathLenConstraint without self-issued certificates', () => {
    const short = issueCa({ subject: ['CN=Short'], issuer: root, pathLen: 0 });
    const renewed = issueCa({ subject: ['CN=Short'], issuer: short, key: testKey('renewed') });
    const below = issueCa({ subject: ['CN=Below'], issuer: short });
    const good = issueCertificate({ subject: ['CN=Good'], issuer: renewed });
    const bad = issueCertificate({ subject: ['CN=Bad'], issuer: below });
    expect(verdict(good.certificate, { intermediates: [short.certificate, renewed.certificate] })).toBe(
      'TOTAL-PASSED',
    );
    expect(verdict(bad.certificate, { intermediates: [short.certificate, below.certificate] })).toBe(
      'basic-constraints certificate.path-length',
    );
  });
});

describe('K8 keys and algorithms', () => {
  const weak = (key: ReturnType<typeof testKey>) =>
    issueCertificate({ subject: ['CN=Weak'], issuer: ca, key });

  it('refuses short RSA keys in the leaf and in an issuer', () => {
    expect(verdict(weak(testKey('weak', 'rsa', 1024)).certificate)).toBe(
      'certificate-key-policy certificate.key-policy',
    );
    expect(verdict(weak(testKey('weak', 'rsa', 512)).certificate)).toBe(
      'certificate-key-policy certificate.key-policy',
    );
    const weakCa = issueCa({ subject: ['CN=Weak CA'], issuer: root, key: testKey('weak', 'rsa', 1024) });
    const end = issueCertificate({ subject: ['CN=End'], issuer: weakCa });
    expect(verdict(end.certificate, { intermediates: [weakCa.certificate] })).toBe(
      'certificate-key-policy certificate.key-policy',
    );
  });

  it('refuses SHA-1 and MD5 signatures of issuers', () => {
    const rsaCa = issueCa({ subject: ['CN=RSA CA'], issuer: root, key: testKey('rsa ca', 'rsa') });
    for (const hash of ['sha1', 'md5'] as const) {
      const end = issueCertificate({ subject: ['CN=End'], issuer: rsaCa, hash });
      expect(verdict(end.certificate, { intermediates: [rsaCa.certificate] })).toBe(
        'certificate-key-policy certificate.key-policy',
      );
    }
    const sha384 = issueCertificate({ subject: ['CN=End'], issuer: rsaCa, hash: 'sha384' });
    expect(verdict(sha384.certificate, { intermediates: [rsaCa.certificate] })).toBe('TOTAL-PASSED');
  });

  it('takes exponents, curves and hashes from the policy', () => {
    const { keyPolicy } = GENERAL_PATH_POLICY;
    const exponent3 = { ...keyPolicy, rsa: { ...keyPolicy.rsa, exponents: [3] } };
    const rsa = weak(testKey('good', 'rsa')).certificate;
    expect(verdict(rsa)).toBe('TOTAL-PASSED');
    expect(verdict(rsa, { policy: { keyPolicy: exponent3 } })).toBe(
      'certificate-key-policy certificate.key-policy',
    );
    const p384 = { ...keyPolicy, curves: ['P-384'] } as const;
    expect(verdict(leaf.certificate, { policy: { keyPolicy: p384 } })).toBe(
      'certificate-key-policy certificate.key-policy',
    );
    const ed25519 = { ...keyPolicy, ed25519: 'refused' } as const;
    const edwards = weak(testKey('ed', 'ed25519')).certificate;
    expect(verdict(edwards)).toBe('TOTAL-PASSED');
    expect(verdict(edwards, { policy: { keyPolicy: ed25519 } })).toBe(
      'certificate-key-policy certificate.key-policy',
    );
  });
});

describe('K9 critical extensions', () => {
  it('refuses an unknown one where it is critical, anywhere in the path', () => {
    const unknown = (critical: boolean) =>
      issueCertificate({ subject: ['CN=End'], issuer: ca, extensions: [extensions.unknown(critical)] })
        .certificate;
    expect(verdict(unknown(false))).toBe('TOTAL-PASSED');
    expect(verdict(unknown(true))).toBe('critical-extensions certificate.critical-extension');
    const odd = issueCa({ subject: ['CN=Odd'], issuer: root, extensions: [extensions.unknown(true)] });
    const end = issueCertificate({ subject: ['CN=End'], issuer: odd });
    expect(verdict(end.certificate, { intermediates: [odd.certificate] })).toBe(
      'critical-extensions certificate.critical-extension',
    );
  });
});

describe('judging at an instant', () => {
  it('gives another verdict at another instant, and only then', () => {
    expect(verdict(leaf.certificate, { at: TEST_NOT_BEFORE - 1 })).toBe(
      'validity-period certificate.not-yet-valid',
    );
    expect(verdict(leaf.certificate, { at: TEST_NOT_BEFORE })).toBe('TOTAL-PASSED');
    expect(verdict(leaf.certificate, { at: TEST_NOT_AFTER })).toBe('TOTAL-PASSED');
    expect(verdict(leaf.certificate, { at: TEST_NOT_AFTER + 1000 })).toBe(
      'validity-period certificate.expired',
    );
  });
});
