import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { readCallback } from '../../../src/core/oidc/callback.ts';
import { checkFreshLogin, checkLoginProof } from '../../../src/core/oidc/login-proof.ts';

const refused = expect.objectContaining({ code: 'oidc.proof' });
const CARD = { claim: 'acr', value: 'aal3' };
const BEGUN = 1_800_000_000_000 as EpochMillis;

describe('what a login at a broker stands on', () => {
  it('is the agreed value, or a list that holds it', () => {
    expect(() => checkLoginProof({ acr: 'aal3' }, CARD)).not.toThrow();
    expect(() => checkLoginProof({ amr: ['pwd', 'card'] }, { claim: 'amr', value: 'card' })).not.toThrow();
  });

  it.each([
    [{}],
    [{ acr: 'aal1' }],
    [{ acr: ['aal1'] }],
    [{ acr: 'aal3 ' }],
    [{ amr: 'aal3' }],
    [{ acr: { aal3: true } }],
  ])('a password and a name of one’s own choosing are refused: %j', (claims) => {
    expect(() => checkLoginProof(claims, CARD)).toThrow(refused);
  });

  it('is an authentication of this very request', () => {
    expect(() => checkFreshLogin({ auth_time: BEGUN / 1000 }, BEGUN)).not.toThrow();
    for (const auth_time of [BEGUN / 1000 - 61, '1800000000', null])
      expect(() => checkFreshLogin({ auth_time }, BEGUN)).toThrow(refused);
    expect(() => checkFreshLogin({}, BEGUN)).toThrow(refused);
  });
});

it('a callback tells whether it names its issuer (RFC 9207)', () => {
  const query = (iss?: string) =>
    new URLSearchParams({ state: 's', code: 'c', ...(iss === undefined ? {} : { iss }) });
  expect(readCallback(query(), 'https://op.example')).toMatchObject({ sender: 'unnamed' });
  expect(readCallback(query('https://op.example'), 'https://op.example')).toMatchObject({ sender: 'named' });
});
