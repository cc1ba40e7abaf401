import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'libsql';
import type { Place } from '../../faults/support/fault-world.ts';

type Role = 'sp' | 'pf';
const ROLES: readonly Role[] = ['sp', 'pf'];

/** Rows and octets of all tables of sp and pf, and the rows among them that are jobs. */
export interface Kept {
  readonly rows: number;
  readonly jobs: number;
  readonly bytes: number;
}

export function keptIn(place: Place): Kept {
  const all = ROLES.map((role) =>
    place.kind === 'files' ? keptInFile(place.dir, role) : keptInSchema(place, role),
  );
  return all.reduce((a, b) => ({ rows: a.rows + b.rows, jobs: a.jobs + b.jobs, bytes: a.bytes + b.bytes }));
}

function keptInFile(dir: string, role: Role): Kept {
  const database = new Database(join(dir, role, `${role}.sqlite3`), { readonly: true });
  const all = <Row>(text: string) => database.prepare(text).all() as Row[];
  const tables = all<{ name: string }>("select name from sqlite_master where type = 'table'");
  const rowsOf = (name: string) => all<{ n: number }>(`select count(*) as n from ${name}`)[0]?.n ?? 0;
  const rows = tables.reduce((sum, { name }) => sum + rowsOf(name), 0);
  const jobs = rowsOf('jobs');
  const [pages] = all<{ bytes: number }>(
    'select (page_count - freelist_count) * page_size as bytes from pragma_page_count(), pragma_page_size(), pragma_freelist_count()',
  );
  database.close();
  return { rows, jobs, bytes: pages?.bytes ?? 0 };
}

function keptInSchema(place: Place & { kind: 'schemas' }, role: Role): Kept {
  const schema = `${place.name}_${role}`;
  const names = psql(place, `select tablename from pg_tables where schemaname = '${schema}'`).split('\n');
  const [rows, bytes] = ['count(*)', 'pg_total_relation_size'].map((what) => {
    const parts = names.map((name) =>
      what === 'count(*)'
        ? `(select count(*) from "${schema}"."${name}")`
        : `${what}('"${schema}"."${name}"')`,
    );
    return Number(psql(place, `select ${parts.join(' + ')}`));
  });
  const jobs = Number(psql(place, `select count(*) from "${schema}"."jobs"`));
  return { rows: rows ?? 0, jobs, bytes: bytes ?? 0 };
}

function psql({ url }: Place & { kind: 'schemas' }, command: string): string {
  const args = ['--quiet', '--tuples-only', '--no-align', '--dbname', url, '--command', command];
  const { stdout, stderr, status } = spawnSync('psql', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

const NOT_COPIED = new Set(['id', 'state_hash', 'secrets_kept', 'submission_key', 'job_key']);

/** `count` more ended applications, verifications and jobs, each a copy of one that is there, without its secrets. */
export function fill(place: Place, count: number): void {
  for (const [role, table, condition] of [
    ['sp', 'applications', "state = 'decided'"],
    ['sp', 'jobs', "state = 'done'"],
    ['pf', 'verifications', "state = 'decided'"],
    ['pf', 'jobs', "state = 'done'"],
  ] as const) {
    const columns = columnsOf(place, role, table);
    const own: Readonly<Record<string, string>> = {
      id: "'synthetic-' || n.i",
      state_hash: 'null',
      secrets_kept: '0',
      submission_key: "'synthetic-' || n.i",
      job_key: "'synthetic-' || n.i",
    };
    const values = columns.map((column) =>
      NOT_COPIED.has(column) ? own[column] : column.startsWith('sealed_') ? 'null' : `t.${column}`,
    );
    const text = `insert into ${table} (${columns.join(', ')})
      with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
      select ${values.join(', ')} from n, (select * from ${table} where ${condition} limit 1) t
      on conflict do nothing`;
    execute(place, role, text);
  }
}

function columnsOf(place: Place, role: Role, table: string): readonly string[] {
  if (place.kind === 'schemas') {
    const where = `table_schema = '${place.name}_${role}' and table_name = '${table}'`;
    return psql(place, `select column_name from information_schema.columns where ${where}`).split('\n');
  }
  const database = new Database(join(place.dir, role, `${role}.sqlite3`), { readonly: true });
  const rows = database.prepare(`select name from pragma_table_info('${table}')`).all() as { name: string }[];
  database.close();
  return rows.map(({ name }) => name);
}

function execute(place: Place, role: Role, text: string): void {
  if (place.kind === 'schemas') {
    psql(place, `set search_path = "${place.name}_${role}"; ${text}`);
    psql(place, `vacuum (analyze) "${place.name}_${role}"."${/^insert into (\w+)/.exec(text)?.[1]}"`);
    psql(place, 'checkpoint');
    return;
  }
  const database = new Database(join(place.dir, role, `${role}.sqlite3`));
  database.pragma('busy_timeout = 30000');
  // SQLite needs a WHERE between SELECT and ON CONFLICT
  database.exec(text.replace('on conflict', 'where true on conflict'));
  // or the next writer of a process would pay for it
  database.pragma('wal_checkpoint(truncate)');
  database.close();
}
