import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../src/adapters/http-client/http-client.ts';
import { directoryRevocationSource } from '../../../src/adapters/revocation/directory-source.ts';
import { openRevocationSource } from '../../../src/adapters/revocation/open-revocation-source.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { makeCrl } from '../../../src/simulator/jpki/crl.ts';
import { revocationNeeds } from '../../../src/verifier/judge-certificate.ts';
import { jpkiSigningPolicy } from '../../../src/verifier/validation-policy.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import type { Certificate } from '../../../src/verifier/x509/certificate-types.ts';
import { cardOf, NOW, newRegistry } from '../../support/pf-signing.ts';
import { codeOf } from '../jwe/bundle-kit.ts';

const registry = newRegistry();
const taro = cardOf(registry, 'taro').signCertificate;
const hanako = cardOf(registry, 'hanako').signCertificate;
const crlOf = (name: Uint8Array, at = NOW) => new Uint8Array(makeCrl(registry, name, at) ?? []);
const clock = { now: () => NOW as EpochMillis };

function folder(files: Readonly<Record<string, Uint8Array>>): string {
  const path = mkdtempSync(join(tmpdir(), 'jitsuin-crl-'));
  for (const [name, octets] of Object.entries(files)) writeFileSync(join(path, name), octets);
  return path;
}

describe('a folder of CRL files', () => {
  it('gives each distribution point its own file, and a changed file at once', async () => {
    const path = folder({
      'a.crl': crlOf(taro.distributionPoint),
      'b.crl': crlOf(hanako.distributionPoint),
      'x.txt': taro.der,
    });
    const { crl } = directoryRevocationSource(path);
    expect(Buffer.from((await crl?.(taro.distributionPoint)) ?? [])).toEqual(
      Buffer.from(crlOf(taro.distributionPoint)),
    );
    expect(Buffer.from((await crl?.(hanako.distributionPoint)) ?? [])).toEqual(
      Buffer.from(crlOf(hanako.distributionPoint)),
    );
    const next = crlOf(taro.distributionPoint, (NOW + 3_600_000) as EpochMillis);
    writeFileSync(join(path, 'a.crl'), Buffer.concat([next, Buffer.alloc(1)]));
    expect(await crl?.(taro.distributionPoint)).toHaveLength(next.length + 1);
  });

  it('gives each generation of a CA the list of its own key, whatever came last', async () => {
    const previous = registry.authorities.previousSign;
    const list = makeCrl(registry, taro.distributionPoint, NOW, { key: previous.key.privateKey }) ?? [];
    // Simulated lists name the key of the CA that the partition belongs to: make this one name the other.
    const at = Buffer.from(list).indexOf(registry.authorities.sign.key.keyIdentifier);
    const other = Buffer.from(list).fill(previous.key.keyIdentifier, at, at + 20);
    const path = folder({ 'a.crl': crlOf(taro.distributionPoint), 'b.crl': other });
    const { crl } = directoryRevocationSource(path);
    for (const [ca, octets] of [
      [registry.authorities.sign, Buffer.from(crlOf(taro.distributionPoint))],
      [previous, other],
    ] as const)
      expect(await crl?.(taro.distributionPoint, ca.key.keyIdentifier)).toEqual(octets);
  });

  it('complete.crl serves every other point; without it the source is unavailable', async () => {
    const path = folder({ 'b.crl': crlOf(hanako.distributionPoint) });
    const { crl } = directoryRevocationSource(path);
    expect(await codeOf(async () => crl?.(taro.distributionPoint))).toBe('revocation.unavailable');
    writeFileSync(join(path, 'complete.crl'), new Uint8Array([1, 2, 3]));
    expect(await crl?.(taro.distributionPoint)).toEqual(Buffer.from([1, 2, 3]));
    rmSync(path, { recursive: true });
    expect(await codeOf(async () => crl?.(taro.distributionPoint))).toBe('revocation.unavailable');
  });
});

describe('configured sources', () => {
  it('the folder first, then HTTP; a source that is not there is no member', async () => {
    const path = folder({ 'a.crl': crlOf(taro.distributionPoint) });
    const options = { loopbackHttp: 'allowed', clock, createHttpClient, proxy: {} } as const;
    const only = openRevocationSource({ ...options, crlDir: path });
    expect(only.source.ocsp).toBeUndefined();
    expect(await codeOf(async () => only.source.crl?.(hanako.distributionPoint))).toBe(
      'revocation.unavailable',
    );
    only.close();
    const both = openRevocationSource({
      ...options,
      crlDir: path,
      crlUrl: 'http://127.0.0.1:9/crl',
      ocspUrl: 'http://127.0.0.1:9/',
    });
    expect(await both.source.crl?.(taro.distributionPoint)).toBeInstanceOf(Uint8Array);
    expect(await codeOf(async () => both.source.crl?.(hanako.distributionPoint))).toBe(
      'revocation.unavailable',
    );
    expect(await codeOf(async () => both.source.ocsp?.(new Uint8Array(1)))).toBe('revocation.unavailable');
    both.close();
  });
});

describe('K12: what a certificate says about URLs is never used', () => {
  const leaf = parseCertificate(new Uint8Array(taro.der));
  const issuer = parseCertificate(new Uint8Array(registry.authorities.sign.certificate));
  const needs = (certificate: Certificate) =>
    revocationNeeds([certificate, issuer], { policy: jpkiSigningPolicy('test', 'CRL') });

  it('asks under the directory name of the distribution point', () => {
    expect(needs(leaf)[0]?.distributionPoints.map((name) => Buffer.from(name))).toEqual([
      taro.distributionPoint,
    ]);
  });

  it('with URLs only, asks under the issuer’s name', () => {
    const url = { type: 'uniformResourceIdentifier', text: 'http://169.254.169.254/crl' } as const;
    const withUrl: Certificate = {
      ...leaf,
      cRLDistributionPoints: [{ fullName: [url] }],
      publicKey: leaf.publicKey,
    };
    const [need] = needs(withUrl);
    expect(need?.distributionPoints).toEqual([leaf.issuer.der]);
    expect(Buffer.from(need?.distributionPoints[0] ?? []).includes('169.254')).toBe(false);
  });

  it('the anchor is never asked about', () => {
    expect(needs(leaf)).toHaveLength(1);
    expect(revocationNeeds([issuer], { policy: jpkiSigningPolicy('test', 'OCSP') })).toEqual([]);
  });
});
