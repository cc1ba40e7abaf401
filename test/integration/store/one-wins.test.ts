import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { Approval } from '../../../src/ports/approval-store.ts';
import type { FeeEntry } from '../../../src/ports/fee-ledger.ts';
import type { CitizenPasskey } from '../../../src/ports/passkey-store.ts';
import type { BrowserSession } from '../../../src/ports/session-store.ts';
import type { WebhookEndpoint } from '../../../src/ports/webhook-store.ts';
import { serverReachable, TEST_DATABASE_URL } from '../../support/servers.ts';
import { postgresHarness, type StoreHarness, sqliteHarness } from './harness.ts';
import { application, at, auditEvent, NOTHING, TENANT, verification } from './records.ts';

const CONTENDERS = 20;
const audit = auditEvent('test');
const ABANDONED = 30_000;

/**
 * One table with a revision, an owner, a state or an attempt count. `prepare` writes the row that is contended for and gives what each
 * contender tries: true for who won. The same try once more, with what was true before the winner, is the latecomer's.
 */
interface Trial {
  readonly prepare: (store: Store) => Promise<(contender: number) => Promise<boolean>>;
  /** What the row says, to see that latecomers changed nothing. */
  readonly reading: (store: Store) => Promise<unknown>;
}

const session: BrowserSession = {
  idHash: 'f'.repeat(64),
  subject: 'MARK-subject',
  subjectHash: 'a'.repeat(64),
  login: { revision: 1 },
  csrf: 'c',
  createdAt: at(1),
  expiresAt: at(9_000_000_000_000),
};
const endpoint: WebhookEndpoint = {
  id: 'endpoint-1',
  tenant: TENANT,
  url: 'https://hook.example/',
  events: ['application.decided'],
  state: 'enabled',
  revision: 1,
  secrets: [{ value: 'whsec_AAAA' }],
  createdAt: at(1),
  updatedAt: at(1),
};
const approval: Approval = {
  id: 'approval-1',
  kind: 'tenant.put',
  subject: 'tenant-x',
  payload: '{}',
  state: 'pending',
  requestedBy: 'op-a',
  requestedAt: at(4),
  expiresAt: at(500),
};
const passkey: CitizenPasskey = {
  id: 'credential-1',
  publicKey: new Uint8Array([1, 2, 3]),
  counter: 5,
  backedUp: false,
  transports: ['internal'],
  key: 'passkey-1',
  tenant: TENANT,
  subject: 'MARK-subject',
  subjectHash: 'b'.repeat(64),
  name: '電話',
  state: 'active',
  createdAt: at(1),
  cardAt: at(1),
};
const fee = (id: string): FeeEntry => ({
  id,
  key: 'fee-key-1',
  tenant: TENANT,
  month: '2026-11',
  at: at(1),
  certificate: 'signing',
  method: 'OCSP',
  purpose: 'signature-verification',
  verificationId: 'v-1',
  result: 'OK',
  listPrice: 20,
  chargedPrice: 20,
});

async function oneDelivery(store: Store): Promise<string> {
  await store.webhooks.insertEndpoint(
    { ...endpoint, id: 'endpoint-2', url: 'https://two.example/' },
    10,
    audit,
  );
  await store.applications.insert(application('with-notice'), {
    audit: [],
    notices: [
      {
        type: 'application.decided',
        tenant: TENANT,
        at: at(2),
        data: { id: 'with-notice', state: 'decided' },
      },
    ],
  });
  const [delivery] = await store.webhooks.listDeliveries({
    tenant: TENANT,
    endpointId: 'endpoint-2',
    limit: 2,
  });
  return delivery?.id ?? '';
}

const TRIALS: Readonly<Record<string, Trial>> = {
  'an application, by its revision': {
    prepare: async (store) => {
      await store.applications.insert(application('contended'), NOTHING);
      return (n) =>
        store.applications.update(application('contended', { revision: 2, externalId: `c${n}` }), NOTHING);
    },
    reading: async (store) => store.applications.get(application('contended').id),
  },
  'a verification, by its revision': {
    prepare: async (store) => {
      await store.verifications.insert(verification('contended'), NOTHING);
      return (n) =>
        store.verifications.update(verification('contended', { revision: 2, subjectId: `s${n}` }), NOTHING);
    },
    reading: async (store) => store.verifications.get(verification('contended').id),
  },
  'a submission, by its key': {
    prepare: async (store) => (n) =>
      store.verifications.insert(verification(`by-key-${n}`, { submissionKey: 'the one key' }), NOTHING),
    reading: async (store) => store.verifications.findBySubmissionKey(TENANT, 'the one key'),
  },
  'a webhook endpoint, by its revision': {
    prepare: async (store) => {
      await store.webhooks.insertEndpoint(endpoint, 10, audit);
      return (n) => store.webhooks.updateEndpoint({ ...endpoint, revision: 2, updatedAt: at(n) }, audit);
    },
    reading: async (store) => store.webhooks.getEndpoint(endpoint.id, TENANT),
  },
  'a delivery, by its attempts': {
    prepare: async (store) => {
      const delivery = await store.webhooks.getDelivery(await oneDelivery(store));
      if (delivery === undefined) throw new Error('no delivery was made');
      return (n) =>
        store.webhooks.settle(delivery, 'waiting', at(10 + n), {
          number: delivery.attempts + 1,
          at: at(10 + n),
          status: 500,
          durationMillis: n,
        });
    },
    reading: async (store) => {
      const [delivery] = await store.webhooks.listDeliveries({
        tenant: TENANT,
        endpointId: 'endpoint-2',
        limit: 2,
      });
      return [delivery, await store.webhooks.attempts(delivery?.id ?? '')];
    },
  },
  'a login at a session, by its revision': {
    prepare: async (store) => {
      await store.sessions.put(session);
      return (n) => store.sessions.updateLogin({ ...session, login: { revision: 2, refreshToken: `r${n}` } });
    },
    reading: async (store) => store.sessions.get(session.idHash),
  },
  'a passkey, by its counter': {
    prepare: async (store) => {
      await store.passkeys.add(passkey, 10);
      return (n) => store.passkeys.use({ ...passkey, counter: 6 + n, usedAt: at(20 + n) }, passkey.counter);
    },
    reading: async (store) => store.passkeys.find(TENANT, passkey.id),
  },
  'an approval, by its state': {
    prepare: async (store) => {
      await store.approvals.insert(approval, audit);
      return (n) =>
        store.approvals.update(
          { ...approval, state: 'approved', decidedBy: `op-${n}`, decidedAt: at(10) },
          'pending',
          audit,
        );
    },
    reading: async (store) => store.approvals.get(approval.id),
  },
  'an approval that was cut off, by when it was taken up': {
    prepare: async (store) => {
      const id = 'approval-2';
      await store.approvals.insert({ ...approval, id }, audit);
      const taken: Approval = { ...approval, id, state: 'approved', decidedBy: 'op-b', decidedAt: at(10) };
      await store.approvals.update(taken, 'pending', audit);
      return (n) =>
        store.approvals.update(
          { ...taken, decidedBy: `op-${n}`, decidedAt: at(99) },
          'approved',
          audit,
          at(10),
        );
    },
    reading: async (store) => store.approvals.get('approval-2'),
  },
  'an abandoned idempotency key, by when it was claimed': {
    prepare: async (store) => {
      await store.idempotency.claim(TENANT, 'key-1', 'hash', at(1), 'request-1');
      return async (n) =>
        (await store.idempotency.claim(TENANT, 'key-1', 'hash', at(1 + ABANDONED), `request-${n}`)).kind ===
        'first';
    },
    reading: async (store) => store.idempotency.claim(TENANT, 'key-1', 'other', at(2 + ABANDONED), 'x'),
  },
  'a lease that ended, by its owner': {
    prepare: async (store) => {
      await store.leases.acquire('lease-1', 'dead', at(1), at(10));
      return (n) => store.leases.acquire('lease-1', `owner-${n}`, at(10), at(1_000));
    },
    reading: async (store) => store.leases.read('lease-1'),
  },
  'a value to be remembered': {
    prepare: async (store) => () => store.replay.remember('jti', 'value-1', at(900), at(1)),
    reading: async () => undefined,
  },
  'a fee, by its key': {
    prepare: async (store) => async (n) => {
      await store.fees.record([fee(`fee-${n}`)], []);
      const [kept] = await store.fees.ofMonth(TENANT, '2026-11');
      return kept?.id === `fee-${n}`;
    },
    reading: async (store) => store.fees.ofMonth(TENANT, '2026-11'),
  },
  'a citizen’s id for a tenant': {
    prepare: async (store) => async (n) =>
      (await store.subjects.idFor(TENANT, new Uint8Array([9, 9, 9]), `fresh-${n}`)) === `fresh-${n}`,
    reading: async (store) => store.subjects.idFor(TENANT, new Uint8Array([9, 9, 9]), 'later'),
  },
};

function oneWins(name: string, makeHarness: () => StoreHarness): void {
  describe(`of twenty at once one wins, and who comes late changes nothing, on ${name}`, () => {
    let harness: StoreHarness;
    let store: Store;
    beforeAll(async () => {
      harness = makeHarness();
      store = await harness.open();
    });
    afterAll(async () => {
      await store.close();
      await harness.end();
    });

    it.each(Object.entries(TRIALS))('%s', async (_name, { prepare, reading }) => {
      const attempt = await prepare(store);
      const won = await Promise.all(Array.from({ length: CONTENDERS }, (_, n) => attempt(n)));
      expect(won.filter(Boolean)).toHaveLength(1);
      const after = await reading(store);
      expect(await attempt(CONTENDERS)).toBe(false);
      expect(await reading(store)).toEqual(after);
    });

    it('a lease that another one has taken over is neither written nor released by its late owner', async () => {
      await store.leases.acquire('lease-2', 'first', at(1), at(10));
      await store.leases.acquire('lease-2', 'second', at(10), at(1_000));
      await store.leases.write('lease-2', 'second', new Uint8Array([2]), at(500));
      await store.leases.write('lease-2', 'first', new Uint8Array([1]), at(900));
      await store.leases.release('lease-2', 'first');
      expect(await store.leases.read('lease-2')).toEqual({ value: new Uint8Array([2]), expiresAt: 500 });
      expect(await store.leases.acquire('lease-2', 'third', at(11), at(2_000))).toBe(false);
    });

    it('an idempotency key that another request has taken over is neither released nor abandoned by the first', async () => {
      const claim = (now: EpochMillis, id: string) =>
        store.idempotency.claim(TENANT, 'key-2', 'hash', now, id);
      await claim(at(1), 'request-1');
      expect((await claim(at(ABANDONED), 'request-2')).kind).toBe('running');
      expect(await claim(at(1 + ABANDONED), 'request-3')).toEqual({ kind: 'first', requestId: 'request-1' });
      await store.idempotency.release(TENANT, 'key-2', at(1));
      await store.idempotency.abandon(TENANT, 'key-2', at(1));
      expect((await claim(at(2 + ABANDONED), 'request-4')).kind).toBe('running');
    });
  });
}

oneWins('SQLite', sqliteHarness);
const there = await serverReachable(TEST_DATABASE_URL, 'the PostgreSQL half of contended rows');
describe.skipIf(!there)('with a PostgreSQL server', () => oneWins('PostgreSQL', postgresHarness));
