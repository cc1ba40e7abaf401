import { webcrypto } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompactJwe, EpochMillis, SigningInput, SigningMode } from '../../../src/core/brand.ts';
import { decisiveCheck } from '../../../src/core/report.ts';
import type { FaultOptions, SimulatedEndpoint } from '../../../src/simulator/auth-and-sign/faults.ts';
import { openResult } from '../../../src/verifier/jwe/open-result.ts';
import { startValidation } from '../../../src/verifier/validate.ts';
import { jpkiSigningPolicy } from '../../../src/verifier/validation-policy.ts';
import type { RevocationData, RevocationNeed } from '../../../src/verifier/validation-types.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { readFourAttributes } from '../../../src/verifier/x509/four-attributes.ts';
import {
  BASE_TIME,
  DIGEST_INFO_DATA,
  DOCUMENT,
  get,
  makeTestWorld,
  PLAIN_DATA,
  resultPath,
  signOnce,
  type TestWorld,
} from '../../unit/simulator/relying-party.ts';

const OCSP = { 'content-type': 'application/ocsp-request' };

// The production verifier over everything that the simulator sends: bundle, certificates, CRL and OCSP, all over HTTP.
let world: TestWorld;
let pfKey: webcrypto.CryptoKey;
beforeAll(async () => {
  world = await makeTestWorld();
  const pkcs8 = world.pfKey.export({ type: 'pkcs8', format: 'der' });
  const algorithm = { name: 'ECDH', namedCurve: 'P-256' };
  pfKey = await webcrypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), algorithm, false, ['deriveBits']);
});
afterAll(() => world.simulator.close());

type Method = 'CRL' | 'OCSP';
type Planned = readonly [endpoint: SimulatedEndpoint, name: string, options?: FaultOptions];

async function bundleOf(person: string, data: string) {
  const { id, accessToken } = await signOnce(world, { person, data });
  const { body } = await get(world, resultPath(id), accessToken);
  return openResult(String(body['sign_certificate_jwe']) as CompactJwe, [
    { kid: 'pf-1', state: 'active', key: pfKey },
  ]);
}

async function fetchRevocation(need: RevocationNeed): Promise<RevocationData> {
  const octets = async (response: Response) => new Uint8Array(await response.arrayBuffer());
  if (need.ocspRequest !== undefined) {
    const body = new Uint8Array(need.ocspRequest);
    return {
      crls: [],
      ocsp: [await octets(await fetch(world.simulator.ocspUrl, { method: 'POST', headers: OCSP, body }))],
    };
  }
  const urls = need.distributionPoints.map(
    (dp) => `${world.simulator.crlUrl}?dp=${Buffer.from(dp).toString('base64url')}`,
  );
  return { ocsp: [], crls: await Promise.all(urls.map(async (url) => octets(await fetch(url)))) };
}

async function judge(person: string, method: Method, mode: SigningMode = 'digest-info', fault?: Planned) {
  const data = mode === 'digest-info' ? DIGEST_INFO_DATA : PLAIN_DATA;
  const { certificate, signatureValue } = await bundleOf(person, data);
  if (fault !== undefined) world.simulator.faults.next(...fault);
  const started = startValidation({
    subject: { kind: 'file', octets: DOCUMENT, certificate, signatureValue },
    mode,
    data: data as SigningInput,
    trustAnchors: world.simulator.trustAnchorPems.map((pem) => parseCertificate(derOf(pem))),
    at: BASE_TIME as EpochMillis,
    policy: jpkiSigningPolicy('test', method),
    nonce: new Uint8Array(16).fill(7),
  });
  const outcome =
    started.kind === 'decided'
      ? started.outcome
      : started.finish(await Promise.all(started.needs.map(fetchRevocation)));
  return [outcome.result, decisiveCheck(outcome.report)?.code];
}

function derOf(pem: string): Uint8Array {
  return new Uint8Array(Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ''), 'base64'));
}

describe('the production verifier', () => {
  it.each([
    ['taro', 'OCSP', 'digest-info'],
    ['taro', 'CRL', 'digest'],
    ['hanako', 'CRL', 'digest-info'],
    ['kanji', 'OCSP', 'digest'],
    ['elder', 'CRL', 'digest-info'],
    ['previous', 'OCSP', 'digest-info'],
    ['previous', 'CRL', 'digest-info'],
  ] as const)('accepts the signature of %s by %s in mode %s', async (person, method, mode) => {
    expect(await judge(person, method, mode)).toEqual(['OK', undefined]);
  });

  it.each([
    ['revoked', 'OCSP'],
    ['revoked', 'CRL'],
    ['on-hold', 'OCSP'],
    ['on-hold', 'CRL'],
  ] as const)('refuses the certificate of %s by %s', async (person, method) => {
    const code = person === 'revoked' ? 'certificate.revoked' : 'certificate.suspended';
    expect(await judge(person, method)).toEqual(['CERTIFICATE_REVOKED', code]);
  });

  it.each([
    ['CRL', 'stale'],
    ['CRL', 'future'],
    ['CRL', 'forged'],
    ['CRL', 'other-partition'],
    ['CRL', 'html'],
    ['OCSP', 'stale'],
    ['OCSP', 'future'],
    ['OCSP', 'forged'],
    ['OCSP', 'wrong-nonce'],
    ['OCSP', 'without-nonce'],
    ['OCSP', 'unknown'],
    ['OCSP', 'other-serial'],
    ['OCSP', 'try-later'],
    ['OCSP', 'unauthorized'],
    ['OCSP', 'empty'],
  ] as const)('cannot decide with a %s that is %s', async (method, name) => {
    const [result, code] = await judge('hanako', method, 'digest-info', [
      method === 'CRL' ? 'crl' : 'ocsp',
      name,
    ]);
    expect(result).toBe('INDETERMINATE');
    expect(code).toMatch(/^revocation\./);
  });

  it('reads 基本4情報 with the substitution maps', async () => {
    const { certificate } = await bundleOf('kanji', DIGEST_INFO_DATA);
    expect(readFourAttributes(parseCertificate(certificate))).toMatchObject({
      name: { text: '模擬 吉高葛', substituted: [3, 4, 5] },
      address: { text: '東京都模擬区\u{20BB7}野町二丁目7番-101号', substituted: [14] },
    });
  });
});
