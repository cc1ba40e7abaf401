import { sql } from 'kysely';
import { JobTable } from '../../../src/adapters/queue/job-table.ts';
import { appendRecords, openChain } from '../../../src/adapters/store/evidence/audit-chain.ts';
import { sealChains } from '../../../src/adapters/store/evidence/audit-seals.ts';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import type { MacTableName } from '../../../src/adapters/store/rows/mac-tables.ts';
import type { TenantId, VerificationId } from '../../../src/core/brand.ts';
import type { CitizenPasskey } from '../../../src/ports/passkey-store.ts';
import { PASSKEY } from './passkey-behaviour.ts';
import {
  application,
  applicationId,
  at,
  auditEvent,
  FULL_APPLICATION,
  FULL_VERIFICATION,
  TENANT,
  verification,
  verificationId,
} from './records.ts';

const signatureOf = (n: number) => ({ environment: 'test' as const, value: Buffer.from(`signature ${n}`) });

export type RawRow = Readonly<Record<string, unknown>>;

/**
 * What a program believes of a table: given the rows as the database holds them now, all that the store's ports give of
 * them.
 */
type Read = (store: Store, rows: readonly RawRow[]) => Promise<readonly unknown[]>;

const text = (row: RawRow, column: string) => String(row[column]);
const each = async (rows: readonly RawRow[], read: (row: RawRow) => Promise<unknown>) => {
  const read1 = await Promise.all(rows.map(read));
  return read1.filter((value) => value !== undefined);
};
const event = auditEvent('filled');

/** One reader for each table whose rows carry a MAC, and for each that has another protection. */
export const READERS: Readonly<Record<Exclude<MacTableName, 'table_heads' | 'store_marks'>, Read>> = {
  applications: async ({ applications }, rows) => [
    ...(await each(rows, (row) => applications.get(applicationId(text(row, 'id'))))),
    ...(await applications.list({ limit: 100 })),
  ],
  verifications: async ({ verifications }, rows) => [
    ...(await each(rows, (row) => verifications.get(verificationId(text(row, 'id'))))),
    ...(await verifications.list({ limit: 100 })),
  ],
  subjects: async ({ subjects, kysely }) => {
    const known: string[] = [];
    for (const c of ['c-1', 'c-2']) known.push(await subjects.idFor(TENANT, Buffer.from(c), 'fresh'));
    await kysely.deleteFrom('subjects').where('subject_id', '=', 'fresh').execute();
    return known.filter((id) => id !== 'fresh');
  },
  consents: async ({ consents }, rows) => [
    ...(await consents.list(TENANT)),
    ...(await each(rows, (row) => consents.get(text(row, 'verification_id'), text(row, 'tenant')))),
  ],
  status_checks: async ({ statusChecks }, rows) => [
    ...(await statusChecks.newest([verificationId('plain')])).values(),
    ...(await each(rows, async (row) => {
      const [one] = await statusChecks.list(
        text(row, 'verification_id') as VerificationId,
        text(row, 'tenant') as TenantId,
        10,
      );
      return one;
    })),
  ],
  fee_ledger: ({ fees }) => fees.ofMonth(TENANT, '2026-04'),
  evidence_chain: ({ archive }) => verified(archive.verify()),
  evidence_head: ({ archive }) => verified(archive.verify()),
  audit_first_log: ({ audit }) => verified(audit.verify()),
  audit_chains: ({ audit }) => verified(audit.verify()),
  audit_seals: ({ audit }) => verified(audit.verify()),
  audit_seal_head: ({ audit }) => verified(audit.verify()),
  evidence_periods: ({ archive }) => archive.ageing(at(Number.MAX_SAFE_INTEGER), [], 10),
  evidence_tokens: ({ archive }) => archive.ageing(at(Number.MAX_SAFE_INTEGER), [], 10),
  evidence_token_revocation: async ({ archive }) => {
    const periods = await archive.ageing(at(Number.MAX_SAFE_INTEGER), [], 10);
    return periods.flatMap(({ revocation }) => revocation);
  },
  evidence_trees: ({ archive }) => archive.ageing(at(Number.MAX_SAFE_INTEGER), [], 10),
  evidence_tree_leaves: async ({ archive }) => [await archive.records(1)],
  idempotency_keys: async ({ idempotency }) => {
    const claims = await Promise.all(
      ['i-1', 'i-2'].map((key) => idempotency.claim(TENANT, key, `hash ${key}`, at(1_000_000), 'again')),
    );
    return claims.filter((claim) => claim.kind !== 'first' || claim.requestId !== 'again');
  },
  browser_sessions: ({ sessions }, rows) => each(rows, (row) => sessions.get(text(row, 'id_hash'))),
  login_attempts: ({ logins }, rows) => each(rows, (row) => logins.find(text(row, 'state_hash'))),
  citizen_passkeys: async ({ passkeys }) => [
    ...(await passkeys.list(PASSKEY)),
    await passkeys.find(PASSKEY.tenant, 'credential 2'),
  ],
  passkey_challenges: async ({ passkeys }, rows) => {
    const taken = await each(rows, (row) => passkeys.takeChallenge(text(row, 'hash'), at(1)));
    return taken.filter(Boolean);
  },
  signature_claims: async ({ signatures, kysely }) => {
    const known: string[] = [];
    for (const n of [1, 2]) known.push(await signatures.claim(signatureOf(n), 'fresh', at(9)));
    await kysely.deleteFrom('signature_claims').where('verification_id', '=', 'fresh').execute();
    return known.filter((id) => id !== 'fresh');
  },
  leases: ({ leases }, rows) => each(rows, (row) => leases.read(text(row, 'name'))),
  jobs: (store, rows) =>
    each(rows, async (row) => {
      const wanted = { id: text(row, 'id'), name: text(row, 'name') };
      const claimed = await new JobTable(store).claimOne(wanted, 'me', at(9e12), 9e12);
      if (claimed === undefined) return undefined;
      const { id, name, subject, version, job_key, endpoint, tenant } = claimed;
      return { id, name, subject, version, job_key, endpoint, tenant };
    }),
  webhook_endpoints: async ({ webhooks }) => [
    ...(await webhooks.listEndpoints(TENANT)),
    await webhooks.getEndpoint('endpoint-1', TENANT),
  ],
  webhook_deliveries: ({ webhooks }, rows) =>
    each(rows, (row) => webhooks.getDelivery(text(row, 'id'), undefined)),
  webhook_attempts: async ({ webhooks }, rows) => {
    const ids = [...new Set(rows.map((row) => text(row, 'delivery_id')))];
    return (await Promise.all(ids.map((id) => webhooks.attempts(id)))).flat();
  },
  operators: async ({ operators }) => [...(await operators.list()), await operators.get('op-1')],
  operator_invitations: async ({ operators }) => [await operators.findInvitation('secret-op-1')],
  operator_passkeys: async ({ operators }) => [
    ...(await operators.passkeysOf('op-1')),
    await operators.findPasskey('key-op-1'),
  ],
  operator_sessions: async ({ operators }) => [await operators.getSession('session-op-1')],
  approvals: async ({ approvals }) => [...(await approvals.list({ limit: 9 })), await approvals.get('a-1')],
};

async function verified(state: Promise<{ readonly records: number; readonly brokenAt?: number }>) {
  const { records, brokenAt } = await state;
  if (brokenAt !== undefined) throw Object.assign(new Error('broken'), { code: 'audit.broken' });
  return [records];
}

/** Two rows at least in every table. */
export async function fillEveryTable(store: Store): Promise<void> {
  await fillRecords(store);
  await fillAccounts(store);
  await fillEvidence(store);
  await fillClaims(store);
  await fillWebhooks(store);
  await fillAudit(store);
}

/** Two seals, and the chain of another process beside ours, closed. */
async function fillAudit({ kysely, engine, rows: macs }: Store): Promise<void> {
  const parts = { engine, macs };
  await kysely.transaction().execute(async (transaction) => {
    await sealChains(transaction, parts, { now: 1, least: 0 });
    const opened = await openChain(transaction, parts, 2);
    const end = await appendRecords(transaction, parts, opened, [event, event]);
    if (end === undefined) throw new Error('The chain does not end there.');
    const closed = { ...end, closed_at: 3, ended_by: 'process' };
    await transaction
      .updateTable('audit_chains')
      .set(macs.sealed('audit_chains', closed))
      .where('id', '=', end.id)
      .execute();
    await sealChains(transaction, parts, { now: 4, least: 0 });
  });
}

async function fillRecords(store: Store): Promise<void> {
  const jobs = ['one', 'two'].map((subject) => ({ name: 'verify' as const, subject, key: `job ${subject}` }));
  await store.applications.insert(FULL_APPLICATION, { audit: [event], jobs });
  await store.applications.insert(application('plain', { stateHash: 'd'.repeat(64) }), { audit: [event] });
  await store.verifications.insert(
    { ...FULL_VERIFICATION, deletedAt: undefined } as unknown as typeof FULL_VERIFICATION,
    { audit: [event] },
  );
  await store.verifications.insert(verification('plain'), { audit: [event] });
  for (const n of [1, 2]) await store.subjects.idFor(TENANT, Buffer.from(`c-${n}`), `subject-${n}`);
  const consents = [1, 2].map((n) => ({
    ...{ verificationId: `v-${n}`, tenant: TENANT, subjectId: `s-${n}`, items: ['name' as const] },
    ...{
      purpose: `p-${n}`,
      wordingSha256: 'f'.repeat(64),
      agreedAt: at(n),
      handedOutAt: at(n),
      keepUntil: at(n + 5),
    },
  }));
  const fees = [1, 2].map((n) => ({
    ...{
      id: `f-${n}`,
      key: `k-${n}`,
      tenant: TENANT,
      month: '2026-04',
      at: at(n),
      certificate: 'signing' as const,
    },
    ...{
      method: 'OCSP' as const,
      purpose: 'status-check' as const,
      verificationId: `v-${n}`,
      result: 'OK' as const,
    },
    ...{ listPrice: 20 + n, chargedPrice: 2 + n, rule: `rule-${n}` },
  }));
  for (const n of [1, 2]) {
    const check = {
      id: `check-${n}`,
      tenant: TENANT,
      verificationId: verificationId('plain'),
      status: 'GOOD' as const,
      method: 'CRL' as const,
      purpose: n === 1 ? ('STATUS_CHECK' as const) : ('STATUS_NOTICE' as const),
      checkedAt: at(n),
      sourceUpdatedAt: at(n),
    };
    await store.statusChecks.record(check, { audit: [] });
  }
  await store.verifications.update({ ...verification('plain'), revision: 2 }, { audit: [], consents, fees });
}

async function fillAccounts({ operators, approvals, passkeys, sessions, logins }: Store): Promise<void> {
  for (const id of ['op-1', 'op-2']) {
    const operator = {
      ...{ id, name: `模擬 ${id}`, role: 'viewer' as const, state: 'invited' as const },
      ...{ handle: Buffer.from(id), createdAt: at(1), updatedAt: at(1) },
    };
    const invitation = (secretHash: string) => ({ secretHash, operatorId: id, expiresAt: at(100) });
    await operators.invite(operator, invitation(`used-${id}`), event);
    await operators.invite(operator, invitation(`secret-${id}`), event);
    const passkey = {
      ...{ id: `key-${id}`, operatorId: id, publicKey: Buffer.from(`pk ${id}`), counter: 3, backedUp: true },
      ...{ transports: ['usb'], createdAt: at(2), usedAt: at(2) },
    };
    await operators.enrol(invitation(`used-${id}`), passkey, at(2), event);
    const session = { idHash: `session-${id}`, operatorId: id, csrf: 'c', createdAt: at(3) };
    await operators.putSession({ ...session, seenAt: at(3), expiresAt: at(99) });
    await passkeys.add(citizenPasskey(id === 'op-1' ? 1 : 2), 9);
    await passkeys.putChallenge(`challenge-${id}`, at(50));
    await sessions.put({
      ...{
        idHash: `browser-${id}`,
        csrf: 'c',
        createdAt: at(1),
        expiresAt: at(9),
        subject: id,
        subjectHash: `h ${id}`,
      },
      ...{ sid: `sid ${id}`, login: { revision: 1, idToken: 't' } },
    });
    await logins.insert({
      ...{
        stateHash: `state-${id}`,
        browserHash: 'b',
        state: 's',
        nonce: 'n',
        codeVerifier: 'v',
        returnTo: '/x',
      },
      ...{ outcome: { kind: 'sent' as const }, createdAt: at(1), expiresAt: at(9) },
    });
    const approval = {
      ...{
        id: `a-${id.slice(3)}`,
        kind: 'tenant.put' as const,
        subject: id,
        payload: '{}',
        state: 'pending' as const,
      },
      ...{ requestedBy: id, requestedAt: at(4), expiresAt: at(500) },
    };
    await approvals.insert(approval, event);
    const decided = { decidedBy: 'other', decidedAt: at(5), code: 'usage.arguments' as const };
    await approvals.update({ ...approval, ...decided, state: 'approved' }, 'pending', event);
  }
}

function citizenPasskey(n: number): CitizenPasskey {
  return {
    ...PASSKEY,
    key: `p${n}`,
    publicKey: Uint8Array.from([1, n]),
    id: `credential ${n}`,
    createdAt: at(n),
    usedAt: at(n),
  };
}

async function fillEvidence({ evidence, archive }: Store): Promise<void> {
  for (const n of [1, 2]) await evidence.put(`e-${n}`, TENANT, Buffer.from(`evidence ${n}`));
  const links = await archive.uncovered(2);
  for (const [index, link] of links.entries()) {
    const period = index + 1;
    await archive.close(
      {
        ...{
          period,
          firstSeq: link.seq,
          lastSeq: link.seq,
          root: `root ${period}`,
          head: link.hash,
          trees: [],
        },
        ...{ tokens: [Buffer.from(`token ${period}`)], validUntil: at(period), algorithms: [] },
        revocation: [{ token: 1, at: at(period), crls: [], ocsp: [] }],
      },
      [event],
    );
    const renewal = {
      token: Buffer.from(`renewed ${period}`),
      validUntil: at(9),
      algorithms: [],
      revocation: [],
    };
    const tree = { hash: 'sha512' as const, root: `tree ${period}`, firstToken: 2 };
    await archive.renew(period, 1, { ...renewal, tree, leaves: [`leaf ${period}`] }, [event]);
  }
}

async function fillClaims({ idempotency, leases, signatures }: Store): Promise<void> {
  for (const n of [1, 2]) {
    await signatures.claim(signatureOf(n), `v-${n}`, at(n));
    await idempotency.claim(TENANT, `i-${n}`, `hash i-${n}`, at(n), `request-${n}`);
    const answer = { status: 200 + n, headers: {}, body: Buffer.from('{}') };
    await idempotency.answer(TENANT, `i-${n}`, answer);
    await leases.acquire(`lease-${n}`, 'me', at(1), at(9e5));
    await leases.write(`lease-${n}`, 'me', Buffer.from(`value ${n}`), at(n));
  }
}

async function fillWebhooks({ webhooks, applications, kysely }: Store): Promise<void> {
  for (const n of [1, 2])
    await webhooks.insertEndpoint(
      {
        ...{
          id: `endpoint-${n}`,
          tenant: TENANT,
          url: `https://h${n}.example/`,
          events: ['application.decided'],
        },
        ...{ state: 'enabled', revision: 1, secrets: [], createdAt: at(1), updatedAt: at(1) },
      },
      9,
      event,
    );
  const data = { id: 'plain', state: 'decided' as const };
  const notice = { type: 'application.decided' as const, tenant: TENANT, at: at(1), data };
  await applications.update(
    { ...application('plain', { stateHash: 'd'.repeat(64) }), revision: 2 },
    { audit: [], notices: [notice as never] },
  );
  const { rows } = await sql<{ id: string }>`select id from webhook_deliveries order by id`.execute(kysely);
  for (const { id } of rows) {
    const delivery = await webhooks.getDelivery(id, undefined);
    const attempt = {
      number: 1,
      at: at(7),
      status: 500,
      code: 'webhook.refused' as never,
      durationMillis: 3,
    };
    if (delivery !== undefined) await webhooks.settle(delivery, 'waiting', at(8), attempt);
  }
}
