import { describe, expect, it } from 'vitest';
import { systemRandom, uuidV7 } from '../../../src/adapters/random.ts';
import { checkedParameters, plainRow } from '../../../src/adapters/store/engine/engine-values.ts';
import { parseInt8 } from '../../../src/adapters/store/engine/postgres-pool.ts';
import { storeError } from '../../../src/adapters/store/engine/store-errors.ts';
import { storageConfig } from '../../../src/config/storage.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('values of both engines', () => {
  it('lets through what both engines keep unchanged', () => {
    const values = [
      '髙\u{20BB7}葛\u{E0100}\ue000',
      '',
      0,
      -1,
      Number.MAX_SAFE_INTEGER,
      5n,
      null,
      new Uint8Array([0]),
    ];
    expect(checkedParameters(values)).toEqual(values);
  });

  it.each(['a\0', '\ud800', 'x\udc00y', '\ude00\ud83d'])('refuses the text %j', (text) => {
    expect(() => checkedParameters([text])).toThrow(code('store.value'));
  });

  it.each([true, undefined, 1.5, Number.NaN, 2 ** 53, {}, [], new Date(), () => 1])(
    'refuses the value %s',
    (value) => {
      expect(() => checkedParameters([value])).toThrow(code('internal.unexpected'));
    },
  );

  it('gives octets back as Uint8Array', () => {
    const row = plainRow({ a: new Uint8Array([1, 2]).buffer, b: Buffer.from([3]), c: 'x', d: null });
    expect(row).toEqual({ a: new Uint8Array([1, 2]), b: new Uint8Array([3]), c: 'x', d: null });
  });

  it('reads int8 as a number and refuses to round', () => {
    expect(parseInt8('1800000000000')).toBe(1_800_000_000_000);
    expect(() => parseInt8('9007199254740993')).toThrow(code('internal.unexpected'));
  });
});

describe('errors of the engines', () => {
  const failing = (engineCode: string, message = 'with a VALUE in it') =>
    Object.assign(new Error(message), { code: engineCode });

  it.each([
    ['SQLITE_FULL', 'store.full'],
    ['53100', 'store.full'],
    ['SQLITE_CONSTRAINT_UNIQUE', 'store.conflict'],
    ['23505', 'store.conflict'],
    ['SQLITE_BUSY', 'store.unavailable'],
    ['SQLITE_IOERR_WRITE', 'store.unavailable'],
    ['ECONNREFUSED', 'store.unavailable'],
    ['57P01', 'store.unavailable'],
    ['40P01', 'store.unavailable'],
    ['08006', 'store.unavailable'],
    ['53300', 'store.unavailable'],
    ['42P01', 'store.migration'],
    ['42601', 'internal.unexpected'],
    ['SQLITE_ERROR', 'internal.unexpected'],
  ])('%s is %s, without what the engine said', (engineCode, expected) => {
    const error = storeError(failing(engineCode));
    expect(error.code).toBe(expected);
    expect(`${error.message}${String(error.cause)}`).not.toContain('VALUE');
    expect(String(error.cause)).toContain(engineCode);
  });

  it('knows a lost connection by its words, and keeps an error of ours', () => {
    expect(storeError(new Error('Connection terminated unexpectedly')).code).toBe('store.unavailable');
    expect(storeError(new AggregateError([failing('ECONNREFUSED')])).code).toBe('store.unavailable');
    const ours = new JitsuinError('seal.integrity', 'x');
    expect(storeError(ours)).toBe(ours);
  });
});

describe('storage configuration', () => {
  it('is embedded without URLs and outgrown with them', () => {
    expect(storageConfig({ JITSUIN_DATA_DIR: '/d' }, 'pf')).toEqual({
      role: 'pf',
      dataDir: '/d',
      sealKeyFile: '/d/pf.seal-key.json',
    });
    const env = {
      DATABASE_URL: 'postgresql://h/d',
      REDIS_URL: 'rediss://h',
      JITSUIN_SEAL_KEY_FILE: '/k',
      JITSUIN_DATA_DIR: '/d',
    };
    expect(storageConfig(env, 'sp')).toEqual({
      ...{ role: 'sp', dataDir: '/d', sealKeyFile: '/k' },
      ...{ databaseUrl: 'postgresql://h/d', redisUrl: 'rediss://h' },
    });
  });

  it.each([{ DATABASE_URL: 'mysql://secret@h' }, { DATABASE_URL: 'secret' }, { REDIS_URL: 'http://secret' }])(
    'refuses %j and names the variable, not its value',
    (env) => {
      const [name] = Object.keys(env);
      const act = () => storageConfig(env, 'sp');
      expect(act).toThrow(expect.objectContaining({ code: 'config.invalid', at: name }));
      expect(act).toThrow(expect.not.objectContaining({ message: expect.stringContaining('secret') }));
    },
  );
});

describe('ids', () => {
  it('are UUIDv7 of the clock', () => {
    const id = uuidV7(0x0123456789ab, 0xabc, new Uint8Array(8).fill(0xff));
    expect(id).toBe('01234567-89ab-7abc-bfff-ffffffffffff');
  });

  it('sort in the order of their making, over a clock that stands or goes back', () => {
    let now = 1_800_000_000_000;
    const random = systemRandom({ now: () => now as EpochMillis });
    const ids = Array.from({ length: 10_000 }, (_, n) => {
      if (n % 1_000 === 999) now -= 5;
      return random.id();
    });
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(10_000);
  });
});
