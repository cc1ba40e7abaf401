import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginEnrolment, finishEnrolment } from '../../../src/staff/enrol.ts';
import { inviteAgain, inviteStaff } from '../../../src/staff/invite.ts';
import { beginLogin, finishLogin } from '../../../src/staff/login.ts';
import { ABSOLUTE_LIFE, findLoggedIn, IDLE_LIFE, logOut } from '../../../src/staff/sessions.ts';
import { FakePasskeys } from '../../support/fake-passkeys.ts';
import { type OperatorKit, operatorKit, outcomeOf } from '../../support/staff-kit.ts';

const HOUR = 3_600_000;

let kit: OperatorKit;
beforeEach(async () => {
  kit = await operatorKit();
});
afterEach(() => kit.close());

const events = async () => (await kit.store.audit.page({ limit: 50 })).map(({ event }) => event).reverse();
const invite = (life = HOUR) => inviteStaff(kit.ports, { name: '模擬 花子', role: 'operator', life });

async function enrol(code: string, passkey: string) {
  const { options, ticket } = await beginEnrolment(kit.ports, code);
  return { ticket, answer: FakePasskeys.answer({ id: passkey, challenge: options.challenge }) };
}

describe('invitations', () => {
  it('store only the hash of their code, work once, and leave their records in the chain', async () => {
    const { operator, code } = await invite();
    expect(code).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const rows = await kit.store.kysely.selectFrom('operator_invitations').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(code);
    const { ticket, answer } = await enrol(code, 'k1');
    const { session } = await finishEnrolment(kit.ports, ticket, answer);
    expect(session.operatorId).toBe(operator.id);
    expect((await kit.ports.operators.get(operator.id))?.state).toBe('active');
    expect(await outcomeOf(beginEnrolment(kit.ports, code))).toBe('operator.invitation');
    expect(await events()).toEqual(['operator.invited', 'operator.enrolled']);
  });

  it('of two answers to one invitation one is kept, and an answer works once', async () => {
    const { code } = await invite();
    const [first, second] = [await enrol(code, 'k1'), await enrol(code, 'k2')];
    const outcomes = await Promise.all(
      [first, second].map(({ ticket, answer }) => outcomeOf(finishEnrolment(kit.ports, ticket, answer))),
    );
    expect(outcomes.sort()).toEqual(['accepted', 'operator.invitation']);
    expect(await outcomeOf(finishEnrolment(kit.ports, first.ticket, first.answer))).toBe('passkey.refused');
  });

  it('end by their clock, at the beginning and between the halves', async () => {
    const { code } = await invite(HOUR);
    const { ticket, answer } = await enrol(code, 'k1');
    kit.clock.advance(4 * 60_000);
    expect(await outcomeOf(beginEnrolment(kit.ports, code))).toBe('accepted');
    kit.clock.advance(60_000);
    expect(await outcomeOf(finishEnrolment(kit.ports, ticket, answer))).toBe('passkey.refused');
    kit.clock.advance(HOUR);
    expect(await outcomeOf(beginEnrolment(kit.ports, code))).toBe('operator.invitation');
  });

  it.each(['', 'x', 'A'.repeat(43)])('refuse the code %j, and a ticket of another ceremony', async (code) => {
    expect(await outcomeOf(beginEnrolment(kit.ports, code))).toBe('operator.invitation');
    const { options, ticket } = await beginLogin(kit.ports);
    const answer = FakePasskeys.answer({ id: 'k1', challenge: options.challenge });
    expect(await outcomeOf(finishEnrolment(kit.ports, ticket, answer))).toBe('passkey.refused');
    expect(await outcomeOf(finishEnrolment(kit.ports, undefined, answer))).toBe('passkey.refused');
    expect(await outcomeOf(finishEnrolment(kit.ports, `${ticket.slice(0, -2)}AA`, answer))).toBe(
      'passkey.refused',
    );
  });

  it('again: a second passkey for the same operator, with the first one left out; never for a disabled one', async () => {
    const { operator } = await kit.enrolled('viewer', 'k1');
    const { code } = await inviteAgain(kit.ports, operator.id, HOUR);
    const { ticket, answer } = await enrol(code, 'k2');
    expect(kit.passkeys.known.at(-1)?.map(({ id }) => id)).toEqual(['k1']);
    await finishEnrolment(kit.ports, ticket, answer);
    expect((await kit.ports.operators.passkeysOf(operator.id)).map(({ id }) => id)).toEqual(['k1', 'k2']);
    await disable(operator.id);
    expect(await outcomeOf(inviteAgain(kit.ports, operator.id, HOUR))).toBe('record.not-found');
  });

  it('a passkey that is known already is not taken for a second person', async () => {
    await kit.enrolled('viewer', 'k1');
    const { ticket, answer } = await enrol((await invite()).code, 'k1');
    expect(await outcomeOf(finishEnrolment(kit.ports, ticket, answer))).toBe('passkey.refused');
  });

  it.each(['', ' ', 'a\u202eb', 'a\u200bb', '<b>', 'x'.repeat(65)])('refuse the name %j', async (name) => {
    expect(await outcomeOf(inviteStaff(kit.ports, { name, role: 'viewer', life: HOUR }))).toBe(
      'usage.arguments',
    );
  });
});

function disable(id: string) {
  const at = kit.clock.now();
  const audit = { event: 'operator.disabled', subject: id, tenant: '', at };
  return kit.ports.operators.disable(id, at, audit);
}

describe('logins', () => {
  it('open a fresh session each, and note it', async () => {
    const { operator, cookie } = await kit.enrolled('operator', 'k1');
    const again = await kit.login('k1');
    expect(again).not.toBe(cookie);
    expect((await findLoggedIn(kit.ports, again))?.operator.id).toBe(operator.id);
    expect(await events()).toContain('operator.logged-in');
    const rows = await kit.store.kysely.selectFrom('operator_sessions').selectAll().execute();
    expect(JSON.stringify(rows.map(({ id_hash }) => id_hash))).not.toContain(again);
  });

  it('refuse an unknown passkey, another challenge, a counter that went back, another handle; each with a record', async () => {
    await kit.enrolled('operator', 'k1');
    await kit.login('k1', { counter: 5 });
    expect(await outcomeOf(kit.login('k9'))).toBe('passkey.refused');
    expect(await outcomeOf(kit.login('k1', { challenge: 'other' }))).toBe('passkey.refused');
    expect(await outcomeOf(kit.login('k1', { counter: 5 }))).toBe('passkey.counter');
    expect(await outcomeOf(kit.login('k1', { userHandle: 'AAAA' }))).toBe('passkey.refused');
    const refused = await kit.store.audit.page({ event: 'operator.login-refused', limit: 10 });
    expect(refused.map(({ code }) => code)).toEqual([
      'passkey.refused',
      'passkey.counter',
      'passkey.refused',
    ]);
    expect(await outcomeOf(kit.login('k1', { counter: 6 }))).toBe('accepted');
  });

  it('an answer works once', async () => {
    await kit.enrolled('operator', 'k1');
    const { options, ticket } = await beginLogin(kit.ports);
    const answer = FakePasskeys.answer({ id: 'k1', challenge: options.challenge, counter: 1 });
    expect(await outcomeOf(finishLogin(kit.ports, ticket, answer))).toBe('accepted');
    const second = FakePasskeys.answer({ id: 'k1', challenge: options.challenge, counter: 9 });
    expect(await outcomeOf(finishLogin(kit.ports, ticket, second))).toBe('passkey.refused');
  });

  it('a disabled operator has no session and no login any more', async () => {
    const { operator, cookie } = await kit.enrolled('operator', 'k1');
    expect(await disable(operator.id)).toBe(true);
    expect(await disable(operator.id)).toBe(false);
    expect(await findLoggedIn(kit.ports, cookie)).toBeUndefined();
    expect(await outcomeOf(kit.login('k1'))).toBe('passkey.refused');
  });
});

describe('sessions', () => {
  it('end by the idle clock, which a request sets back', async () => {
    const { cookie } = await kit.enrolled('viewer');
    kit.clock.advance(IDLE_LIFE - 1);
    expect(await findLoggedIn(kit.ports, cookie)).toBeDefined();
    kit.clock.advance(IDLE_LIFE - 1);
    expect(await findLoggedIn(kit.ports, cookie)).toBeDefined();
    kit.clock.advance(IDLE_LIFE);
    expect(await findLoggedIn(kit.ports, cookie)).toBeUndefined();
  });

  it('end by the absolute clock, however busy', async () => {
    const { cookie } = await kit.enrolled('viewer');
    for (let passed = 0; passed < ABSOLUTE_LIFE; passed += IDLE_LIFE / 2) {
      expect(await findLoggedIn(kit.ports, cookie)).toBeDefined();
      kit.clock.advance(IDLE_LIFE / 2);
    }
    expect(await findLoggedIn(kit.ports, cookie)).toBeUndefined();
    expect(await kit.ports.operators.purge(kit.clock.now())).toBe(1);
  });

  it('end by the way out; other values open nothing', async () => {
    const { cookie } = await kit.enrolled('viewer');
    const loggedIn = await findLoggedIn(kit.ports, cookie);
    if (loggedIn === undefined) throw new Error('not logged in');
    await logOut(kit.ports, loggedIn);
    for (const value of [cookie, undefined, '', 'A'.repeat(43), `${cookie}x`])
      expect(await findLoggedIn(kit.ports, value)).toBeUndefined();
    expect(await events()).toContain('operator.logged-out');
  });
});
