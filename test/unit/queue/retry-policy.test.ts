import { describe, expect, it } from 'vitest';
import { judgeInfo } from '../../../src/adapters/queue/redis-address.ts';
import { queueInstruction } from '../../../src/adapters/queue/retry-policy.ts';
import { ERROR_CODES, type ErrorCode, type ErrorKind } from '../../../src/core/errors.ts';

const LIMITS = { maxAttempts: 100, backoffMillis: 1_000 };
const RETRIED: readonly ErrorKind[] = [
  'temporary',
  'undecided',
  'rate-limited',
  'operator',
  'conflict',
  'internal',
];

describe('retry policy', () => {
  it('retries what waiting, another run or an operator can heal, and nothing else', () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      const { kind } = queueInstruction(code, 1, LIMITS, 0);
      expect([code, kind]).toEqual([code, RETRIED.includes(ERROR_CODES[code]) ? 'retry' : 'dead-letter']);
    }
  });

  it('doubles the back-off up to a minute, and jitter takes at most half of it', () => {
    const delay = (attempt: number, jitter: number) => {
      const instruction = queueInstruction('upstream.temporary', attempt, LIMITS, jitter);
      return instruction.kind === 'retry' ? instruction.delayMillis : undefined;
    };
    expect([1, 2, 3, 6, 7, 50].map((attempt) => delay(attempt, 0))).toEqual([
      1_000, 2_000, 4_000, 32_000, 60_000, 60_000,
    ]);
    expect([delay(1, 1), delay(7, 1)]).toEqual([500, 30_000]);
  });

  it('ends: temporary failures at the limit, our own faults after ten runs', () => {
    const kind = (code: ErrorCode, attempt: number, maxAttempts = 100) =>
      queueInstruction(code, attempt, { ...LIMITS, maxAttempts }, 0).kind;
    expect([kind('upstream.temporary', 99), kind('upstream.temporary', 100)]).toEqual([
      'retry',
      'dead-letter',
    ]);
    expect([kind('internal.unexpected', 9), kind('internal.unexpected', 10)]).toEqual([
      'retry',
      'dead-letter',
    ]);
    expect([kind('store.conflict', 2, 3), kind('store.conflict', 3, 3)]).toEqual(['retry', 'dead-letter']);
  });
});

describe('what Redis says of itself', () => {
  const info = (policy: string, role: string) =>
    `# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:${policy}\r\n\n# Replication\r\nrole:${role}\r\n`;
  const refused = (at: string) => expect.objectContaining({ code: 'queue.unavailable', at });

  it('is believed only with noeviction on a master', () => {
    expect(() => judgeInfo(info('noeviction', 'master'))).not.toThrow();
    for (const policy of ['allkeys-lru', 'volatile-ttl', 'allkeys-random', 'noeviction-not']) {
      expect(() => judgeInfo(info(policy, 'master')), policy).toThrow(refused('maxmemory-policy'));
    }
    expect(() => judgeInfo('# Memory\r\n')).toThrow(refused('maxmemory-policy'));
    expect(() => judgeInfo(info('noeviction', 'slave'))).toThrow(refused('REDIS_URL'));
  });
});
