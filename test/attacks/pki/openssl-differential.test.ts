import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import type { EpochMillis } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { validateCertificationPath } from '../../../src/verifier/x509/path.ts';
import { GENERAL_PATH_POLICY } from '../../../src/verifier/x509/path-policy.ts';
import { generalName, name } from '../../support/pki/der-encode.ts';
import { extensions } from '../../support/pki/extension-encode.ts';
import { jpkiCa, jpkiLeafSpec } from '../../support/pki/test-jpki.ts';
import {
  certificateDer,
  issueCa,
  issueCertificate,
  TEST_NOW,
  type TestCertificateSpec,
  type TestIdentity,
  testKey,
  toPem,
} from '../../support/pki/test-pki.ts';

/** Where there is no OpenSSL the comparison says so once and does not run. */
function opensslVersion(): string | undefined {
  try {
    return execFileSync('openssl', ['version'], { encoding: 'utf8' }).trim();
  } catch {
    console.log('OpenSSL is not here: the differential test did NOT run.');
    return undefined;
  }
}

const version = opensslVersion();
const directory = mkdtempSync(join(tmpdir(), 'jitsuin-openssl-'));
afterAll(() => rmSync(directory, { recursive: true }));

interface Chain {
  readonly leaf: Uint8Array;
  readonly intermediates: readonly Uint8Array[];
  readonly root: Uint8Array;
}

function opensslAccepts({ leaf, intermediates, root }: Chain): boolean {
  const file = (label: string, text: string) => {
    const path = join(directory, label);
    writeFileSync(path, text);
    return path;
  };
  const seconds = String(Math.floor(TEST_NOW / 1000));
  const args = [
    'verify',
    '-x509_strict',
    '-policy_check',
    '-policy',
    'anyPolicy',
    '-attime',
    seconds,
    '-CAfile',
    file('root.pem', toPem(root)),
  ];
  const untrusted = file('untrusted.pem', intermediates.map((der) => toPem(der)).join(''));
  if (intermediates.length > 0) args.push('-untrusted', untrusted);
  try {
    execFileSync('openssl', [...args, file('leaf.pem', toPem(leaf))], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

function weAccept({ leaf, intermediates, root }: Chain): boolean {
  try {
    const report = validateCertificationPath({
      leaf: parseCertificate(leaf),
      intermediates: intermediates.map(parseCertificate),
      trustAnchors: [parseCertificate(root)],
      at: TEST_NOW as EpochMillis,
      policy: GENERAL_PATH_POLICY,
    });
    return report.indication === 'TOTAL-PASSED';
  } catch (thrown) {
    if (thrown instanceof JitsuinError) return false;
    throw thrown;
  }
}

const root = issueCa({ subject: ['C=JP', 'CN=Root'] });
const ca = issueCa({ subject: ['C=JP', 'CN=CA'], issuer: root });
const short = issueCa({ subject: ['CN=Short'], issuer: root, pathLen: 0 });
const below = issueCa({ subject: ['CN=Below'], issuer: short });
const constrained = issueCa({
  subject: ['CN=Constrained'],
  issuer: root,
  extensions: [
    extensions.nameConstraints([generalName.directory(name('C=JP'))], [generalName.dns('bad.test')]),
  ],
});
const explicit = issueCa({
  subject: ['CN=Explicit'],
  issuer: root,
  extensions: [extensions.certificatePolicies(['1.2.3']), extensions.policyConstraints(0)],
});
const mute = issueCertificate({
  subject: ['CN=Mute'],
  issuer: root,
  extensions: [extensions.basicConstraints(true), extensions.keyUsage(['cRLSign'])],
});
const notCa = issueCertificate({ subject: ['CN=Not CA'], issuer: root });
const impostor = issueCa({ subject: ['C=JP', 'CN=CA'], key: testKey('impostor') });

const chain = (issuer: TestIdentity, spec: Partial<TestCertificateSpec> = {}, between = [issuer]): Chain => ({
  leaf: certificateDer({ subject: ['C=JP', 'CN=Leaf'], issuer, ...spec }).der,
  intermediates: between.map((identity) => identity.der),
  root: root.der,
});

const jpki = jpkiCa();
const san = (...names: Uint8Array[]) => ({ extensions: [extensions.subjectAltName(names)] });
const flipped = (good: Chain): Chain => {
  const leaf = Uint8Array.from(good.leaf);
  const last = leaf.length - 1;
  leaf[last] = (leaf[last] ?? 0) ^ 1;
  return { ...good, leaf };
};

/** Accepted here and refused by OpenSSL, each with the reason. */
const STRICTER_IN_OPENSSL: ReadonlyMap<string, string> = new Map([
  ['the last second', 'OpenSSL takes notAfter itself as over; RFC 5280 section 4.1.2.5 includes it'],
]);

/** Every chain with what both must say. */
const CHAINS: readonly (readonly [title: string, chain: Chain, expected: boolean])[] = [
  ['a good chain', chain(ca), true],
  ['a JPKI leaf', { leaf: certificateDer(jpkiLeafSpec(jpki)).der, intermediates: [], root: jpki.der }, true],
  ['another root', { ...chain(ca), root: jpki.der }, false],
  ['a changed signature', flipped(chain(ca)), false],
  ['an impostor of the CA', chain(impostor), false],
  ['expired', chain(ca, { notAfter: TEST_NOW - 1000 }), false],
  ['not yet valid', chain(ca, { notBefore: TEST_NOW + 1000 }), false],
  ['the last second', chain(ca, { notAfter: TEST_NOW }), true],
  ['path length kept', chain(short), true],
  ['path length exceeded', chain(below, {}, [short, below]), false],
  ['an issuer that is not a CA', chain(notCa), false],
  ['an issuer without keyCertSign', chain(mute), false],
  ['an unknown critical extension', chain(ca, { extensions: [extensions.unknown(true)] }), false],
  ['an unknown extension', chain(ca, { extensions: [extensions.unknown(false)] }), true],
  ['a name inside the constraints', chain(constrained, san(generalName.dns('good.test'))), true],
  ['a name excluded', chain(constrained, san(generalName.dns('a.bad.test'))), false],
  ['a subject outside', chain(constrained, { subject: ['C=US', 'CN=x'] }), false],
  ['the explicit policy', chain(explicit, { extensions: [extensions.certificatePolicies(['1.2.3'])] }), true],
  ['another policy', chain(explicit, { extensions: [extensions.certificatePolicies(['1.2.4'])] }), false],
  ['no policy', chain(explicit), false],
  ['issuer and subject keys missing in between', { ...chain(ca), intermediates: [] }, false],
];

describe.skipIf(version === undefined)(`against ${version}`, () => {
  it.each(CHAINS)('%s', (title, given, expected) => {
    expect(weAccept(given)).toBe(expected);
    expect(opensslAccepts(given)).toBe(expected && !STRICTER_IN_OPENSSL.has(title));
  });
});
