import type { ApplicationId, SigningInput, TenantId } from '../../src/core/brand.ts';
import type { Application } from '../../src/core/sign-transaction/application.ts';
import { clocksAtReceipt } from '../../src/core/sign-transaction/machine.ts';
import { prepareDetached } from '../../src/core/xmldsig/prepare-detached.ts';
import { authorize } from '../../src/rp/authorize.ts';
import { handleCallback } from '../../src/rp/callback.ts';
import { receiptEffects } from '../../src/rp/effects.ts';
import { fetchResult } from '../../src/rp/fetch-result.ts';
import { startSignature } from '../../src/rp/start-signature.ts';
import { DOCUMENT, type FakeWorld } from './fakes.ts';

const PREPARED = prepareDetached(DOCUMENT, 'digest-info');

/** base64 of DigestInfo + 32 octets: what belongs to the document. */
export const DIGEST_INFO_DATA: SigningInput = PREPARED.data;
export const BROWSER = 'b'.repeat(64);

/** An application as `receiveApplication` stores it, without the XML rooms. */
export async function received(world: FakeWorld, fields: Partial<Application> = {}): Promise<Application> {
  const now = world.clock.now();
  const application: Application = {
    id: world.random.id() as ApplicationId,
    tenant: 'city' as TenantId,
    revision: 1,
    state: 'received',
    profile: 'detached',
    mode: 'digest-info',
    displayName: '届出',
    identificationCode: 'ACDE-3467',
    data: DIGEST_INFO_DATA,
    createdAt: now,
    updatedAt: now,
    ...clocksAtReceipt(now, world.settings.clocks),
    secrets: { document: DOCUMENT, prepared: PREPARED.state },
    ...fields,
  };
  await world.applications.insert(application, receiptEffects(application));
  return application;
}

export async function opened(world: FakeWorld): Promise<Application> {
  return startSignature(world, await received(world));
}

/** The citizen was sent; the state is the last one in `world.authAndSign.sent`. */
export async function authorizing(world: FakeWorld): Promise<Application> {
  const { id } = await opened(world);
  await authorize(world, await stored(world, id), BROWSER);
  return stored(world, id);
}

export function callbackQuery(
  world: FakeWorld,
  fields: Readonly<Record<string, string>> = { code: 'MARK-code' },
) {
  return new URLSearchParams({ state: world.authAndSign.sent.at(-1)?.state ?? '', ...fields });
}

export async function authorized(world: FakeWorld): Promise<Application> {
  const { id } = await authorizing(world);
  await handleCallback(world, callbackQuery(world), BROWSER);
  return stored(world, id);
}

export async function fetched(world: FakeWorld): Promise<Application> {
  const { id } = await authorized(world);
  await fetchResult(world, id);
  return stored(world, id);
}

export async function stored(world: FakeWorld, id: ApplicationId): Promise<Application> {
  const application = await world.applications.get(id);
  if (application === undefined) throw new Error('not stored');
  return application;
}
