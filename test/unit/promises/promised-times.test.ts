import { SignJWT } from 'jose/jwt/sign';
import { exportJWK } from 'jose/key/export';
import { generateKeyPair } from 'jose/key/generate/keypair';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EpochMillis, TenantId } from '../../../src/core/brand.ts';
import type { JsonObject } from '../../../src/core/json/strict-json.ts';
import { CLOCK_SKEW_MILLIS, checkTimes } from '../../../src/core/oidc/claims.ts';
import { assertionTenants } from '../../../src/http/assertion-tenants.ts';
import { giveChallenge, type PasskeyPorts, takeChallenge } from '../../../src/rp/passkey-challenges.ts';
import { findSession, openBrowserSession, openLoginSession } from '../../../src/rp/sessions.ts';
import { approveChange, requestChange } from '../../../src/staff/approvals.ts';
import { redeemTicket, sealTicket } from '../../../src/staff/ceremony-ticket.ts';
import { beginEnrolment } from '../../../src/staff/enrol.ts';
import { inviteStaff } from '../../../src/staff/invite.ts';
import { findLoggedIn } from '../../../src/staff/sessions.ts';
import { fakeWorld } from '../../support/fakes.ts';
import { type OperatorKit, operatorKit, outcomeOf } from '../../support/staff-kit.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const TENANT = 'tenant-a' as TenantId;

let kit: OperatorKit;
beforeEach(async () => {
  kit = await operatorKit();
});
afterEach(() => kit.close());

const accepted = (call: Promise<unknown>) => outcomeOf(call).then((outcome) => outcome === 'accepted');

/**
 * A life that is promised: what it is, its length, who says so, and whether the thing still works so many milliseconds after it was
 * given out. It works up to the last millisecond before, and not at the end.
 */
type Promised = readonly [
  what: string,
  life: number,
  source: string,
  works: (age: number) => Promise<boolean>,
];

const LIVES: readonly Promised[] = [
  [
    'the binding of a browser to its flows',
    4 * HOUR,
    'the longest flow and its page',
    async (age) => {
      const world = fakeWorld();
      const { cookie } = await openBrowserSession(world);
      world.clock.advance(age);
      return (await findSession(world, cookie)) !== undefined;
    },
  ],
  [
    'a citizen’s login',
    HOUR,
    'decisions: a login lasts an hour',
    async (age) => {
      const world = fakeWorld();
      const { cookie } = await openLoginSession(world, { subject: 's', subjectHash: 'h' }, undefined);
      world.clock.advance(age);
      return (await findSession(world, cookie)) !== undefined;
    },
  ],
  [
    'a challenge of a citizen’s passkey',
    5 * MINUTE,
    'Web Authentication section 13.4.3',
    async (age) => {
      const { passkeys, clock } = fakeWorld();
      const ports = { clock, passkeys: { store: passkeys } } as object as PasskeyPorts;
      const use = { use: 'login', session: 'x' } as const;
      await giveChallenge(ports, { challenge: 'abc', json: '{}' }, use);
      clock.advance(age);
      return accepted(takeChallenge(ports, 'abc', use));
    },
  ],
  [
    'a ceremony at the console',
    5 * MINUTE,
    'Web Authentication section 13.4.3',
    async (age) => {
      const ticket = sealTicket(kit.ports, { use: 'login', challenge: `c${age}`, invitation: '' });
      kit.clock.advance(age);
      return accepted(redeemTicket(kit.ports, ticket, 'login'));
    },
  ],
  [
    'an invitation to the console',
    2 * HOUR,
    'who invites',
    async (age) => {
      const { code } = await inviteStaff(kit.ports, { name: '模擬', role: 'operator', life: 2 * HOUR });
      kit.clock.advance(age);
      return accepted(beginEnrolment(kit.ports, code));
    },
  ],
  [
    'an idle login at the console',
    15 * MINUTE,
    'threat model: staff leave their desks',
    async (age) => {
      const { cookie } = await kit.enrolled('operator');
      kit.clock.advance(age);
      return (await findLoggedIn(kit.ports, cookie)) !== undefined;
    },
  ],
  [
    'a busy login at the console',
    8 * HOUR,
    'a working day',
    async (age) => {
      const { cookie } = await kit.enrolled('operator');
      const step = 10 * MINUTE;
      for (let gone = 0; gone + step <= age; gone += step) {
        kit.clock.advance(step);
        if ((await findLoggedIn(kit.ports, cookie)) === undefined) return false;
      }
      kit.clock.advance(age % step);
      return (await findLoggedIn(kit.ports, cookie)) !== undefined;
    },
  ],
  [
    'a change that waits for its second administrator',
    24 * HOUR,
    'decisions: two administrators',
    async (age) => {
      const [one, two] = [await kit.enrolled('administrator'), await kit.enrolled('administrator')];
      const change = { kind: 'tenant.remove', subject: 't', payload: '{}' } as const;
      const approval = await requestChange(kit.ports, one.operator, change);
      kit.clock.advance(age);
      const changes = { 'tenant.remove': async () => undefined };
      return accepted(approveChange(kit.ports, two.operator, approval, changes));
    },
  ],
];

describe('what is given out for a time works until its last millisecond, and not at its end', () => {
  it.each(LIVES)('%s: %d ms (%s)', async (_what, life, _source, works) => {
    expect(await works(0)).toBe(true);
    expect(await works(life - 1)).toBe(true);
    expect(await works(life)).toBe(false);
  });
});

describe('a tenant’s assertion', async () => {
  const NOW = 1_800_000_000;
  const keys = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256' };
  /** The judgement at `now`, and until when the `jti` is remembered. */
  async function judged(claims: JsonObject, now: number) {
    const remembered: { until: number; issuedAt: number | undefined }[] = [];
    const judge = assertionTenants([{ tenant: TENANT, clientId: 'sp-1', jwks: { keys: [jwk] } }], {
      audience: 'https://pf.example',
      clock: { now: () => now as EpochMillis },
      replay: {
        forget: async () => undefined,
        purge: async () => 0,
        remember: async (_use, _value, until, issuedAt) => {
          remembered.push({ until, issuedAt });
          return true;
        },
      },
    });
    const all = { iss: 'sp-1', sub: 'sp-1', aud: 'https://pf.example', jti: 'j', ...claims };
    const token = await new SignJWT(all)
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .sign(keys.privateKey);
    return { good: (await judge(token)) !== undefined, remembered };
  }

  it.each([
    ['exp 300 s ahead', { iat: NOW, exp: NOW + 300 }, true],
    ['exp 301 s ahead', { iat: NOW, exp: NOW + 301 }, false],
    ['iat 30 s ahead', { iat: NOW + 30, exp: NOW + 60 }, true],
    ['iat 31 s ahead', { iat: NOW + 31, exp: NOW + 60 }, false],
    ['exp 29 s past', { iat: NOW - 60, exp: NOW - 29 }, true],
    ['exp 30 s past', { iat: NOW - 60, exp: NOW - 30 }, false],
  ])('%s', async (_name, claims, good) => {
    expect((await judged(claims, NOW * SECOND)).good).toBe(good);
  });

  it('is remembered for longer than it is accepted, from the instant it was issued', async () => {
    const exp = NOW + 60;
    const { remembered } = await judged({ iat: NOW, exp }, NOW * SECOND);
    const lastAccepted = exp * SECOND + 30 * SECOND - 1;
    expect((await judged({ iat: NOW, exp }, lastAccepted)).good).toBe(true);
    expect((await judged({ iat: NOW, exp }, lastAccepted + 1)).good).toBe(false);
    expect(remembered).toEqual([{ until: exp * SECOND + MINUTE, issuedAt: NOW * SECOND }]);
    expect(remembered[0]?.until).toBeGreaterThan(lastAccepted);
  });
});

describe('the times of a token of the service', () => {
  const now = 1_800_000_000_000 as EpochMillis;
  const seconds = now / SECOND;
  const window = 5 * MINUTE;
  const good = { iat: seconds, exp: seconds + 60 };
  const judge = (claims: JsonObject, at = now) =>
    accepted(
      (async () => checkTimes({ ...good, ...claims }, { now: at, iatWindowMillis: window }, 'token'))(),
    );

  it('the skew that is forgiven is a minute', () => expect(CLOCK_SKEW_MILLIS).toBe(MINUTE));

  it.each([
    ['exp a skew ago, but a millisecond', { exp: seconds - 60 }, -1, true],
    ['exp a skew ago', { exp: seconds - 60 }, 0, false],
    ['iat a skew ahead', { iat: seconds + 60, exp: seconds + 120 }, 0, true],
    ['iat a skew ahead and a millisecond', { iat: seconds + 60, exp: seconds + 120 }, -1, false],
    ['iat a window back, for which no skew is forgiven', { iat: seconds - 300 }, 0, true],
    ['iat a window back and a millisecond', { iat: seconds - 300 }, 1, false],
    ['nbf a skew ahead', { nbf: seconds + 60 }, 0, true],
    ['nbf a skew ahead and a millisecond', { nbf: seconds + 60 }, -1, false],
  ])('%s', async (_name, claims, later, good) => {
    expect(await judge(claims, (now + later) as EpochMillis)).toBe(good);
  });
});
