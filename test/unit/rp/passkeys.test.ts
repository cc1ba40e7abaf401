import { describe, expect, it } from 'vitest';
import { createPasskeyCeremony } from '../../../src/adapters/passkey/passkey-ceremony.ts';
import { toBase64Url } from '../../../src/core/encoding.ts';
import { asJitsuinError } from '../../../src/core/errors.ts';
import type { PasskeyLogin } from '../../../src/ports/login.ts';
import type { BrowserSession } from '../../../src/ports/session-store.ts';
import { backChannelLogout } from '../../../src/rp/back-channel-logout.ts';
import type { PasskeyPorts } from '../../../src/rp/passkey-challenges.ts';
import { beginPasskeyLogin, finishPasskeyLogin, raiseByCard } from '../../../src/rp/passkey-login.ts';
import {
  beginRegistration,
  finishRegistration,
  handleOf,
  listPasskeys,
  MOST_PASSKEYS,
  removePasskey,
  renamePasskey,
} from '../../../src/rp/passkeys.ts';
import { findSession, openBrowserSession, openLoginSession } from '../../../src/rp/sessions.ts';
import { type FakeWorld, fakeWorld, hashSubject } from '../../support/fakes.ts';
import { type AnswerFaults, SoftwareAuthenticator } from '../../support/software-authenticator.ts';

const rpId = 'rp.example';
const origin = 'https://rp.example';
const DAY = 24 * 60 * 60_000;
const unused = () => Promise.reject(new Error('not used here'));

function portsOf(world: FakeWorld, changes: Partial<PasskeyLogin> = {}): PasskeyPorts {
  const { sessions, clock, random, audit } = world;
  return {
    ...{ sessions, clock, random, audit },
    logins: { insert: unused, find: unused, claim: unused, finish: unused, purge: unused },
    loginProvider: {
      authorizationUrl: unused,
      exchangeCode: unused,
      refresh: unused,
      userInfo: unused,
      logoutTokens: { verify: unused },
    },
    loginSettings: {
      issuer: 'https://op.example',
      redirectUri: 'https://rp.example/login/callback',
      scope: ['openid'],
      attributes: 'none',
      stateLife: 600_000,
      hashSubject,
    },
    passkeys: {
      store: world.passkeys,
      ceremony: createPasskeyCeremony({ rpId, rpName: '模擬市', origin, random }),
      rpName: '模擬市',
      tenant: 'RP1',
      life: 365 * DAY,
      ...changes,
    },
  };
}

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'accepted',
    (thrown: unknown) => asJitsuinError(thrown).code,
  );

async function byCard(world: FakeWorld, subject = 'MARK-subject'): Promise<BrowserSession> {
  const login = { revision: 1, idToken: 'MARK-id', attributes: { name: '模擬 花子' } };
  const fields = { subject, subjectHash: hashSubject(subject), login };
  return (await openLoginSession(world, fields, undefined)).session;
}

async function register(
  ports: PasskeyPorts,
  session: BrowserSession,
  faults: AnswerFaults = {},
  authenticator = new SoftwareAuthenticator(),
) {
  const { challenge } = await beginRegistration(ports, session);
  const answer = authenticator.create({ rpId, origin, challenge, ...faults });
  await finishRegistration(ports, session, { answer, challenge, name: ' 電話 ' });
  return authenticator;
}

/** A citizen with a passkey, and another browser in which nobody is logged in. */
async function withPasskey(changes: Partial<PasskeyLogin> = {}) {
  const world = fakeWorld();
  const ports = portsOf(world, changes);
  const session = await byCard(world);
  const authenticator = await register(ports, session);
  const browser = (await openBrowserSession(world)).session;
  return { world, ports, session, authenticator, browser };
}
type Kit = Awaited<ReturnType<typeof withPasskey>>;

async function logIn({ ports, authenticator, browser }: Kit, faults: AnswerFaults = {}, former?: string) {
  const { challenge } = await beginPasskeyLogin(ports, browser);
  const answer = authenticator.get({ rpId, origin, challenge, ...faults });
  return finishPasskeyLogin(ports, browser, { answer, challenge }, former);
}

const only = async ({ ports, session }: Kit) => {
  const [passkey] = await listPasskeys(ports, session);
  if (passkey === undefined) throw new Error('no passkey');
  return passkey;
};

describe('a citizen registers a passkey', () => {
  it('bound to tenant and sub, with the name that was given; an opaque user handle; one of the same authenticator left out', async () => {
    const kit = await withPasskey();
    expect(await only(kit)).toMatchObject({
      ...{ tenant: 'RP1', subject: 'MARK-subject', subjectHash: hashSubject('MARK-subject') },
      ...{ name: '電話', state: 'active', counter: 0 },
    });
    const options = JSON.parse((await beginRegistration(kit.ports, kit.session)).json);
    expect(options.user.name).toBe('模擬 花子');
    expect(Buffer.from(options.user.id, 'base64url')).toHaveLength(32);
    expect(JSON.stringify(options)).not.toContain('MARK');
    expect(options.excludeCredentials).toEqual([
      expect.objectContaining({ id: kit.authenticator.id.toString('base64url') }),
    ]);
    expect(options.authenticatorSelection).toMatchObject({ userVerification: 'required' });
    expect(kit.world.audit.events.map(({ event }) => event)).toEqual(['passkey.registered']);
    expect(JSON.stringify(kit.world.audit.events)).not.toMatch(/MARK|電話/);
  });

  it('only in a session that the card opened', async () => {
    const kit = await withPasskey();
    const { session } = await logIn(kit);
    expect(await codeOf(beginRegistration(kit.ports, session))).toBe('passkey.card-needed');
    const { challenge } = await beginRegistration(kit.ports, kit.session);
    const answer = new SoftwareAuthenticator().create({ rpId, origin, challenge });
    const given = { answer, challenge, name: 'x' };
    expect(await codeOf(finishRegistration(kit.ports, session, given))).toBe('passkey.card-needed');
  });

  it.each<[string, AnswerFaults, string]>([
    ['another rpId', { rpId: 'evil.example' }, 'passkey.refused'],
    ['another origin', { origin: 'https://evil.example' }, 'passkey.refused'],
    ['a port beside ours', { origin: 'https://rp.example:8443' }, 'passkey.refused'],
    ['the ceremony of a login', { type: 'webauthn.get' }, 'passkey.refused'],
    ['another challenge inside', { challenge: 'AAAA' }, 'passkey.refused'],
    ['no user verification', { userVerification: 'absent' }, 'passkey.refused'],
  ])('%s: %s', async (_, faults, code) => {
    const world = fakeWorld();
    const ports = portsOf(world);
    const session = await byCard(world);
    expect(await codeOf(register(ports, session, faults))).toBe(code);
    expect(await listPasskeys(ports, session)).toEqual([]);
  });

  it('a challenge works once, in its own session, for its own use, for five minutes', async () => {
    const world = fakeWorld();
    const ports = portsOf(world);
    const session = await byCard(world);
    const browser = (await openBrowserSession(world)).session;
    const answered = async (challenge: string, by = session) => {
      const answer = new SoftwareAuthenticator().create({ rpId, origin, challenge });
      return codeOf(finishRegistration(ports, by, { answer, challenge, name: 'x' }));
    };
    const { challenge } = await beginRegistration(ports, session);
    expect(await answered(challenge)).toBe('accepted');
    expect(await answered(challenge)).toBe('passkey.challenge');
    expect(await answered((await beginPasskeyLogin(ports, browser)).challenge)).toBe('passkey.challenge');
    const others = await beginRegistration(ports, await byCard(world, 'somebody else'));
    expect(await answered(others.challenge)).toBe('passkey.challenge');
    const late = await beginRegistration(ports, session);
    world.clock.advance(5 * 60_000);
    expect(await answered(late.challenge)).toBe('passkey.challenge');
    expect(await answered('AAAA')).toBe('passkey.challenge');
  });

  it.each(['', '  ', 'x'.repeat(41), 'a\u202eb', 'a\nb'])('the name %j is refused', async (name) => {
    const world = fakeWorld();
    const ports = portsOf(world);
    const session = await byCard(world);
    const { challenge } = await beginRegistration(ports, session);
    const answer = new SoftwareAuthenticator().create({ rpId, origin, challenge });
    expect(await codeOf(finishRegistration(ports, session, { answer, challenge, name }))).toBe(
      'passkey.name',
    );
  });

  it('no more than the limit, and no credential twice', async () => {
    const world = fakeWorld();
    const ports = portsOf(world);
    const session = await byCard(world);
    const authenticator = await register(ports, session);
    expect(await codeOf(register(ports, session, {}, authenticator))).toBe('passkey.limit');
    for (let count = 1; count < MOST_PASSKEYS; count += 1) await register(ports, session);
    expect(await codeOf(beginRegistration(ports, session))).toBe('passkey.limit');
    expect(await listPasskeys(ports, session)).toHaveLength(MOST_PASSKEYS);
  });
});

describe('a citizen logs in by passkey', () => {
  it('opens the same kind of session under a fresh cookie; the former one ends', async () => {
    const kit = await withPasskey();
    const former = await openLoginSession(kit.world, { subject: 'x', subjectHash: 'x' }, undefined);
    const { cookie, session } = await logIn(kit, {}, former.cookie);
    expect(session).toMatchObject({
      ...{ subject: 'MARK-subject', subjectHash: hashSubject('MARK-subject') },
      login: { revision: 1, passkey: (await only(kit)).key },
    });
    expect(session.login).not.toHaveProperty('idToken');
    expect(await findSession(kit.world, cookie)).toEqual(session);
    expect(await findSession(kit.world, former.cookie)).toBeUndefined();
    expect(await only(kit)).toMatchObject({ counter: 1, usedAt: kit.world.clock.now() });
    expect(kit.world.audit.events.at(-1)).toMatchObject({ event: 'passkey.used' });
  });

  it.each<[string, AnswerFaults]>([
    ['another rpId', { rpId: 'evil.example' }],
    ['another origin', { origin: 'http://rp.example' }],
    ['another challenge inside', { challenge: 'AAAA' }],
    ['the ceremony of a registration', { type: 'webauthn.create' }],
    ['no user verification', { userVerification: 'absent' }],
  ])('%s: refused, no session, one audit event', async (_, faults) => {
    const kit = await withPasskey();
    expect(await codeOf(logIn(kit, faults))).toBe('passkey.refused');
    expect((await only(kit)).counter).toBe(0);
    expect(kit.world.audit.events.at(-1)).toMatchObject({
      event: 'passkey.refused',
      code: 'passkey.refused',
    });
    expect([...kit.world.sessions.sessions.values()].filter(({ login }) => login?.passkey)).toEqual([]);
  });

  it('signed by another key', async () => {
    const kit = await withPasskey();
    const { generateKeyPairSync } = await import('node:crypto');
    const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await codeOf(logIn(kit, { key }))).toBe('passkey.refused');
  });

  it('a passkey that is not known, of another relying party, or removed', async () => {
    const kit = await withPasskey();
    expect(await codeOf(logIn({ ...kit, authenticator: new SoftwareAuthenticator() }))).toBe(
      'passkey.unknown',
    );
    const other = portsOf(kit.world, { tenant: 'RP2' });
    expect(await codeOf(logIn({ ...kit, ports: other }))).toBe('passkey.unknown');
    await removePasskey(kit.ports, kit.session, (await only(kit)).key);
    expect(await codeOf(logIn(kit))).toBe('passkey.unknown');
  });

  it('a user handle: its own, none where the authenticator gives none, but of nobody else', async () => {
    const kit = await withPasskey();
    const own = toBase64Url(handleOf(await only(kit)));
    for (const [userHandle, outcome] of [
      [own, 'accepted'],
      [undefined, 'accepted'],
      ['AAAA', 'passkey.refused'],
      [own.slice(0, -4), 'passkey.refused'],
    ]) {
      const { challenge } = await beginPasskeyLogin(kit.ports, kit.browser);
      const answer = JSON.parse(kit.authenticator.get({ rpId, origin, challenge })) as { response: object };
      const presented = JSON.stringify({ ...answer, response: { ...answer.response, userHandle } });
      const given = { answer: presented, challenge };
      expect(await codeOf(finishPasskeyLogin(kit.ports, kit.browser, given, undefined))).toBe(outcome);
    }
  });

  it.each(['', '{}', '[]', 'null', '{"id":1}'])('the answer %j is none', async (answer) => {
    const kit = await withPasskey();
    const { challenge } = await beginPasskeyLogin(kit.ports, kit.browser);
    const given = { answer, challenge };
    expect(await codeOf(finishPasskeyLogin(kit.ports, kit.browser, given, undefined))).toBe('passkey.form');
  });

  it('20 times the same answer at once: one session; in another browser: none', async () => {
    const kit = await withPasskey();
    const { challenge } = await beginPasskeyLogin(kit.ports, kit.browser);
    const answer = kit.authenticator.get({ rpId, origin, challenge });
    const other = (await openBrowserSession(kit.world)).session;
    const tried = (browser: BrowserSession) =>
      codeOf(finishPasskeyLogin(kit.ports, browser, { answer, challenge }, undefined));
    expect(await tried(other)).toBe('passkey.challenge');
    const all = await Promise.all(Array.from({ length: 20 }, () => tried(kit.browser)));
    expect(all.sort()).toEqual(['accepted', ...Array.from({ length: 19 }, () => 'passkey.challenge')]);
  });

  it('a counter that did not rise: refused, suspended for good, its sessions end', async () => {
    const kit = await withPasskey();
    const { cookie } = await logIn(kit, { counter: 5 });
    expect(await codeOf(logIn(kit, { counter: 5 }))).toBe('passkey.counter');
    expect((await only(kit)).state).toBe('suspended');
    expect(await findSession(kit.world, cookie)).toBeUndefined();
    expect(await codeOf(logIn(kit, { counter: 9 }))).toBe('passkey.suspended');
    await kit.world.passkeys.confirmCard(
      { tenant: 'RP1', subjectHash: hashSubject('MARK-subject') },
      kit.world.clock.now(),
    );
    expect(await codeOf(logIn(kit, { counter: 10 }))).toBe('passkey.suspended');
    expect(kit.world.audit.events.map(({ event }) => event)).toContain('passkey.suspended');
  });

  it('two logins with different answers of one counter: one wins', async () => {
    const kit = await withPasskey();
    const both = await Promise.all([1, 2].map(() => codeOf(logIn(kit, { counter: 7 }))));
    expect(both.filter((code) => code === 'accepted')).toHaveLength(1);
  });

  it('so long after the last login by card no more; a login by card renews it', async () => {
    const kit = await withPasskey({ life: 30 * DAY });
    kit.world.clock.advance(30 * DAY - 1);
    expect(await codeOf(logIn(kit))).toBe('accepted');
    kit.world.clock.advance(1);
    expect(await codeOf(logIn(kit))).toBe('passkey.card-needed');
    await kit.world.passkeys.confirmCard(
      { tenant: 'RP1', subjectHash: hashSubject('MARK-subject') },
      kit.world.clock.now(),
    );
    expect(await codeOf(logIn(kit))).toBe('accepted');
  });

  it('the provider logged the citizen out: sessions end, and the passkey rests until the card', async () => {
    const kit = await withPasskey();
    const { cookie } = await logIn(kit);
    const claims = {
      subject: 'MARK-subject',
      jti: 'j',
      issuedAt: kit.world.clock.now(),
      replayableUntil: kit.world.clock.now(),
    };
    const logoutTokens = { verify: async () => claims };
    await backChannelLogout({ ...kit.world, logoutTokens }, 'token');
    expect(await findSession(kit.world, cookie)).toBeUndefined();
    expect(await codeOf(logIn(kit))).toBe('passkey.card-needed');
    await kit.world.passkeys.confirmCard(
      { tenant: 'RP1', subjectHash: hashSubject('MARK-subject') },
      kit.world.clock.now(),
    );
    expect(await codeOf(logIn(kit))).toBe('accepted');
  });
});

describe('a citizen looks after passkeys', () => {
  it('names and removes own ones only; what a removed one opened ends, the rest stays', async () => {
    const kit = await withPasskey();
    const { key } = await only(kit);
    const stranger = await byCard(kit.world, 'somebody else');
    expect(await listPasskeys(kit.ports, stranger)).toEqual([]);
    expect(await codeOf(renamePasskey(kit.ports, stranger, key, 'x'))).toBe('passkey.unknown');
    expect(await codeOf(removePasskey(kit.ports, stranger, key))).toBe('passkey.unknown');
    expect(await codeOf(renamePasskey(kit.ports, kit.session, key, '\u202e'))).toBe('passkey.name');
    await renamePasskey(kit.ports, kit.session, key, '仕事の電話');
    expect((await only(kit)).name).toBe('仕事の電話');
    const { cookie } = await logIn(kit);
    await removePasskey(kit.ports, kit.session, key);
    expect(await findSession(kit.world, cookie)).toBeUndefined();
    expect(await kit.world.sessions.get(kit.session.idHash)).toBeDefined();
    expect(await codeOf(removePasskey(kit.ports, kit.session, key))).toBe('passkey.unknown');
  });

  it('nobody is logged in: nothing is listed', async () => {
    const kit = await withPasskey();
    expect(await codeOf(listPasskeys(kit.ports, kit.browser))).toBe('login.none');
  });
});

describe('step-up: a card signature raises a session that a passkey opened', () => {
  it('of the same person, under a fresh cookie; then passkeys may be made', async () => {
    const kit = await withPasskey();
    const { cookie, session } = await logIn(kit);
    const raised = await raiseByCard(kit.world, session, hashSubject('MARK-subject'), cookie);
    expect(raised?.cookie).not.toBe(cookie);
    expect(await findSession(kit.world, cookie)).toBeUndefined();
    expect(raised?.session.login).toEqual({ revision: 1 });
    await register(kit.ports, raised?.session ?? session);
  });

  it('not somebody else’s, not one of the card, not without one', async () => {
    const kit = await withPasskey();
    const { cookie, session } = await logIn(kit);
    expect(await raiseByCard(kit.world, session, hashSubject('somebody else'), cookie)).toBeUndefined();
    expect(await raiseByCard(kit.world, kit.session, hashSubject('MARK-subject'), undefined)).toBeUndefined();
    expect(await raiseByCard(kit.world, undefined, hashSubject('MARK-subject'), undefined)).toBeUndefined();
    expect(await findSession(kit.world, cookie)).toEqual(session);
  });
});
