import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openConnection, type StoreConnection } from '../../../src/adapters/store/engine/connection.ts';
import { migrate } from '../../../src/adapters/store/engine/migrator.ts';
import { type Change, SharedCommits } from '../../../src/adapters/store/engine/shared-commits.ts';
import { openAuditLog } from '../../../src/adapters/store/evidence/audit-log.ts';
import { auditEvent } from '../../integration/store/records.ts';

let connection: StoreConnection;
beforeEach(async () => {
  connection = await openConnection({ dataDir: ':memory:', role: 'sp', migrations: 'run' } as never);
  await migrate(connection);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await connection.close();
});

const lease =
  (name: string): Change =>
  async (transaction) => {
    await transaction
      .insertInto('leases')
      .values({ name, owner: 'me', owned_until: 1, expires_at: 1 })
      .execute();
    return [{ ...auditEvent('application.created'), subject: name }];
  };
const refused: Change = async () => undefined;
const thrown =
  (message: string): Change =>
  async (transaction) => {
    await lease('half')(transaction);
    throw new Error(message);
  };

async function kept() {
  const leases = await connection.db.selectFrom('leases').select('name').orderBy('name').execute();
  const records = await openAuditLog({ connection }).page({ limit: 100 });
  return {
    leases: leases.map(({ name }) => name),
    audited: records.map(({ subject }) => subject).reverse(),
  };
}

describe('changes that share a commit', () => {
  it('makes those of one moment in one transaction, in their order, with one chain', async () => {
    const transactions = vi.spyOn(connection.db, 'transaction');
    const names = ['c', 'a', 'd', 'b'];
    const made = await Promise.all(names.map((name) => connection.changes.add(lease(name))));
    expect(made).toEqual([true, true, true, true]);
    expect(transactions).toHaveBeenCalledTimes(1);
    expect(await kept()).toEqual({ leases: ['a', 'b', 'c', 'd'], audited: names });
    expect((await openAuditLog({ connection }).verify()).brokenAt).toBeUndefined();
  });

  it('tells each whether it was made; one that was not to be leaves no record', async () => {
    const some = [lease('a'), refused, lease('b')].map((change) => connection.changes.add(change));
    expect(await Promise.all(some)).toEqual([true, false, true]);
    expect((await kept()).audited).toEqual(['a', 'b']);
  });

  it('takes 32 at most into one', async () => {
    const transactions = vi.spyOn(connection.db, 'transaction');
    await Promise.all(Array.from({ length: 33 }, (_, n) => connection.changes.add(lease(String(n)))));
    expect(transactions).toHaveBeenCalledTimes(2);
    expect((await kept()).leases).toHaveLength(33);
  });

  it('makes none for nobody where several may run beside each other', async () => {
    const transactions = vi.spyOn(connection.db, 'transaction');
    const changes = new SharedCommits(connection.db, 'postgres');
    const nothing: Change = async () => [];
    expect(await Promise.all([1, 2, 3].map(() => changes.add(nothing)))).toEqual([true, true, true]);
    expect(transactions).toHaveBeenCalledTimes(1);
  });

  it('lets one that throws spoil nobody else, and keeps nothing of it', async () => {
    const some = [lease('a'), thrown('mine'), lease('b'), thrown('mine too')];
    const ended = await Promise.allSettled(some.map((change) => connection.changes.add(change)));
    expect(ended).toMatchObject([
      { value: true },
      { reason: new Error('mine') },
      { value: true },
      { reason: new Error('mine too') },
    ]);
    expect(await kept()).toEqual({ leases: ['a', 'b'], audited: ['a', 'b'] });
  });

  it('makes nothing again once the commit itself failed: nobody knows whether it stayed', async () => {
    const calls: string[] = [];
    const counted = (name: string): Change => {
      return async () => {
        calls.push(name);
        return [];
      };
    };
    const real = connection.db.transaction.bind(connection.db);
    vi.spyOn(connection.db, 'transaction').mockImplementation(() => {
      const builder = real();
      const execute = builder.execute.bind(builder);
      builder.execute = async (act) => {
        await execute(act);
        throw new Error('the answer to the commit was lost');
      };
      return builder;
    });
    const ended = await Promise.allSettled(['a', 'b'].map((name) => connection.changes.add(counted(name))));
    expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(calls).toEqual(['a', 'b']);
  });

  it('tells everybody of an outage at once, and goes on after it', async () => {
    let tries = 0;
    const busy = Object.assign(new Error('locked'), { code: 'SQLITE_BUSY' });
    const fails = vi.spyOn(connection.db, 'transaction').mockImplementation(() => {
      tries += 1;
      throw busy;
    });
    const during: Change = async () => {
      throw busy;
    };
    const without = await Promise.allSettled([1, 2, 3].map(() => connection.changes.add(refused)));
    expect(without.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(tries).toBe(1);
    fails.mockRestore();
    const within = await Promise.allSettled(
      [during, lease('a')].map((change) => connection.changes.add(change)),
    );
    expect(within.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await connection.changes.add(lease('b'))).toBe(true);
    expect((await kept()).leases).toEqual(['b']);
  });
});
