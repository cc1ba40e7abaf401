import { describe, expect, it } from 'vitest';
import type { TenantId } from '../../../src/core/brand.ts';
import { toUtf8 } from '../../../src/core/encoding.ts';
import type { Application, ApplicationState } from '../../../src/core/sign-transaction/application.ts';
import { canStartAgain } from '../../../src/core/sign-transaction/way-on.ts';
import { receiveApplication } from '../../../src/rp/receive-application.ts';
import { startAgain } from '../../../src/rp/start-again.ts';
import { fakeWorld } from '../../support/fakes.ts';

const XML = toUtf8('<届><申請書><氏名>住民太郎</氏名></申請書></届>');

async function ended(state: ApplicationState) {
  const world = fakeWorld();
  const received = await receiveApplication(world, {
    tenant: 'city' as TenantId,
    document: XML,
    profile: 'guideline',
    signedElement: { name: '申請書' },
    displayName: '届出書',
    externalId: 'A-1',
  });
  const application: Application = { ...received, state };
  return { world, application };
}

describe('starting again without losing the application', () => {
  it.each(['refused', 'restart-needed', 'expired'] as const)('from %s', async (state) => {
    const { world, application } = await ended(state);
    const next = await startAgain(world, application);
    const { tenant, profile, mode, displayName, externalId, data } = application;
    expect(next).toMatchObject({ state: 'received', tenant, profile, mode, displayName, externalId, data });
    expect(next.id).not.toBe(application.id);
    expect(next.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(next.secrets?.document).toEqual(XML);
    expect(next.identificationCode).not.toBe(application.identificationCode);
  });

  it('pressed twice makes one', async () => {
    const { world, application } = await ended('refused');
    const [one, two] = [await startAgain(world, application), await startAgain(world, application)];
    expect(two.id).toBe(one.id);
    expect(two.identificationCode).toBe(one.identificationCode);
  });

  it('the new id cannot be made from the old one alone', async () => {
    const { world, application } = await ended('refused');
    const secrets = { document: XML, prepared: application.secrets?.prepared ?? '' };
    const one = await startAgain(world, { ...application, secrets: { ...secrets, browserHash: 'a' } });
    const two = await startAgain(world, { ...application, secrets: { ...secrets, browserHash: 'b' } });
    expect(one.id).not.toBe(two.id);
  });

  it.each(['received', 'authorized', 'submitted', 'decided', 'failed', 'cancelled'] as const)(
    'not from %s',
    async (state) => {
      const { world, application } = await ended(state);
      expect(canStartAgain(application)).toBe(false);
      await expect(startAgain(world, application)).rejects.toMatchObject({ code: 'transaction.state' });
    },
  );

  it('not after the purge', async () => {
    const { world, application } = await ended('refused');
    const { secrets: _gone, ...purged } = application;
    await expect(startAgain(world, purged)).rejects.toMatchObject({ code: 'transaction.state' });
  });

  it.each([
    ['the service said that it is another person', { code: 'result-6', row: 'result-6' }, undefined],
    ['the name is another', { code: 'signer.name' }, undefined],
    ['the card was locked', { code: 'result-7', row: 'result-7' }, 'MARK-hash'],
    ['time ran out', { code: 'transaction.expired' }, 'MARK-hash'],
    ['nothing is known', undefined, 'MARK-hash'],
  ])('who signs the next one, where %s', async (_name, failure, expected) => {
    const { world, application } = await ended('refused');
    const before = { ...application, subjectHash: 'MARK-hash', ...(failure && { failure }) } as Application;
    expect((await startAgain(world, before)).subjectHash).toBe(expected);
  });
});
