import { openStore, type Store } from '../../src/adapters/store/open-store.ts';
import { asJitsuinError } from '../../src/core/errors.ts';
import type { Sealer } from '../../src/ports/sealer.ts';
import type { StaffMember, StaffRole } from '../../src/ports/staff-store.ts';
import { beginEnrolment, finishEnrolment } from '../../src/staff/enrol.ts';
import { inviteStaff } from '../../src/staff/invite.ts';
import { beginLogin, finishLogin } from '../../src/staff/login.ts';
import type { StaffPorts } from '../../src/staff/staff-ports.ts';
import { FakePasskeys } from './fake-passkeys.ts';
import { FakeClock, FakeRandom } from './fakes.ts';

/** Keeps the context beside the octets, so that a value opened elsewhere is refused as the real one is. */
export const PLAIN_SEALER: Sealer = {
  seal: (plaintext, context) =>
    Buffer.from(`${JSON.stringify(context)}\n${Buffer.from(plaintext).toString('base64')}`),
  open: (sealed, context) => {
    const [kept = '', text = ''] = Buffer.from(sealed).toString().split('\n');
    if (kept !== JSON.stringify(context)) throw new Error('sealed elsewhere');
    return new Uint8Array(Buffer.from(text, 'base64'));
  },
  mac: (text) => Buffer.from(`mac of ${text}`),
  isMac: (text, mac) => Buffer.from(mac).toString() === `mac of ${text}`,
};

export interface OperatorKit {
  readonly ports: StaffPorts;
  readonly store: Store;
  readonly clock: FakeClock;
  readonly passkeys: FakePasskeys;
  /** A new operator with a passkey of this id, and the cookie of their first session. */
  enrolled(
    role: StaffRole,
    passkey?: string,
  ): Promise<{ readonly operator: StaffMember; readonly cookie: string }>;
  login(
    passkey: string,
    change?: { counter?: number; userHandle?: string; challenge?: string },
  ): Promise<string>;
  close(): Promise<void>;
}

/** Accounts and approvals on an embedded store in memory, with fake ceremonies and a clock that a test moves. */
export async function operatorKit(): Promise<OperatorKit> {
  const clock = new FakeClock();
  const random = new FakeRandom();
  const passkeys = new FakePasskeys();
  const store = await openStore({ dataDir: ':memory:', role: 'pf', sealer: PLAIN_SEALER, clock });
  const { operators, approvals, replay, audit } = store;
  const ports: StaffPorts = {
    operators,
    approvals,
    replay,
    audit,
    passkeys,
    sealer: PLAIN_SEALER,
    clock,
    random,
  };
  let people = 0;
  return {
    ...{ ports, store, clock, passkeys, close: store.close },
    enrolled: async (role, passkey) => {
      people += 1;
      const id = passkey ?? `passkey-${people}`;
      const { operator, code } = await inviteStaff(ports, {
        role,
        name: `模擬 ${role} ${people}`,
        life: 60_000,
      });
      const { options, ticket } = await beginEnrolment(ports, code);
      const answer = FakePasskeys.answer({ id, challenge: options.challenge });
      const { cookie } = await finishEnrolment(ports, ticket, answer);
      return { operator, cookie };
    },
    login: async (id, change = {}) => {
      const { options, ticket } = await beginLogin(ports);
      const answer = FakePasskeys.answer({ id, challenge: options.challenge, ...change });
      return (await finishLogin(ports, ticket, answer)).cookie;
    },
  };
}

/** The code that a call is refused with, or `accepted`. */
export function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'accepted',
    (thrown: unknown) => asJitsuinError(thrown).code,
  );
}
