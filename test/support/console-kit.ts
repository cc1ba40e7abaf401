import { openQueueAdmin } from '../../src/adapters/queue/queue-admin.ts';
import type { EpochMillis } from '../../src/core/brand.ts';
import type { Report } from '../../src/core/report.ts';
import { type Listening, listen } from '../../src/http/listen.ts';
import type { WebhookApi } from '../../src/http/webhooks/endpoints.ts';
import type { StaffRole } from '../../src/ports/staff-store.ts';
import { createConsoleApp } from '../../src/web/console/app.ts';
import type { Console } from '../../src/web/console/console.ts';
import type { ConsoleRecords, ShownRecordDetail } from '../../src/web/console/console-ports.ts';
import { FakeLog } from './fakes.ts';
import { type OperatorKit, operatorKit } from './staff-kit.ts';

export const ORIGIN = 'https://console.example';
export const RECORD_ID = '01a20169-2e00-7005-bc2b-a9691291a293';

const RECORD: ShownRecordDetail = {
  ...{ id: RECORD_ID, tenant: 'tenant-a', status: 'OK', outcome: 'valid' },
  ...{ createdAt: 1_750_000_000_000 as EpochMillis, updatedAt: 1_750_000_000_000 as EpochMillis },
  ...{ facts: [], statusMethods: ['CRL'] },
  personal: [{ name: 'name', label: { ja: '氏名', en: 'Name' } }],
  evidence: { octets: 1, policy: { sha256: 'b'.repeat(64), name: 'p' }, path: [], revocation: [] },
};

const REPORT: Report = {
  indication: 'TOTAL-PASSED',
  checks: [{ name: 'evidence-format', result: 'passed' }],
  validationTime: 1_750_000_000_000 as EpochMillis,
};

/** One record, whose personal value is a mark to be looked for. */
export const FAKE_RECORDS: ConsoleRecords = {
  filters: [{ value: 'valid', label: { ja: '有効', en: 'valid' } }],
  tenants: () => ['tenant-a'],
  list: async () => ({ rows: [RECORD] }),
  search: async (text) => (text === RECORD_ID ? [RECORD_ID] : []),
  find: async (id) => (id === RECORD_ID ? RECORD : undefined),
  stuck: async () => [],
  personal: async () => ({ name: 'MARK-personal' }),
  exportEvidence: async () => Buffer.from('{"MARK":"evidence"}'),
  checkEvidence: async () => ({
    outcome: 'valid',
    basis: 'proved',
    integrity: REPORT,
    verdict: REPORT,
    result: 'OK',
    time: REPORT,
    id: RECORD_ID,
  }),
  report: async (id) => ({
    facts: { id, report: REPORT, process: 'Basic' },
    xml: { text: '<ValidationReport/>', seal: { by: 'https://pf.example', kid: 'key-1' } },
  }),
  judgeAgain: async () => undefined,
  checkStatus: async (_id, method) => ({ status: 'GOOD', method, checkedAt: '2026-01-01T00:00:00Z' }),
};

/** As the tenants file has them; a test changes them. */
export const tenantRecords = new Map<string, string>();

export const API_KEY_SHA256 = '0f'.repeat(32);

/** Desks of every role that hold next to nothing. */
const FAKE_DESKS: Required<Pick<Console, 'keys' | 'tenants' | 'fees' | 'apiKeys' | 'settings'>> = {
  apiKeys: {
    list: () => [{ tenant: 'tenant-a', sha256: API_KEY_SHA256, scopes: ['read'] }],
    make: async (tenant) => ({ tenant, sha256: API_KEY_SHA256, key: 'jk_MARK-secret' }),
    revoke: async (sha256) => ({ tenant: 'tenant-a', sha256 }),
  },
  settings: {
    facts: () => [[{ ja: '公開URL', en: 'Public URL' }, 'https://sp.example']],
    returnUrls: () => [{ tenant: 'tenant-a', urls: ['https://tenant.example/done'] }],
    organization: { name: { ja: '模擬市', en: 'Simulated City' } },
    logo: { type: 'image/png', octets: new Uint8Array([1]) },
  },
  keys: {
    list: async () => [
      {
        kid: 'kid-1',
        service: 's',
        environment: 'test',
        state: 'generated',
        createdAt: 1 as EpochMillis,
        publicJwk: '{"kid":"kid-1"}',
      },
    ],
    services: () => ['s'],
    sealKeys: () => ({ active: 'seal-1', keys: ['seal-1'] }),
    ends: () => [{ use: 'trust-anchor-1', at: 1 as EpochMillis }],
  },
  tenants: {
    list: () => [{ id: 'tenant-a', name: '模擬', clientId: 'c', services: ['s'], contract: [], kids: ['k'] }],
    record: (id) => tenantRecords.get(id),
    check: (record) => JSON.stringify(record),
  },
  fees: {
    totals: async () => [{ month: '2025-06', tenant: 'tenant-a', count: 2, list: 4, charged: 2 }],
    statementCsv: async () => 'id\r\n',
    statementSheet: async (tenant, month) => ({
      ...{ tenant, month, net: 61, tax: { percent: 10, amount: 6 }, total: 67 },
      lines: [{ what: '署名用 OCSP 署名の検証', price: 20, count: 3, amount: 60 }],
    }),
  },
};

/** Webhooks of the very store; every address is public. */
function webhookApi({ store, clock, ports }: OperatorKit): WebhookApi {
  const addresses = { requirePublic: async () => undefined };
  return { webhooks: store.webhooks, addresses, newSecret: () => 'whsec_MARK', clock, random: ports.random };
}

export interface Visitor {
  readonly cookie: string;
  readonly csrf: string;
}

export interface ConsoleKit extends OperatorKit {
  /** What the console was made of. */
  readonly console: Console;
  readonly log: FakeLog;
  /** Subjects of the changes that two administrators made. */
  readonly carriedOut: readonly string[];
  readonly url: string;
  visitor(role: StaffRole): Promise<Visitor>;
  get(path: string, visitor?: Visitor): Promise<Response>;
  /** A form with a file. */
  upload(path: string, visitor: Visitor | undefined, content?: Uint8Array<ArrayBuffer>): Promise<Response>;
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
  const carriedOut: string[] = [];
  const console: Console = {
    ...{ role: 'pf', environment: 'test', origin: ORIGIN, log },
    ports: { ...kit.ports, audit: kit.store.audit },
    ...{
      records: FAKE_RECORDS,
      work: openQueueAdmin(kit.store, kit.clock),
      archive: kit.store.archive,
      ageing: async () => [],
    },
    metrics: { samples: () => [], decisions: async () => [] },
    ...FAKE_DESKS,
    webhooks: { api: webhookApi(kit), tenants: () => ['tenant-a'] },
    changes: { 'key.activate': async ({ subject }) => void carriedOut.push(subject) },
    ...parts,
  };
  const app = createConsoleApp(console);
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
    ...{ log, carriedOut, console, url: listening.url },
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
    upload: (path, visitor, content) => {
      const body = new FormData();
      body.set('csrf', visitor?.csrf ?? '');
      body.set('file', new Blob([content ?? '{}'], { type: 'application/json' }), 'evidence.json');
      return ask(path, { method: 'POST', headers: { Origin: ORIGIN }, body }, visitor);
    },
    close: async () => {
      await listening.close();
      await kit.close();
    },
  };
}
