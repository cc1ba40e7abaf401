import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toPem } from '../../../src/simulator/jpki/certificate.ts';
import { type IssuedCard, makeRegistry } from '../../../src/simulator/jpki/registry.ts';
import { HAS_OPENSSL, openssl, opensslOctets } from './openssl.ts';
import { BASE_TIME, makeTestWorld, type TestWorld } from './relying-party.ts';

const OCSP = { 'content-type': 'application/ocsp-request' };

// The simulator of the same seed and clock has the same certificates, so these are its own.
const registry = makeRegistry('test', BASE_TIME);
const AT = ['-attime', String(BASE_TIME / 1000)];
const revoked = cardOf('revoked');

function cardOf(id: string): IssuedCard {
  const found = registry.cards.find(({ resident }) => resident.id === id);
  if (found === undefined) throw new Error(`no card ${id}`);
  return found;
}

let world: TestWorld;
beforeAll(async () => {
  world = await makeTestWorld();
});
afterAll(() => world.simulator.close());

async function octets(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

async function crl(dp: string): Promise<Response> {
  return fetch(`${world.simulator.crlUrl}?dp=${dp}`);
}

const files = () => ({
  'ca.pem': world.simulator.trustAnchorPem,
  'leaf.pem': toPem(revoked.signCertificate.der),
});

describe('the CRL endpoint', () => {
  it('knows the distribution points that certificates name, and no others', async () => {
    const response = await crl(revoked.signCertificate.distributionPoint.toString('base64url'));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/pkix-crl']);
    for (const dp of ['', 'AAAA', revoked.signCertificate.der.toString('base64url')]) {
      expect((await crl(dp)).status).toBe(404);
    }
  });

  it.skipIf(!HAS_OPENSSL).each([
    [undefined, 'certificate revoked'],
    ['stale', 'CRL has expired'],
    ['future', 'CRL is not yet valid'],
    ['forged', 'CRL signature failure'],
    ['other-partition', 'different CRL scope'],
    ['empty-list', 'leaf.pem: OK'],
  ])('with fault %s: openssl says %s', async (fault, word) => {
    if (fault !== undefined) world.simulator.faults.next('crl', fault);
    const der = await octets(await crl(revoked.signCertificate.distributionPoint.toString('base64url')));
    const ran = openssl(
      ['verify', '-CAfile', 'ca.pem', ...AT, '-CRLfile', 'crl.pem', '-crl_check', 'leaf.pem'],
      { ...files(), 'crl.pem': toPem(der, 'X509 CRL') },
    );
    expect(ran.output).toContain(word);
  });
});

describe.skipIf(!HAS_OPENSSL)('the OCSP endpoint', () => {
  async function ask(): Promise<string> {
    const request = opensslOctets(
      ['ocsp', '-issuer', 'ca.pem', '-cert', 'leaf.pem', '-reqout', 'out'],
      files(),
    );
    const response = await fetch(world.simulator.ocspUrl, {
      method: 'POST',
      headers: OCSP,
      body: new Uint8Array(request),
    });
    expect(response.headers.get('content-type')).toBe('application/ocsp-response');
    return openssl(
      ['ocsp', '-resp_text', '-CAfile', 'ca.pem', ...AT, '-reqin', 'request.der', '-respin', 'response.der'],
      { ...files(), 'request.der': request, 'response.der': await octets(response) },
    ).output;
  }

  it('says revoked, with the reason, in a response that verifies', async () => {
    const output = await ask();
    expect(output).toContain('Cert Status: revoked');
    expect(output).toContain('Revocation Reason: affiliationChanged (0x3)');
    expect(output).toContain('Response verify OK');
  });

  it.each([
    ['forged', 'Response Verify Failure'],
    ['wrong-nonce', 'Nonce Verify error'],
    ['without-nonce', 'WARNING: no nonce in response'],
    ['unknown', 'Cert Status: unknown'],
    ['try-later', 'Responder Error: trylater'],
    ['unauthorized', 'Responder Error: unauthorized'],
    ['stale', 'Oct 23'],
    ['future', 'Dec 22'],
    ['other-serial', `Serial Number: ${(revoked.signCertificate.serial + 1n).toString(16).toUpperCase()}`],
  ])('with fault %s: openssl says %s', async (fault, word) => {
    world.simulator.faults.next('ocsp', fault);
    expect(await ask()).toContain(word);
  });

  it('refuses what is no request, and authorities that are not its own', async () => {
    const malformed = await fetch(world.simulator.ocspUrl, {
      method: 'POST',
      headers: OCSP,
      body: 'not DER',
    });
    expect(Buffer.from(await octets(malformed)).toString('hex')).toBe('30030a0101');
    const request = opensslOctets(['ocsp', '-issuer', 'root.pem', '-serial', '1', '-reqout', 'out'], {
      'root.pem': world.simulator.tsaTrustAnchorPem,
    });
    const foreign = await fetch(world.simulator.ocspUrl, {
      method: 'POST',
      headers: OCSP,
      body: new Uint8Array(request),
    });
    expect(Buffer.from(await octets(foreign)).toString('hex')).toBe('30030a0106');
  });
});
