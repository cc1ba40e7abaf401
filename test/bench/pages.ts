import { join } from 'node:path';
import Database from 'libsql';
import { Browser } from '../../src/cli/demo/browser.ts';
import { percentile } from '../faults/support/fault-settings.ts';
import {
  api,
  ended,
  goToService,
  type RpWorld,
  sign,
  startRpWorld,
  submitted,
} from '../integration/rp/world.ts';
import type { Bench } from './bench.ts';

const XML = `<届出>${'<明細><氏名>模擬 太郎</氏名><金額>1200</金額></明細>'.repeat(40)}</届出>`;
const LIMIT_MILLIS = 100;

interface Measured {
  readonly page: string;
  readonly p50: number;
  readonly p99: number;
  /** Processor time, which a busy machine does not stretch. */
  readonly cpuP50: number;
  readonly cpuP99: number;
}

/**
 * Server time of each page of a citizen, and of the API's reads, with 100,000 stored applications (10,000 with --quick): an
 * agency on SQLite, asked one request at a time from this very process, so that client and connection are in the figures.
 */
export const bench: Bench = async ({ quick }) => {
  const world = await startRpWorld('gov', { env: { JITSUIN_DEMO_PAGES: '1', JITSUIN_TENANT_RATE: '0' } });
  try {
    const pages = await realPages(world);
    await world.stopWorker();
    const stored = fill(join(world.dir, 'world', 'gov', 'gov.sqlite3'), quick ? 10_000 : 100_000);
    console.log(`${stored} applications are stored`);
    const results: Measured[] = [];
    for (const [page, open] of Object.entries(pages))
      results.push(await measure(page, open, quick ? 50 : 300));
    for (const { page, p50, p99, cpuP50, cpuP99 } of results) {
      const mark = p99 > LIMIT_MILLIS ? `  OVER ${LIMIT_MILLIS} ms` : '';
      console.log(
        `${page.padEnd(28)} p50 ${p50.toFixed(1).padStart(6)} ms  p99 ${p99.toFixed(1).padStart(6)} ms  processor ${cpuP50.toFixed(1)}, ${cpuP99.toFixed(1)} ms${mark}`,
      );
    }
    return { stored, results };
  } finally {
    await world.close();
  }
};

/** One application in each state that a citizen can look at, and how to open its page; each opening gives its status. */
async function realPages(world: RpWorld): Promise<Readonly<Record<string, () => Promise<number>>>> {
  const browser = new Browser();
  const opened = await submitted(world, XML);
  await browser.visit(opened.sign_url ?? '');
  const waiting = await submitted(world, XML);
  await goToService(browser, waiting.sign_url ?? '');
  const decided = await submitted(world, XML);
  await sign(browser, decided.sign_url ?? '');
  await ended(world, decided.id);
  const refused = await submitted(world, XML);
  await sign(browser, refused.sign_url ?? '', { outcome: 'refuse' });
  const signed = await (await api(world, `/v1/applications/${decided.id}/document`)).blob();
  const page = (path: string) => async () => (await browser.open(`${world.url}${path}`)).status;
  const call = (path: string) => async () => {
    const answer = await api(world, path);
    await answer.arrayBuffer();
    return answer.status;
  };
  return {
    start: page('/'),
    confirmation: page(`/applications/${opened.id}/sign`),
    'confirmation, under way': page(`/applications/${waiting.id}/sign`),
    document: page(`/applications/${opened.id}/document`),
    'document as a file': page(`/applications/${opened.id}/document/file`),
    'completion, decided': page(`/applications/${decided.id}/complete`),
    'completion, refused': page(`/applications/${refused.id}/complete`),
    'no such application': page('/applications/00000000-0000-7000-8000-000000000000/sign'),
    account: page('/account'),
    'verify, the form': page('/verify'),
    'verify, a document': async () => {
      const body = new FormData();
      body.set('file', signed, 'signed.xml');
      const answer = await fetch(`${world.url}/verify`, { method: 'POST', body });
      await answer.arrayBuffer();
      return answer.status;
    },
    'API: one': call(`/v1/applications/${decided.id}`),
    'API: first page': call('/v1/applications?limit=100'),
    'API: decided ones': call('/v1/applications?state=decided&limit=100'),
    'API: failed ones (none)': call('/v1/applications?state=failed&limit=100'),
  };
}

async function measure(page: string, open: () => Promise<number>, times: number): Promise<Measured> {
  // The filling held this process up, so that idle connections were closed meanwhile.
  const first = await open().catch(open);
  if (first >= 500) throw new Error(`${page} answers ${first}`);
  const took: number[] = [];
  const used: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const started = performance.now();
    const before = process.cpuUsage();
    if ((await open()) !== first) throw new Error(`${page} changed its answer`);
    took.push(performance.now() - started);
    const { user, system } = process.cpuUsage(before);
    used.push((user + system) / 1000);
  }
  return {
    ...{ page, p50: percentile(took, 0.5), p99: percentile(took, 0.99) },
    ...{ cpuP50: percentile(used, 0.5), cpuP99: percentile(used, 0.99) },
  };
}

/** Copies the real rows under other ids until there are so many; what is sealed in a copy cannot be read, and is not. */
function fill(file: string, wanted: number): number {
  const database = new Database(file);
  const all = <Row>(text: string) => database.prepare(text).all() as Row[];
  const rows = all<{ n: number }>('select count(*) as n from applications')[0]?.n ?? 1;
  const copies = Math.ceil(wanted / rows) - 1;
  const names = all<{ name: string }>('pragma table_info(applications)').map(({ name }) => name);
  const values = names.map((name) => {
    if (name === 'id') return 'substr(old.id, 1, 14) || substr(lower(hex(randomblob(12))), 1, 22)';
    return name === 'state_hash' ? 'null' : `old.${name}`;
  });
  database.exec(
    `insert into applications (${names.join(', ')})
     with recursive copy(n) as (select 1 union all select n + 1 from copy where n < ${copies})
     select ${values.join(', ')} from applications old, copy`,
  );
  const stored = all<{ n: number }>('select count(*) as n from applications')[0]?.n ?? 0;
  database.close();
  return stored;
}
