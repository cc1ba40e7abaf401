import { openJobDesk } from '../../src/adapters/queue/job-desk.ts';
import type { EpochMillis } from '../../src/core/brand.ts';
import { type Listening, listen } from '../../src/http/listen.ts';
import type { OperatorRole } from '../../src/ports/operator-store.ts';
import { createConsoleApp } from '../../src/web/console/app.ts';
import type { Console } from '../../src/web/console/console.ts';
import type { RecordsDesk, ShownRecordDetail } from '../../src/web/console/desks.ts';
import { FakeLog } from './fakes.ts';
import { type OperatorKit, operatorKit } from './operator-kit.ts';

export const ORIGIN = 'https://console.example';
export const RECORD_ID = '01a20169-2e00-7005-bc2b-a9691291a293';

const RECORD: ShownRecordDetail = {
  ...{ id: RECORD_ID, tenant: 'tenant-a', status: 'OK' },
  ...{ createdAt: 1_750_000_000_000 as EpochMillis, updatedAt: 1_750_000_000_000 as EpochMillis },
  ...{ facts: [], statusMethods: ['CRL'] },
  personal: [{ name: 'name', label: { ja: '氏名', en: 'Name' } }],
  evidence: { octets: 1, policy: 'p', path: [], revocation: [] },
};

/** One record, whose personal value is a mark to be looked for. */
export const FAKE_RECORDS: RecordsDesk = {
  statuses: [{ value: 'OK', label: { ja: '有効', en: 'OK' } }],
  tenants: () => ['tenant-a'],
  list: async () => ({ rows: [RECORD] }),
  search: async (text) => (text === RECORD_ID ? [RECORD_ID] : []),
  find: async (id) => (id === RECORD_ID ? RECORD : undefined),
  personal: async () => ({ name: 'MARK-personal' }),
  exportEvidence: async () => Buffer.from('{"MARK":"evidence"}'),
  checkStatus: async (_id, method) => ({ status: 'GOOD', method, checkedAt: '2026-01-01T00:00:00Z' }),
};

export interface Visitor {
  readonly cookie: string;
  readonly csrf: string;
}

export interface ConsoleKit extends OperatorKit {
  readonly log: FakeLog;
  readonly url: string;
  visitor(role: OperatorRole): Promise<Visitor>;
  get(path: string, visitor?: Visitor): Promise<Response>;
  /** Sends a form as its own page would; `change` spoils fields or headers. */
  post(
    path: string,
    visitor: Visitor | undefined,
    fields?: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
}

/** The console over HTTP with accounts in memory and desks that a test gives. */
export async function consoleKit(parts: Partial<Console> = {}): Promise<ConsoleKit> {
  const kit = await operatorKit();
  const log = new FakeLog();
  const app = createConsoleApp({
    ...{ role: 'pf', environment: 'test', origin: ORIGIN, log },
    ports: { ...kit.ports, audit: kit.store.audit },
    ...{ records: FAKE_RECORDS, work: openJobDesk(kit.store, kit.clock) },
    ...parts,
  });
  const listening: Listening = await listen(app, { host: '127.0.0.1', port: 0 });
  const ask = (path: string, init: RequestInit, visitor: Visitor | undefined) =>
    fetch(`${listening.url}${path}`, {
      ...init,
      redirect: 'manual',
      headers: {
        ...(visitor === undefined ? {} : { Cookie: `__Host-jitsuin-console=${visitor.cookie}` }),
        ...init.headers,
      },
    });
  return {
    ...kit,
    ...{ log, url: listening.url },
    visitor: async (role) => {
      const { cookie, operator } = await kit.enrolled(role);
      const rows = await kit.store.kysely
        .selectFrom('operator_sessions')
        .select('id_hash')
        .where('operator_id', '=', operator.id)
        .execute();
      const session = await kit.ports.operators.getSession(rows[0]?.id_hash ?? '');
      return { cookie, csrf: session?.csrf ?? '' };
    },
    get: (path, visitor) => ask(path, {}, visitor),
    post: (path, visitor, fields = {}, headers = {}) =>
      ask(
        path,
        {
          method: 'POST',
          headers: { Origin: ORIGIN, ...headers },
          body: new URLSearchParams({ ...(visitor === undefined ? {} : { csrf: visitor.csrf }), ...fields }),
        },
        visitor,
      ),
    close: async () => {
      await listening.close();
      await kit.close();
    },
  };
}
