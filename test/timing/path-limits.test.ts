import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../src/core/brand.ts';
import { decisiveCheck } from '../../src/core/report.ts';
import type { Certificate } from '../../src/verifier/x509/certificate-types.ts';
import { validateCertificationPath } from '../../src/verifier/x509/path.ts';
import { GENERAL_PATH_POLICY } from '../../src/verifier/x509/path-policy.ts';
import type { PathPolicy } from '../../src/verifier/x509/path-types.ts';
import { generalName, name } from '../support/pki/der-encode.ts';
import { extensions } from '../support/pki/extension-encode.ts';
import { issueCa, issueCertificate, TEST_NOW, testKey } from '../support/pki/test-pki.ts';

const root = issueCa({ subject: ['CN=Root'] });

function judge(leaf: Certificate, intermediates: readonly Certificate[], more: Partial<PathPolicy> = {}) {
  const started = performance.now();
  const report = validateCertificationPath({
    leaf,
    intermediates,
    trustAnchors: [root.certificate],
    at: TEST_NOW as EpochMillis,
    policy: { ...GENERAL_PATH_POLICY, ...more },
  });
  const code = decisiveCheck(report)?.code ?? report.indication;
  return { code, milliseconds: performance.now() - started };
}

describe('K7 nothing hangs', () => {
  it('two CAs that certify each other', () => {
    const a = issueCa({ subject: ['CN=A'], key: testKey('a') });
    const b = issueCa({ subject: ['CN=B'], key: testKey('b') });
    const aByB = issueCa({ subject: ['CN=A'], key: a.key, issuer: b });
    const bByA = issueCa({ subject: ['CN=B'], key: b.key, issuer: a });
    const leaf = issueCertificate({ subject: ['CN=Leaf'], issuer: a });
    const intermediates = [a, b, aByB, bByA].map((identity) => identity.certificate);
    const { code, milliseconds } = judge(leaf.certificate, intermediates);
    expect(['certificate.path', 'certificate.limit']).toContain(code);
    expect(milliseconds).toBeLessThan(2000);
  });

  it('2,000 certificates of one name', () => {
    const crowd = issueCa({ subject: ['CN=Crowd'], key: testKey('crowd') });
    const leaf = issueCertificate({ subject: ['CN=Leaf'], issuer: crowd });
    const one = issueCa({ subject: ['CN=Crowd'], key: testKey('crowd'), issuer: crowd }).certificate;
    const intermediates = Array.from({ length: 2000 }, () => one);
    const { code, milliseconds } = judge(leaf.certificate, intermediates);
    expect(code).toBe('certificate.limit');
    expect(milliseconds).toBeLessThan(2000);
  });

  it('a crowd of issuers with one name and different keys', () => {
    const issuers = Array.from({ length: 60 }, (_, index) =>
      issueCa({ subject: ['CN=Crowd'], key: testKey(`crowd ${index}`), identifiers: 'none' }),
    );
    const last = issuers.at(-1) ?? root;
    const cross = issuers.flatMap((issuer, index) =>
      issuers
        .slice(index + 1, index + 4)
        .map((other) => issueCa({ subject: ['CN=Crowd'], key: other.key, issuer, identifiers: 'none' })),
    );
    const leaf = issueCertificate({ subject: ['CN=Leaf'], issuer: last, identifiers: 'none' });
    const { code, milliseconds } = judge(
      leaf.certificate,
      cross.map((identity) => identity.certificate),
    );
    expect(code).toBe('certificate.limit');
    expect(milliseconds).toBeLessThan(2000);
  });

  it('a chain deeper than any honest one, and one at the bound', () => {
    const chain = [root];
    for (let depth = 0; depth < 12; depth++) {
      chain.push(issueCa({ subject: [`CN=Depth ${depth}`], issuer: chain.at(-1) ?? root }));
    }
    const below = (depth: number) => {
      const issuer = chain[depth] ?? root;
      const leaf = issueCertificate({ subject: ['CN=Leaf'], issuer });
      return judge(
        leaf.certificate,
        chain.slice(1, depth + 1).map((identity) => identity.certificate),
      ).code;
    };
    expect(below(10)).toBe('TOTAL-PASSED');
    expect(below(11)).toBe('certificate.limit');
  });

  it('thousands of names under thousands of constraints', () => {
    const dns = (count: number, zone: string) =>
      Array.from({ length: count }, (_, i) => generalName.dns(`h${i}.${zone}`));
    const constrained = issueCa({
      subject: ['CN=Constrained'],
      issuer: root,
      extensions: [extensions.nameConstraints(dns(1500, 'ok.test'), dns(1500, 'bad.test'))],
    });
    const leaf = issueCertificate({
      subject: ['CN=Leaf'],
      issuer: constrained,
      extensions: [extensions.subjectAltName(dns(1500, 'ok.test'))],
    });
    const { code, milliseconds } = judge(leaf.certificate, [constrained.certificate]);
    expect(code).toBe('certificate.limit');
    expect(milliseconds).toBeLessThan(2000);
    const few = issueCertificate({
      subject: ['CN=Leaf'],
      issuer: constrained,
      extensions: [extensions.subjectAltName(dns(3, 'ok.test'))],
    });
    expect(judge(few.certificate, [constrained.certificate]).code).toBe('TOTAL-PASSED');
  });

  it('policy mappings that would double a tree at every level', () => {
    const policies = Array.from({ length: 30 }, (_, index) => `1.2.3.${index}`);
    const all = policies.flatMap((from) => policies.map((to): [string, string] => [from, to]));
    let issuer = root;
    const intermediates: Certificate[] = [];
    for (let level = 0; level < 8; level++) {
      issuer = issueCa({
        subject: [`CN=Mapping ${level}`],
        issuer,
        extensions: [extensions.certificatePolicies(policies), extensions.policyMappings(all)],
      });
      intermediates.push(issuer.certificate);
    }
    const leaf = issueCertificate({
      subject: ['CN=Leaf'],
      issuer,
      extensions: [extensions.certificatePolicies(policies)],
    });
    const { code, milliseconds } = judge(leaf.certificate, intermediates, { initialExplicitPolicy: true });
    expect(code).toBe('TOTAL-PASSED');
    expect(milliseconds).toBeLessThan(2000);
  });

  it('a certificate that names itself as its issuer many times over', () => {
    const loop = issueCa({ subject: name('CN=Loop'), key: testKey('loop') });
    const renewed = Array.from({ length: 40 }, () =>
      issueCa({ subject: name('CN=Loop'), key: loop.key, issuer: loop }),
    );
    const leaf = issueCertificate({ subject: ['CN=Leaf'], issuer: loop });
    const { code, milliseconds } = judge(
      leaf.certificate,
      renewed.map((identity) => identity.certificate),
    );
    expect(code).toBe('certificate.limit');
    expect(milliseconds).toBeLessThan(2000);
  });
});
