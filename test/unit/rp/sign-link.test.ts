import { describe, expect, it } from 'vitest';
import type { TenantId } from '../../../src/core/brand.ts';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { asJitsuinError } from '../../../src/core/errors.ts';
import { applicationView } from '../../../src/http/relying-party/application-view.ts';
import { authorize } from '../../../src/rp/authorize.ts';
import { handleCallback } from '../../../src/rp/callback.ts';
import { receiveApplication } from '../../../src/rp/receive-application.ts';
import { renewSignLink, takeApplication } from '../../../src/rp/sign-link.ts';
import { startAgain } from '../../../src/rp/start-again.ts';
import { startSignature } from '../../../src/rp/start-signature.ts';
import { type FakeWorld, fakeWorld } from '../../support/fakes.ts';
import { callbackQuery, stored } from '../../support/flow.ts';

const [FIRST, SECOND] = ['1'.repeat(64), '2'.repeat(64)];
const document = toUtf8('<届出><氏名>模擬</氏名></届出>');
const tenant = 'city' as TenantId;
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'accepted',
    (thrown: unknown) => asJitsuinError(thrown).code,
  );

const received = (world: FakeWorld) => receiveApplication(world, { tenant, document });
const linkOf = async (world: FakeWorld) =>
  (await stored(world, world.applications.only().id)).secrets?.signLink ?? '';
const take = async (world: FakeWorld, link: string, browser: string) =>
  codeOf(takeApplication(world, await stored(world, world.applications.only().id), link, browser));

describe('the one-time link of an application', () => {
  it('256 bits, in the view of the tenant until a browser has taken it; the first browser has it alone', async () => {
    const world = fakeWorld();
    const application = await received(world);
    const link = await linkOf(world);
    expect(link).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const base = `https://rp.example/applications/${application.id}/sign`;
    expect(applicationView(application, 'https://rp.example').sign_url).toBe(`${base}?hand_over=${link}`);
    expect(await take(world, link, FIRST)).toBe('accepted');
    const taken = await stored(world, application.id);
    expect(taken.secrets).toMatchObject({ browserHash: FIRST });
    expect(applicationView(taken, 'https://rp.example')).not.toHaveProperty('sign_url');
    expect(await take(world, link, SECOND)).toBe('transaction.other-browser');
    expect(await take(world, link, FIRST)).toBe('transaction.other-browser');
    expect((await stored(world, application.id)).secrets?.browserHash).toBe(FIRST);
    expect(world.applications.audit.map(({ event }) => event)).toContain('application.browser-took');
    expect(JSON.stringify(world.applications.audit)).not.toContain(link);
  });

  it.each(['', 'x', 'A'.repeat(43)])('the link %j takes nothing', async (link) => {
    const world = fakeWorld();
    await received(world);
    expect(await take(world, link, FIRST)).toBe('transaction.hand-over');
  });

  it('20 browsers at once: one has it', async () => {
    const world = fakeWorld();
    const application = await received(world);
    const link = await linkOf(world);
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => codeOf(takeApplication(world, application, link, `${n}`))),
    );
    expect(all.filter((code) => code === 'accepted')).toHaveLength(1);
    expect(all.filter((code) => code === 'store.conflict')).toHaveLength(19);
  });

  it('a new link ends the old one; the browser keeps it until the new one is used, then its callback is refused', async () => {
    const world = fakeWorld();
    const application = await received(world);
    const old = await linkOf(world);
    await take(world, old, FIRST);
    await authorize(world, await stored(world, application.id), FIRST);
    await renewSignLink(world, await stored(world, application.id));
    expect((await stored(world, application.id)).secrets?.browserHash).toBe(FIRST);
    expect(await take(world, old, SECOND)).toBe('transaction.other-browser');
    expect(await take(world, await linkOf(world), SECOND)).toBe('accepted');
    expect(await codeOf(handleCallback(world, callbackQuery(world), FIRST))).toBe('oidc.state');
    await authorize(world, await stored(world, application.id), SECOND);
    const { application: done } = await handleCallback(world, callbackQuery(world), SECOND);
    expect(done.state).toBe('authorized');
    expect(done.secrets).not.toHaveProperty('signLink');
    expect(await codeOf(renewSignLink(world, done))).toBe('transaction.state');
  });

  it('taking it before the sign transaction is open delays nothing', async () => {
    const world = fakeWorld();
    const application = await received(world);
    await take(world, await linkOf(world), FIRST);
    expect((await startSignature(world, await stored(world, application.id))).state).toBe('opened');
  });

  it('who hands it in itself has it; what is begun again stays with its browser', async () => {
    const world = fakeWorld();
    const application = await receiveApplication(world, { tenant, document, browserHash: FIRST });
    expect(application.secrets).toMatchObject({ browserHash: FIRST });
    expect(application.secrets).not.toHaveProperty('signLink');
    const { applications } = world;
    applications.records.set(application.id, { ...application, state: 'refused' });
    const again = await startAgain(world, await stored(world, application.id));
    expect(again.secrets?.browserHash).toBe(FIRST);
    expect(again.secrets).not.toHaveProperty('signLink');
  });
});
