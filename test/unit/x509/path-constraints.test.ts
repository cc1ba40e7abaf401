import { describe, expect, it } from 'vitest';

import { generalName, name } from '../../support/pki/der-encode.ts';
import { extensions } from '../../support/pki/extension-encode.ts';
import { judge, leaf, root, verdict } from '../../support/pki/path-verdict.ts';
import { issueCa, issueCertificate } from '../../support/pki/test-pki.ts';

describe('name constraints', () => {
  const constrained = issueCa({
    subject: ['C=JP', 'CN=Constrained'],
    issuer: root,
    extensions: [
      extensions.nameConstraints(
        [
          generalName.directory(name('C=JP', 'O=Good')),
          generalName.dns('example.jp'),
          generalName.ip(192, 0, 2, 0, 255, 255, 255, 0),
        ],
        [generalName.dns('bad.example.jp'), generalName.email('bad.jp')],
      ),
    ],
  });
  const given = { intermediates: [constrained.certificate] };
  const end = (subject: string[], ...names: Uint8Array[]) =>
    issueCertificate({
      subject,
      issuer: constrained,
      extensions: names.length === 0 ? [] : [extensions.subjectAltName(names)],
    }).certificate;
  const refused = 'name-constraints certificate.name-constraints';

  it.each([
    ['subject inside, case and space apart', end(['C=JP', 'O=good ', 'CN=x']), 'TOTAL-PASSED'],
    ['subject outside', end(['C=JP', 'O=Bad']), refused],
    ['DNS inside', end(['C=JP', 'O=Good'], generalName.dns('a.example.jp')), 'TOTAL-PASSED'],
    ['DNS with the same ending only', end(['C=JP', 'O=Good'], generalName.dns('notexample.jp')), refused],
    ['DNS excluded', end(['C=JP', 'O=Good'], generalName.dns('x.bad.example.jp')), refused],
    ['wildcard that could be excluded', end(['C=JP', 'O=Good'], generalName.dns('*.example.jp')), refused],
    ['IP inside', end(['C=JP', 'O=Good'], generalName.ip(192, 0, 2, 9)), 'TOTAL-PASSED'],
    ['IP outside', end(['C=JP', 'O=Good'], generalName.ip(192, 0, 3, 9)), refused],
    ['mailbox on an excluded host', end(['C=JP', 'O=Good'], generalName.email('a@bad.jp')), refused],
    ['mailbox elsewhere', end(['C=JP', 'O=Good'], generalName.email('a@good.jp')), 'TOTAL-PASSED'],
    ['mailbox in the subject', end(['C=JP', 'O=Good', 'E=a@bad.jp']), refused],
    ['URI is not constrained', end(['C=JP', 'O=Good'], generalName.uri('https://x.test/')), 'TOTAL-PASSED'],
  ])('%s', (_, certificate, expected) => {
    expect(verdict(certificate, given)).toBe(expected);
  });

  it.each([
    ['the mailbox itself', 'user@bad.jp', 'user@bad.jp', refused],
    ['its host in other letters', 'user@bad.jp', 'user@BAD.jp', refused],
    ['its name in other letters', 'user@bad.jp', 'User@bad.jp', 'TOTAL-PASSED'],
    ['another name on its host', 'user@bad.jp', 'other@bad.jp', 'TOTAL-PASSED'],
    ['its name on another host', 'user@bad.jp', 'user@good.jp', 'TOTAL-PASSED'],
    ['any name on a host', 'bad.jp', 'user@bad.jp', refused],
    ['a host within a host that is meant alone', 'bad.jp', 'user@a.bad.jp', 'TOTAL-PASSED'],
    ['a host within a domain', '.bad.jp', 'user@a.bad.jp', refused],
    ['the host that a domain is named after', '.bad.jp', 'user@bad.jp', 'TOTAL-PASSED'],
    ['what is no mailbox', 'bad.jp', 'bad.jp', refused],
  ])('a mailbox against an excluded form: %s', (_, excluded, mailbox, expected) => {
    const without = issueCa({
      subject: ['C=JP', 'CN=Without mailboxes'],
      issuer: root,
      extensions: [extensions.nameConstraints([], [generalName.email(excluded)])],
    });
    const { certificate } = issueCertificate({
      subject: ['C=JP', 'CN=x'],
      issuer: without,
      extensions: [extensions.subjectAltName([generalName.email(mailbox)])],
    });
    expect(verdict(certificate, { intermediates: [without.certificate] })).toBe(expected);
  });

  it('refuses names under constraint forms that are not supported', () => {
    const oid = '1.2.392.200149.8.5.5.1';
    const odd = issueCa({
      subject: ['CN=Odd'],
      issuer: root,
      extensions: [extensions.nameConstraints([], [generalName.otherName(oid, name('CN=x'))])],
    });
    const plain = issueCertificate({ subject: ['CN=End'], issuer: odd });
    const other = issueCertificate({
      subject: ['CN=End'],
      issuer: odd,
      extensions: [extensions.subjectAltName([generalName.otherName(oid, name('CN=y'))])],
    });
    expect(verdict(plain.certificate, { intermediates: [odd.certificate] })).toBe('TOTAL-PASSED');
    expect(verdict(other.certificate, { intermediates: [odd.certificate] })).toBe(refused);
  });
});

describe('certificate policies', () => {
  const A = '1.2.3.1';
  const B = '1.2.3.2';
  const given = (policyExtensions: readonly Uint8Array[]) => {
    const issuer = issueCa({ subject: ['CN=Policy CA'], issuer: root, extensions: policyExtensions });
    return { issuer, intermediates: [issuer.certificate] };
  };
  const explicit = { initialExplicitPolicy: true, initialPolicySet: [A] };

  it('needs one policy through the whole path when explicit', () => {
    const { issuer, intermediates } = given([extensions.certificatePolicies([A, B])]);
    const withPolicy = (policy: string) =>
      issueCertificate({
        subject: ['CN=End'],
        issuer,
        extensions: [extensions.certificatePolicies([policy])],
      });
    const report = judge(withPolicy(A).certificate, { intermediates, policy: explicit });
    expect(report.indication).toBe('TOTAL-PASSED');
    expect(report.policies).toEqual([A]);
    expect(verdict(withPolicy(B).certificate, { intermediates, policy: explicit })).toBe(
      'certificate-policies certificate.policy',
    );
    expect(verdict(leaf.certificate, { policy: explicit })).toBe('certificate-policies certificate.policy');
    expect(verdict(withPolicy(B).certificate, { intermediates })).toBe('TOTAL-PASSED');
  });

  it('follows mappings unless they are inhibited', () => {
    const { issuer, intermediates } = given([
      extensions.certificatePolicies([A]),
      extensions.policyMappings([[A, B]]),
    ]);
    const end = issueCertificate({
      subject: ['CN=End'],
      issuer,
      extensions: [extensions.certificatePolicies([B])],
    }).certificate;
    expect(verdict(end, { intermediates, policy: explicit })).toBe('TOTAL-PASSED');
    expect(verdict(end, { intermediates, policy: { ...explicit, initialPolicyMappingInhibit: true } })).toBe(
      'certificate-policies certificate.policy',
    );
  });

  it('takes anyPolicy for every policy unless it is inhibited', () => {
    const { issuer, intermediates } = given([extensions.certificatePolicies(['2.5.29.32.0'])]);
    const end = issueCertificate({
      subject: ['CN=End'],
      issuer,
      extensions: [extensions.certificatePolicies([A])],
    }).certificate;
    expect(verdict(end, { intermediates, policy: explicit })).toBe('TOTAL-PASSED');
    expect(verdict(end, { intermediates, policy: { ...explicit, initialAnyPolicyInhibit: true } })).toBe(
      'certificate-policies certificate.policy',
    );
  });
});
