import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { toUtf8 } from '../../../src/core/encoding.ts';
import type { BrowserSession } from '../../../src/ports/session-store.ts';
import { authorize } from '../../../src/rp/authorize.ts';
import { handleCallback } from '../../../src/rp/callback.ts';
import { fetchResult } from '../../../src/rp/fetch-result.ts';
import { receiveApplication } from '../../../src/rp/receive-application.ts';
import type { SignerSettings } from '../../../src/rp/relying-party.ts';
import type { CompareSignerName } from '../../../src/rp/signer.ts';
import { FAKE_TOKENS, type FakeWorld, fakeWorld, hashSubject } from '../../support/fakes.ts';
import { BROWSER, callbackQuery, opened, received, stored } from '../../support/flow.ts';

const LOGIN = 'a'.repeat(64);
const CLEAR = {
  kind: 'clear',
  certificate: toUtf8('模擬 花子'),
  signatureValue: new Uint8Array([2]),
} as const;
/** The fake certificate is the name itself. */
const compareSignerName: CompareSignerName = (certificate, expected) =>
  Buffer.from(certificate).toString() === expected ? 'same' : 'other';

function worldWith(signer: Partial<SignerSettings> = {}): FakeWorld {
  const world = fakeWorld();
  return { ...world, settings: { ...world.settings, signer: { ...world.settings.signer, ...signer } } };
}

async function loggedIn(world: FakeWorld, subject: string, name?: string): Promise<void> {
  const session: BrowserSession = {
    idHash: LOGIN,
    subject,
    subjectHash: hashSubject(subject),
    csrf: 'csrf',
    login: { revision: 1, idToken: 't', attributes: name === undefined ? {} : { name } },
    createdAt: world.clock.now(),
    expiresAt: (world.clock.now() + 60 * 60_000) as EpochMillis,
  };
  await world.sessions.put(session);
}

/** From the button to the callback. */
async function callback(world: FakeWorld, loginHash: string | undefined = LOGIN) {
  const { id } = await opened(world);
  await authorize(world, await stored(world, id), BROWSER, loginHash);
  return { id, ...(await handleCallback(world, callbackQuery(world), BROWSER)) };
}

describe('O32: a signature begun under a login is the same person’s', () => {
  it('the same sub goes on; the login is kept only where its name is still to be compared', async () => {
    const world = worldWith();
    await loggedIn(world, FAKE_TOKENS.subject, '模擬 花子');
    const { application, login } = await callback(world);
    expect([application.state, application.secrets?.loginHash]).toEqual(['authorized', LOGIN]);
    expect(login?.subject).toBe(FAKE_TOKENS.subject);
    const nameless = worldWith();
    await loggedIn(nameless, FAKE_TOKENS.subject);
    expect((await callback(nameless)).application.secrets).not.toHaveProperty('loginHash');
    const sp = worldWith({ names: 'unseen' });
    await loggedIn(sp, FAKE_TOKENS.subject, '模擬 花子');
    expect((await callback(sp)).application.secrets).not.toHaveProperty('loginHash');
  });

  it('another sub ends the flow, keeps no token and opens no session for anybody', async () => {
    const world = worldWith();
    await loggedIn(world, 'somebody else');
    const { application, login } = await callback(world);
    expect(application).toMatchObject({ state: 'refused', failure: { code: 'signer.other-person' } });
    expect(application.secrets).not.toHaveProperty('accessToken');
    expect(application).not.toHaveProperty('subjectHash');
    expect(login).toBeUndefined();
    expect(world.applications.audit.at(-1)).toMatchObject({ code: 'signer.other-person' });
    expect(world.applications.jobs).toEqual([]);
  });

  it.each(['ended', 'expired'])('a login that is %s by then: sign again', async (how) => {
    const world = worldWith();
    await loggedIn(world, FAKE_TOKENS.subject);
    const { id } = await opened(world);
    await authorize(world, await stored(world, id), BROWSER, LOGIN);
    if (how === 'ended') await world.sessions.delete(LOGIN);
    else {
      const session = await world.sessions.get(LOGIN);
      if (session !== undefined) await world.sessions.put({ ...session, expiresAt: world.clock.now() });
    }
    const { application } = await handleCallback(world, callbackQuery(world), BROWSER);
    expect(application).toMatchObject({ state: 'restart-needed', failure: { code: 'signer.login-ended' } });
  });

  it('subjects of a broker are not compared with those of the service', async () => {
    const world = worldWith({ subjects: 'apart' });
    await loggedIn(world, 'its sub at the broker');
    expect((await callback(world)).application.state).toBe('authorized');
  });

  it('sent again without a login, nobody is expected any more', async () => {
    const world = worldWith();
    await loggedIn(world, 'somebody else');
    const { id } = await opened(world);
    await authorize(world, await stored(world, id), BROWSER, LOGIN);
    await authorize(world, await stored(world, id), BROWSER);
    expect((await stored(world, id)).secrets).not.toHaveProperty('loginHash');
    expect((await handleCallback(world, callbackQuery(world), BROWSER)).application.state).toBe('authorized');
  });
});

describe('O32: the name in the certificate (gov)', () => {
  it.each([
    ['模擬 花子', 'fetched', undefined],
    ['模擬 太郎', 'refused', 'signer.name'],
  ])('logged in as %s: %s', async (name, state, code) => {
    const world = worldWith();
    world.authAndSign.results = [CLEAR];
    await loggedIn(world, FAKE_TOKENS.subject, name);
    const { id } = await callback(world);
    await fetchResult({ ...world, compareSignerName }, id);
    const application = await stored(world, id);
    expect([application.state, application.failure?.code]).toEqual([state, code]);
    expect(application.secrets).not.toHaveProperty('loginHash');
    expect('clearCertificate' in (application.secrets ?? {})).toBe(state === 'fetched');
  });

  it('the login ended before the result came: nothing is taken', async () => {
    const world = worldWith();
    world.authAndSign.results = [CLEAR];
    await loggedIn(world, FAKE_TOKENS.subject, '模擬 花子');
    const { id } = await callback(world);
    await world.sessions.delete(LOGIN);
    await fetchResult({ ...world, compareSignerName }, id);
    expect(await stored(world, id)).toMatchObject({
      state: 'restart-needed',
      failure: { code: 'signer.login-ended' },
    });
  });

  it('an expectation without a rule to compare by is an error, not a pass', async () => {
    const world = worldWith();
    world.authAndSign.results = [CLEAR];
    await loggedIn(world, FAKE_TOKENS.subject, '模擬 花子');
    const { id } = await callback(world);
    await fetchResult(world, id);
    expect(await stored(world, id)).toMatchObject({ failure: { code: 'internal.unexpected' } });
  });

  it.each([
    ['模擬 花子', 'fetched'],
    ['模擬 太郎', 'refused'],
  ])('the application names %s: %s', async (name, state) => {
    const world = worldWith({ nameElement: '氏名' });
    world.authAndSign.results = [CLEAR];
    const document = toUtf8(`<届出><氏名>${name}</氏名></届出>`);
    const asked = await receiveApplication(world, { tenant: (await received(world)).tenant, document });
    world.applications.records.set(asked.id, {
      ...asked,
      state: 'authorized',
      signTransactionId: 't' as never,
    });
    const secrets = { ...asked.secrets, accessToken: 'token' } as typeof asked.secrets;
    const authorized = { ...(await stored(world, asked.id)), ...(secrets === undefined ? {} : { secrets }) };
    world.applications.records.set(asked.id, authorized);
    await fetchResult({ ...world, compareSignerName }, asked.id);
    expect((await stored(world, asked.id)).state).toBe(state);
  });

  it('an application without the configured element is refused when it comes; a file has none', async () => {
    const world = worldWith({ nameElement: '氏名' });
    const { tenant } = await received(world);
    const document = toUtf8('<届出><名>模擬</名></届出>');
    await expect(receiveApplication(world, { tenant, document })).rejects.toMatchObject({
      code: 'signer.name-element',
      at: '氏名',
    });
    const file = await receiveApplication(world, { tenant, document, profile: 'detached' });
    expect(file.state).toBe('received');
  });
});
