import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from './certificates.ts';
import { freePorts } from './ports.ts';

/** A PostgreSQL as a DBA sets one up: passwords, TLS with a CA of its own, rules by user. All of a test file's own. */
export interface FieldPostgres {
  readonly port: number;
  readonly folder: string;
  /** PEM file of the CA that signed the server's certificate for `localhost`. */
  readonly caFile: string;
  /** `user:password` before the host, `host:port`, the database and what follows `?`. */
  url(account: string, database: string, query?: string): string;
  /** As the superuser; text output without heads. */
  psql(database: string, statement: string): string;
  stop(mode?: 'fast' | 'immediate'): void;
  /** A standby of this one, streaming. */
  standby(): Promise<FieldPostgres>;
  promote(): void;
  close(): void;
}

export interface FieldOptions {
  readonly programs: string;
  /** Lines of pg_hba.conf before `host all all 127.0.0.1/32 scram-sha-256`. */
  readonly rules?: readonly string[];
  readonly tls?: boolean;
  readonly settings?: readonly string[];
}

const ROOT = process.getuid?.() === 0;

function asServer(program: string, args: readonly string[]): string {
  const [command, all] = ROOT
    ? ['runuser', ['-u', 'postgres', '--', program, ...args]]
    : [program, [...args]];
  const ran = spawnSync(command, all, {
    encoding: 'utf8',
    cwd: '/tmp',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (ran.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${ran.stderr}${ran.stdout}`);
  return ran.stdout;
}

export async function makeFieldPostgres(options: FieldOptions): Promise<FieldPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-field-'));
  chmodSync(folder, 0o755);
  const data = join(folder, 'data');
  mkdirSync(data);
  if (options.tls) makeCertificates(folder);
  if (ROOT) spawnSync('chown', ['-R', 'postgres', folder]);
  const bin = (program: string) => join(options.programs, program);
  asServer(bin('initdb'), [
    '-D',
    data,
    '-U',
    'postgres',
    '--auth=trust',
    '--no-sync',
    '-E',
    'UTF8',
    '--locale=C',
  ]);
  const rules = ['local all all trust', ...(options.rules ?? []), 'host all all 127.0.0.1/32 scram-sha-256'];
  writeFileSync(
    join(data, 'pg_hba.conf'),
    `${[...rules, 'host replication all 127.0.0.1/32 trust'].join('\n')}\n`,
  );
  const tls = options.tls
    ? ['ssl=on', `ssl_cert_file=${join(folder, 'server.pem')}`, `ssl_key_file=${join(folder, 'server.key')}`]
    : [];
  return started(options, folder, data, [...tls, ...(options.settings ?? [])]);
}

async function started(
  options: FieldOptions,
  folder: string,
  data: string,
  settings: readonly string[],
): Promise<FieldPostgres> {
  const [port = 0] = await freePorts(1);
  const bin = (program: string) => join(options.programs, program);
  const all = ['fsync=off', 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, ...settings];
  const words = [`-p ${port}`, ...all.map((setting) => `-c ${setting}`)].join(' ');
  asServer(bin('pg_ctl'), ['-D', data, '-w', '-s', '-l', join(folder, 'log'), '-o', words, 'start']);
  let running = true;
  const self: FieldPostgres = {
    ...{ port, folder, caFile: join(folder, 'ca.pem') },
    url: (account, database, query = '') =>
      `postgres://${account}@localhost:${port}/${database}${query === '' ? '' : `?${query}`}`,
    psql: (database, statement) =>
      asServer(bin('psql'), [
        '-qAtX',
        '-h',
        folder,
        '-p',
        `${port}`,
        '-U',
        'postgres',
        '-d',
        database,
        '-c',
        statement,
      ]),
    stop: (mode = 'fast') => {
      if (running) asServer(bin('pg_ctl'), ['-D', data, '-w', '-s', '-m', mode, 'stop']);
      running = false;
    },
    standby: async () => {
      const other = mkdtempSync(join(tmpdir(), 'jitsuin-standby-'));
      chmodSync(other, 0o755);
      if (ROOT) spawnSync('chown', ['postgres', other]);
      const copy = join(other, 'data');
      const from = ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'postgres'];
      asServer(bin('pg_basebackup'), [...from, '-D', copy, '-R', '-X', 'stream', '-c', 'fast', '--no-sync']);
      return started(options, other, copy, settings);
    },
    promote: () => void asServer(bin('pg_ctl'), ['-D', data, '-w', '-s', 'promote']),
    close: () => {
      self.stop('immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return self;
}

export interface Pooler {
  readonly port: number;
  close(): void;
}

/** A PgBouncer that lends its few sessions for one transaction each. */
export async function makePgBouncer(
  { port: behind }: { readonly port: number },
  users: Readonly<Record<string, string>>,
): Promise<Pooler> {
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-pooler-'));
  chmodSync(folder, 0o755);
  const list = Object.entries(users).map(([name, password]) => `"${name}" "${password}"`);
  writeFileSync(join(folder, 'users'), `${list.join('\n')}\n`);
  const lines = ['[databases]', `field = host=127.0.0.1 port=${behind} dbname=field`, '[pgbouncer]'];
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    pool_mode: 'transaction',
  };
  const more = { auth_type: 'scram-sha-256', auth_file: join(folder, 'users'), default_pool_size: 3 };
  const where = { logfile: join(folder, 'log'), pidfile: join(folder, 'pid') };
  const words = Object.entries({ ...settings, ...more, ...where }).map(
    ([name, value]) => `${name} = ${value}`,
  );
  writeFileSync(join(folder, 'ini'), `${[...lines, ...words].join('\n')}\n`);
  if (ROOT) spawnSync('chown', ['-R', 'postgres', folder]);
  const command = ['pgbouncer', join(folder, 'ini')];
  const child: ChildProcess = ROOT
    ? spawn('runuser', ['-u', 'postgres', '--', ...command], { stdio: 'ignore', detached: true })
    : spawn('pgbouncer', command.slice(1), { stdio: 'ignore' });
  for (let tries = 0; tries < 200; tries += 1) {
    if (spawnSync('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]).status === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return {
    port,
    close: () => {
      const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
      if (pid > 0) process.kill(pid, 'SIGKILL');
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether a PgBouncer can be started here. */
export function canRunPgBouncer(): boolean {
  return spawnSync('pgbouncer', ['--version']).status === 0;
}
