import { createServer } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { openStore, type Store, type StoreOptions } from '../../../src/adapters/store/open-store.ts';
import { declareRestored } from '../../../src/adapters/store/upkeep/restore.ts';
import { examineStorage } from '../../../src/cli/doctor/storage.ts';
import type { JitsuinError } from '../../../src/core/errors.ts';
import { ownPostgresPrograms } from '../../faults/support/servers.ts';
import {
  canRunPgBouncer,
  type FieldPostgres,
  makeFieldPostgres,
  makePgBouncer,
  type Pooler,
} from '../../support/field-postgres.ts';
import { notRunUnless } from '../../support/not-run.ts';
import { freePorts } from '../../support/ports.ts';
import { until } from '../queue/harness.ts';
import { storeBehaviour } from './behaviour.ts';
import { type StoreHarness, sqliteHarness } from './harness.ts';
import { auditEvent, verification } from './records.ts';

const programs = ownPostgresPrograms();
if (programs === undefined)
  notRunUnless('JITSUIN_REQUIRE_SERVERS', 'PostgreSQL as a DBA gives it', 'no initdb to run');
const poolerThere = canRunPgBouncer();
if (!poolerThere)
  notRunUnless('JITSUIN_REQUIRE_SERVERS', 'PgBouncer in transaction mode', 'apt-get install pgbouncer');

/** Left by each case as it was found. */
interface Fault {
  readonly what: string;
  /** The URL to open, once the fault is made. */
  readonly make: (server: FieldPostgres) => string | Promise<string>;
  readonly undo?: (server: FieldPostgres) => void;
  readonly says: RegExp;
  readonly code?: string;
}

const OWNER = 'owner:r%23ght';
const closing: (() => void)[] = [];

const FAULTS: readonly Fault[] = [
  {
    what: 'a wrong password',
    make: (server) => server.url('owner:wrong', 'field'),
    says: /refuses the user or the password/,
  },
  { what: 'no password', make: (server) => server.url('owner', 'field'), says: /wants a password/ },
  {
    what: 'a user who may not log in',
    make: (server) => server.url('nologin:r%23ght', 'field'),
    says: /does not know the user|may not log in/,
  },
  {
    what: 'a user that is not there, where the rule trusts',
    make: (server) => server.url('trusted_nobody', 'field'),
    says: /does not know the user/,
  },
  {
    what: 'a database that is not there',
    make: (server) => server.url(OWNER, 'nowhere'),
    says: /no such database/,
  },
  {
    what: 'no right to connect',
    make: (server) => server.url(OWNER, 'closed_to_us'),
    says: /GRANT CONNECT/,
  },
  {
    what: 'a database that takes nobody in',
    make: (server) => {
      server.psql('postgres', 'alter database shut allow_connections false');
      return server.url(OWNER, 'shut');
    },
    says: /ALLOW_CONNECTIONS/,
  },
  {
    what: 'a rule that wants TLS',
    make: (server) => server.url('only_tls:r%23ght', 'field', 'sslmode=disable'),
    says: /pg_hba.conf.*wants TLS/,
  },
  {
    what: 'TLS of a CA that nobody knows',
    make: (server) => server.url(OWNER, 'field', 'sslmode=verify-full'),
    says: /CA that is not trusted here: add sslrootcert/,
  },
  {
    what: 'TLS that names another host',
    make: (server) =>
      server
        .url(OWNER, 'field', `sslmode=verify-full&sslrootcert=${server.caFile}`)
        .replace('localhost', '127.0.0.1'),
    says: /names another host/,
  },
  {
    what: 'a CA file that is not there',
    make: (server) => server.url(OWNER, 'field', 'sslmode=verify-full&sslrootcert=/no/such/file'),
    says: /sslrootcert.*cannot be read/,
  },
  {
    what: 'a server without TLS',
    make: async () => {
      const plain = await makeFieldPostgres({ programs: programs ?? '' });
      closing.push(plain.close);
      return plain.url('postgres', 'postgres', 'sslmode=verify-full');
    },
    says: /speaks without/,
  },
  {
    what: 'a port at which nothing listens',
    make: async () => `postgres://owner:x@127.0.0.1:${(await freePorts(1))[0]}/field`,
    says: /Nothing listens/,
  },
  {
    what: 'a host name that is not known',
    make: () => 'postgres://owner:x@no-such-host.invalid/field',
    says: /host name/,
  },
  {
    what: 'something else that listens there',
    make: async () => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      });
      const [port = 0] = await freePorts(1);
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      closing.push(() => server.close());
      return `postgres://owner:x@127.0.0.1:${port}/field`;
    },
    says: /something else than PostgreSQL|broke off/,
  },
  {
    what: 'something that takes the connection and is silent',
    make: async () => {
      const server = createServer((socket) => void socket.on('error', () => undefined));
      const [port = 0] = await freePorts(1);
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      closing.push(() => server.close());
      return `postgres://owner:x@127.0.0.1:${port}/field`;
    },
    says: /does not answer/,
  },
  { what: 'EUC_JP', make: (server) => server.url(OWNER, 'euc'), says: /encoding EUC_JP.*ENCODING UTF8/ },
  { what: 'SQL_ASCII', make: (server) => server.url(OWNER, 'ascii'), says: /encoding SQL_ASCII/ },
  {
    what: 'a read-only database',
    make: (server) => {
      server.psql('postgres', 'alter database field set default_transaction_read_only = on');
      return server.url(OWNER, 'field');
    },
    undo: (server) =>
      void server.psql('postgres', 'alter database field reset default_transaction_read_only'),
    says: /read-only \(default_transaction_read_only\)/,
  },
  {
    what: 'no connection left',
    make: (server) => {
      server.psql('postgres', 'alter role owner connection limit 0');
      return server.url(OWNER, 'field');
    },
    undo: (server) => void server.psql('postgres', 'alter role owner connection limit -1'),
    says: /no connection left.*CONNECTION LIMIT/,
  },
  {
    what: 'no right to use the schema',
    make: (server) => server.url('stranger:r%23ght', 'field'),
    says: /may not use the schema made_before: GRANT USAGE/,
  },
  {
    what: 'a right that lacks on one table',
    make: (server) => {
      server.psql('field', 'revoke update on made_before.jobs from owner');
      return server.url(OWNER, 'field');
    },
    undo: (server) => void server.psql('field', 'grant update on made_before.jobs to owner'),
    says: /lacks UPDATE on made_before\.jobs/,
  },
  {
    what: 'several hosts and a word that libpq has and we have no use for',
    make: (server) => `postgres://${OWNER}@localhost:${server.port}/field?target_session_attrs=standby`,
    says: /target_session_attrs/,
    code: 'config.invalid',
  },
  {
    what: 'a schema that nobody has migrated',
    make: (server) => server.url(OWNER, 'empty'),
    says: /run "jitsuin migrate"/,
    code: 'store.migration',
  },
];

describe.skipIf(programs === undefined)('PostgreSQL as a DBA gives it', { timeout: 120_000 }, () => {
  let server: FieldPostgres;
  let place: StoreHarness;
  const options = (databaseUrl: string, more: Partial<StoreOptions> = {}): StoreOptions => ({
    ...{ databaseUrl, schema: 'made_before', role: 'pf', clock: systemClock, poolSize: 4 },
    ...{ sealer: openFileSealer(place.keyFile), ...more },
  });

  beforeAll(async () => {
    const rules = ['hostssl all only_tls all scram-sha-256', 'host all only_tls all reject'];
    server = await makeFieldPostgres({
      programs: programs ?? '',
      tls: true,
      rules: [...rules, 'host all trusted_nobody all trust'],
      settings: ['max_connections=60'],
    });
    place = sqliteHarness();
    for (const role of ['owner', 'stranger', 'only_tls', 'nologin']) {
      server.psql(
        'postgres',
        `create role ${role} ${role === 'nologin' ? 'nologin' : 'login'} password 'r#ght'`,
      );
    }
    for (const name of ['field', 'closed_to_us', 'shut', 'empty']) {
      server.psql('postgres', `create database ${name} template template0 encoding 'UTF8'`);
    }
    server.psql('postgres', `create database euc template template0 encoding 'EUC_JP' locale 'C'`);
    server.psql('postgres', `create database ascii template template0 encoding 'SQL_ASCII' locale 'C'`);
    server.psql('postgres', 'revoke connect on database closed_to_us from public');
    for (const name of ['field', 'empty', 'euc', 'ascii']) {
      // the DBA makes the schema; the role may make nothing else
      server.psql('postgres', `revoke create on database ${name} from public`);
      server.psql(name, 'create schema made_before authorization owner');
    }
    const store = await openStore(options(server.url(OWNER, 'field'), { migrations: 'migrate' }));
    await store.close();
  }, 120_000);
  afterAll(async () => {
    for (const close of closing) close();
    server.close();
    await place.end();
  });

  it.each(FAULTS)(
    '$what: start and doctor say which it is',
    async ({ make, undo, says, code = 'store.unavailable' }) => {
      const url = await make(server);
      try {
        const schema = 'made_before';
        const [start, findings] = await Promise.all([
          openStore(options(url)).then(
            async (store) => {
              await store.close();
              return undefined;
            },
            (thrown: unknown) => thrown,
          ),
          examineStorage('pf', {
            ...{
              dataDir: place.folder,
              databaseUrl: url,
              databaseSchema: schema,
              sealKeyFile: place.keyFile,
            },
          }),
        ]);
        expect(start).toMatchObject({ code, message: expect.stringMatching(says) });
        const store = findings.find(({ check }) => check === 'store');
        expect(store).toMatchObject({ state: 'failed', code, says: expect.stringMatching(says) });
        expect(store?.advice).toBeTruthy();
        expect(`${JSON.stringify(findings)} ${start}`).not.toMatch(/r#ght|r%23ght|wrong@|:wrong/);
      } finally {
        undo?.(server);
      }
    },
  );

  it('a schema made beforehand, a role that may make none, another name than public: migrates and works', async () => {
    const store = await openStore(options(server.url(OWNER, 'field')));
    await store.verifications.insert(verification('made before'), { jobs: [], audit: [auditEvent('made')] });
    await store.trial();
    expect(store.server).toMatchObject({ tls: false, pooler: false });
    await store.close();
    expect(server.psql('field', 'select count(*) from made_before.verifications').trim()).toBe('1');
    expect(server.psql('field', `select count(*) from pg_tables where schemaname = 'public'`).trim()).toBe(
      '0',
    );
    expect(
      server.psql('field', `select count(*) from made_before.store_marks where name like 'trial%'`).trim(),
    ).toBe('0');
  });

  it('migrate says which right it lacks in a schema where it may not make tables', async () => {
    server.psql(
      'empty',
      'revoke create on schema made_before from owner; alter schema made_before owner to postgres',
    );
    server.psql('empty', 'grant usage on schema made_before to owner');
    await expect(
      openStore(options(server.url(OWNER, 'empty'), { migrations: 'migrate' })),
    ).rejects.toMatchObject({
      code: 'store.unavailable',
      message: expect.stringMatching(/lacks a right in the schema.*GRANT USAGE, CREATE/),
    });
  });

  it('TLS with a CA of its own', async () => {
    const url = server.url('only_tls:r%23ght', 'field', `sslmode=verify-full&sslrootcert=${server.caFile}`);
    server.psql('field', 'grant owner to only_tls');
    const store = await openStore(options(url));
    expect(store.server?.tls).toBe(true);
    await store.close();
  });

  it('a statement that the server cuts is an outage that says so, and the next goes on', async () => {
    const store = await openStore(options(server.url(OWNER, 'field')));
    await expect(
      sql`set statement_timeout = 20; select pg_sleep(5)`.execute(store.kysely),
    ).rejects.toMatchObject({
      code: '57014',
    });
    await store.trial();
    await store.close();
  });

  it('several hosts: the one that writes is found, and the promoted one after it', async () => {
    const first = await makeFieldPostgres({ programs: programs ?? '', settings: ['wal_level=replica'] });
    closing.push(first.close);
    first.psql('postgres', `create role owner login superuser password 'r#ght'`);
    const second = await first.standby();
    closing.push(second.close);
    await expect(openStore(options(second.url(OWNER, 'postgres')))).rejects.toMatchObject({
      message: expect.stringMatching(/names a replica/),
    });
    const url = `postgres://${OWNER}@127.0.0.1:${second.port},127.0.0.1:${first.port}/postgres`;
    const store = await openStore(options(url, { migrations: 'migrate' }));
    await store.verifications.insert(verification('before'), { jobs: [], audit: [auditEvent('before')] });
    for (let tries = 0; tries < 200; tries += 1) {
      const seen = second
        .psql('postgres', `select to_regclass('made_before.verifications') is not null`)
        .trim();
      if (
        seen === 't' &&
        second.psql('postgres', 'select count(*) from made_before.verifications').trim() === '1'
      )
        break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    first.stop('immediate');
    second.promote();
    // those whose connection broke fail once; after that the other host is asked
    for (let tries = 0; tries < 20; tries += 1) {
      if (
        await store.trial().then(
          () => true,
          () => false,
        )
      )
        break;
    }
    await store.verifications.insert(verification('after'), { jobs: [], audit: [auditEvent('after')] });
    await store.close();
    expect(second.psql('postgres', 'select count(*) from made_before.verifications').trim()).toBe('2');
    await expect(
      openStore(options(`postgres://${OWNER}@127.0.0.1:${first.port},127.0.0.1:${first.port}/postgres`)),
    ).rejects.toMatchObject({ message: expect.stringMatching(/Nothing listens/) });
  });

  it('a failover that lost commits: each live pf notices, nobody new starts, the drill opens the store', async () => {
    const first = await makeFieldPostgres({ programs: programs ?? '', settings: ['wal_level=replica'] });
    closing.push(first.close);
    first.psql('postgres', `create role owner login superuser password 'r#ght'`);
    const second = await first.standby();
    closing.push(second.close);
    const url = `postgres://${OWNER}@127.0.0.1:${first.port},127.0.0.1:${second.port}/postgres`;
    const store = await openStore(options(url, { migrations: 'migrate' }));
    const idle = await openStore(options(url));
    await store.verifications.insert(verification('kept'), { jobs: [], audit: [auditEvent('kept')] });
    const there = () => second.psql('postgres', 'select count(*) from made_before.verifications').trim();
    await until(() => there() === '1');
    // from here on the standby gets nothing more, as when the way to it is cut
    second.psql('postgres', `alter system set primary_conninfo = ''`);
    second.psql('postgres', 'select pg_reload_conf()');
    await until(() => second.psql('postgres', 'select count(*) from pg_stat_wal_receiver').trim() === '0');
    await store.verifications.insert(verification('lost'), { jobs: [], audit: [auditEvent('lost')] });
    first.stop('immediate');
    second.promote();
    const wentBack = { code: 'store.went-back', message: expect.stringMatching(/Audit record 2 of chain/) };
    const outcome = (one: Store) => one.trial().then(String, (thrown: JitsuinError) => thrown.code);
    await until(async () => (await outcome(store)) === 'store.went-back');
    await expect(
      store.verifications.insert(verification('after'), { jobs: [], audit: [auditEvent('after')] }),
    ).rejects.toMatchObject(wentBack);
    await until(async () => (await outcome(idle)) === 'store.went-back');
    await Promise.all([store.close(), idle.close()]);
    expect(there()).toBe('1');
    await expect(openStore(options(url))).rejects.toMatchObject({
      ...{ code: 'store.went-back', message: expect.stringMatching(/jitsuin store restored/) },
    });
    const drill = await openStore(options(url, { putBack: 'accepted' }));
    await declareRestored(drill, { now: systemClock.now(), ended: 0, keys: 'any' });
    await drill.close();
    const again = await openStore(options(url));
    await again.trial();
    await again.verifications.insert(verification('after'), { jobs: [], audit: [auditEvent('after')] });
    expect(await again.audit.verify()).not.toHaveProperty('brokenAt');
    await again.close();
  });

  it('a failover that lost nothing: the live process goes on and vouches for it; who comes alone asks first', async () => {
    const first = await makeFieldPostgres({ programs: programs ?? '', settings: ['wal_level=replica'] });
    closing.push(first.close);
    first.psql('postgres', `create role owner login superuser password 'r#ght'`);
    const second = await first.standby();
    closing.push(second.close);
    const url = `postgres://${OWNER}@127.0.0.1:${first.port},127.0.0.1:${second.port}/postgres`;
    const store = await openStore(options(url, { migrations: 'migrate' }));
    await store.verifications.insert(verification('kept'), { jobs: [], audit: [auditEvent('kept')] });
    const there = () => second.psql('postgres', 'select count(*) from made_before.verifications').trim();
    await until(() => there() === '1');
    first.stop('fast');
    second.promote();
    await expect(openStore(options(url))).rejects.toMatchObject({
      ...{ code: 'store.went-back', message: expect.stringMatching(/timeline 00000001, now 00000002/) },
    });
    const sp = openStore(options(url, { role: 'sp' }));
    await (await sp).close();
    await until(() =>
      store.trial().then(
        () => true,
        () => false,
      ),
    );
    const other = await openStore(options(url));
    await other.trial();
    await Promise.all([store.close(), other.close()]);
  });

  describe.skipIf(!poolerThere)('behind PgBouncer in transaction mode', () => {
    let pooler: Pooler;
    let made = 0;
    beforeAll(async () => {
      server.psql('postgres', `alter role owner createdb; grant create on database field to owner`);
      pooler = await makePgBouncer(server, { owner: 'r#ght', wrongly: 'x' });
    });
    afterAll(() => pooler.close());
    const url = (account: string, database = 'field') =>
      `postgres://${account}@127.0.0.1:${pooler.port}/${database}`;

    it('says what it is', async () => {
      const store = await openStore(options(url(OWNER)));
      expect(store.server).toMatchObject({ pooler: true });
      await store.close();
    });

    it.each([
      ['a wrong password', 'owner:wrong', 'field', /refuses the user or the password/],
      ['a user that it does not know', 'unknown:x', 'field', /refuses the user or the password/],
      ['a database that it does not know', OWNER, 'nowhere', /no such database/],
    ] as const)('%s', async (_what, account, database, says) => {
      await expect(openStore(options(url(account, database)))).rejects.toMatchObject({
        code: 'store.unavailable',
        message: expect.stringMatching(says),
      });
    });

    const harness = (): StoreHarness => {
      const base = sqliteHarness();
      made += 1;
      const schema = `pooled_${made}`;
      const open = (overrides?: Partial<StoreOptions>) =>
        openStore({
          ...{ databaseUrl: url(OWNER), schema, role: 'gov', migrations: 'migrate', poolSize: 4 },
          ...{ sealer: openFileSealer(base.keyFile), clock: base.clock, ...overrides },
        });
      return {
        ...{ engine: 'postgres', folder: base.folder, keyFile: base.keyFile, clock: base.clock },
        get childEnv() {
          return { CHILD_DATABASE_URL: url(OWNER), CHILD_SCHEMA: schema, CHILD_KEY_FILE: base.keyFile };
        },
        open,
        fresh: harness,
        bytes: async () =>
          Buffer.from(server.psql('field', `select string_agg(t::text, '') from ${schema}.applications t`)),
        end: async () => {
          server.psql('field', `drop schema if exists ${schema} cascade`);
          await base.end();
        },
      };
    };
    storeBehaviour('PgBouncer in transaction mode', harness);
  });
});
