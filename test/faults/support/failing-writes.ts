import Database from 'libsql';

/** Makes the n-th statement that writes fail, as a disk would; in this process, for every store. */
export interface FailingWrites {
  /** The n-th write or commit from now fails; 0: none. */
  arm(n: number): void;
  /** True when it did. */
  readonly struck: boolean;
  restore(): void;
}

const WRITES = /^\s*(?:insert|update|delete|commit)\b/i;

export function failingWrites(): FailingWrites {
  const real = Database.prototype.prepare;
  const state = { left: 0, struck: false };
  Database.prototype.prepare = function prepare(this: Database.Database, sql: string) {
    const statement = real.call(this, sql);
    if (!WRITES.test(sql)) return statement;
    for (const name of ['run', 'all']) {
      const act: unknown = Reflect.get(statement, name);
      if (typeof act !== 'function') throw new Error(`libsql has no ${name}`);
      Reflect.set(statement, name, (...parameters: unknown[]): unknown => {
        if (state.left > 0) {
          state.left -= 1;
          if (state.left === 0) fail(state);
        }
        return Reflect.apply(act, statement, parameters);
      });
    }
    return statement;
  } as typeof real;
  return {
    arm: (n) => {
      state.left = n;
      state.struck = false;
    },
    get struck() {
      return state.struck;
    },
    restore: () => {
      Database.prototype.prepare = real;
    },
  };
}

function fail(state: { struck: boolean }): never {
  state.struck = true;
  throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' });
}
