import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { type ClientKey, clientAssertions } from '../../../src/client/index.ts';

describe('clientAssertions, judged by jose', () => {
  it.each(['ES256', 'RS256'])('%s: every request has a JWT of its own, good for a minute', async (alg) => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const key = { ...(await exportJWK(privateKey)), kid: 'k-1', alg } as ClientKey;
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k-1', alg }] });
    const bearer = clientAssertions({ clientId: 'me', key, audience: 'https://pf.example' });
    const options = {
      issuer: 'me',
      subject: 'me',
      audience: 'https://pf.example',
      algorithms: [alg],
      typ: 'JWT',
    };
    const [first, second] = await Promise.all(
      [bearer(), bearer()].map(async (token) => jwtVerify(await token, keys, options)),
    );
    expect((first?.payload.exp ?? 0) - (first?.payload.iat ?? 0)).toBe(60);
    expect(first?.payload.jti).not.toBe(second?.payload.jti);
  });

  it('an algorithm that is not offered is refused at once', () => {
    const key: ClientKey = { kid: 'k-1', alg: 'HS256', kty: 'oct' };
    expect(() => clientAssertions({ clientId: 'me', key, audience: 'a' })).toThrow(/ES256 or RS256/);
  });
});
