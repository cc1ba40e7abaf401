import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createPasskeyCeremony } from '../../../src/adapters/passkey/passkey-ceremony.ts';
import { systemRandom } from '../../../src/adapters/random.ts';
import { asJitsuinError } from '../../../src/core/errors.ts';
import { type AnswerFaults, SoftwareAuthenticator } from '../../support/software-authenticator.ts';

const rpId = 'console.example';
const origin = 'https://console.example:8443';
const ceremony = createPasskeyCeremony({ rpId, rpName: 'jitsuin', origin, random: systemRandom() });
const user = { handle: new Uint8Array(32).fill(7), name: 'operator-1', displayName: '模擬 太郎' };

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'accepted',
    (thrown: unknown) => asJitsuinError(thrown).code,
  );

async function registered(faults: AnswerFaults = {}) {
  const authenticator = new SoftwareAuthenticator();
  const { challenge } = await ceremony.registrationOptions(user, []);
  const answer = authenticator.create({ rpId, origin, challenge, ...faults });
  return { authenticator, passkey: await ceremony.verifyRegistration(answer, challenge) };
}

async function loggedIn(faults: AnswerFaults = {}, counterBefore = 0) {
  const { authenticator, passkey } = await registered();
  const { challenge } = await ceremony.authenticationOptions();
  const answer = authenticator.get({ rpId, origin, challenge, ...faults });
  return ceremony.verifyAuthentication(answer, challenge, { ...passkey, counter: counterBefore });
}

describe('passkey ceremonies', () => {
  it('ask for a discoverable, user-verified passkey of this relying party and for no attestation', async () => {
    const { passkey } = await registered();
    const { challenge, json } = await ceremony.registrationOptions(user, [passkey]);
    expect(JSON.parse(json)).toMatchObject({
      challenge,
      rp: { id: rpId, name: 'jitsuin' },
      user: { id: Buffer.from(user.handle).toString('base64url'), name: 'operator-1' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: [{ id: passkey.id }],
    });
    expect(challenge).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect((await ceremony.registrationOptions(user, [])).challenge).not.toBe(challenge);
    const login = JSON.parse((await ceremony.authenticationOptions()).json);
    expect(login).toMatchObject({ rpId, userVerification: 'required', allowCredentials: [] });
  });

  it('register a passkey and log in with it; the counter rises', async () => {
    const { authenticator, passkey } = await registered();
    expect(passkey).toMatchObject({ counter: 0, transports: ['internal'], backedUp: false });
    expect(passkey.id).toBe(authenticator.id.toString('base64url'));
    expect(await loggedIn()).toMatchObject({ counter: 1 });
    expect(await loggedIn({ counter: 0 })).toMatchObject({ counter: 0 });
  });

  it.each([
    ['another origin', { origin: 'https://console.example' }],
    ['another relying party', { rpId: 'example' }],
    ['another challenge', { challenge: 'AAAA' }],
    ['no user verification', { userVerification: 'absent' }],
    ['the answer of the other ceremony', { type: 'webauthn.other' }],
  ] as const)('refuse %s, at registration and at login', async (_what, faults) => {
    expect(await refusal(registered(faults))).toBe('passkey.refused');
    expect(await refusal(loggedIn(faults))).toBe('passkey.refused');
  });

  it('refuse the signature of another key and the passkey of another', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await refusal(loggedIn({ key: privateKey }))).toBe('passkey.refused');
    const [mine, other] = [await registered(), await registered()];
    const { challenge } = await ceremony.authenticationOptions();
    const answer = mine.authenticator.get({ rpId, origin, challenge });
    expect(await refusal(ceremony.verifyAuthentication(answer, challenge, other.passkey))).toBe(
      'passkey.refused',
    );
  });

  it('compare the credential id that the browser sent, not the one that we looked up', async () => {
    const { authenticator, passkey } = await registered();
    const { challenge } = await ceremony.authenticationOptions();
    const answer: unknown = JSON.parse(authenticator.get({ rpId, origin, challenge }));
    for (const member of ['id', 'rawId']) {
      const changed = JSON.stringify({ ...(answer as object), [member]: 'AAAAAAAAAAAAAAAAAAAAAA' });
      expect(await refusal(ceremony.verifyAuthentication(changed, challenge, passkey))).toMatch(
        /^passkey\.(?:refused|form)$/,
      );
    }
    const both = JSON.stringify({
      ...(answer as object),
      id: 'AAAAAAAAAAAAAAAAAAAAAA',
      rawId: 'AAAAAAAAAAAAAAAAAAAAAA',
    });
    expect(await refusal(ceremony.verifyAuthentication(both, challenge, passkey))).toBe('passkey.refused');
  });

  it.each([
    [1, 1],
    [0, 1],
    [5, 6],
  ])('refuse a counter of %i after %i, with a code of its own', async (counter, before) => {
    expect(await refusal(loggedIn({ counter }, before))).toBe('passkey.counter');
  });

  it.each(['', 'null', '{}', '{"id":1}', `{"id":"${'A'.repeat(70_000)}"}`, '{"id":"a","id":"b"}'])(
    'refuse what is no answer: %.20s',
    async (text) => {
      expect(await refusal(ceremony.verifyRegistration(text, 'c'))).toBe('passkey.form');
      expect(() => ceremony.presented(text)).toThrow(expect.objectContaining({ code: 'passkey.form' }));
    },
  );

  it('say whose answer it claims to be, to look the passkey up', async () => {
    const { authenticator, passkey } = await registered();
    const answer = authenticator.get({ rpId, origin, challenge: 'c' });
    expect(ceremony.presented(answer)).toEqual({ id: passkey.id });
  });
});
