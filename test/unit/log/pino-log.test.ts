import { describe, expect, it } from 'vitest';
import { createLog } from '../../../src/adapters/log/pino-log.ts';
import type { LogFields } from '../../../src/ports/log.ts';

function logged(
  act: (log: ReturnType<typeof createLog>) => void,
  level: 'debug' | 'info' | 'warn' | 'error' = 'info',
) {
  const written: string[] = [];
  act(createLog({ role: 'sp', level, destination: { write: (text: string) => void written.push(text) } }));
  const text = written.join('');
  const lines = text.split('\n').slice(0, -1);
  return { text, lines, events: lines.map((line): Record<string, unknown> => JSON.parse(line)) };
}

/** A caller that the type would have refused. */
function smuggled(fields: Record<string, unknown>): LogFields {
  return fields;
}

describe('log', () => {
  it('keeps every field of the allow-list', () => {
    const fields: Required<LogFields> = {
      ...{
        correlationId: 'c',
        tenant: 't',
        application: 'a',
        verification: 'v',
        job: 'j',
        jobName: 'verify',
      },
      ...{
        attempt: 1,
        outcome: 'valid',
        state: 'received',
        code: 'jwe.decrypt',
        row: 'result-7',
        status: 201,
        method: 'POST',
        route: '/v1/x/:id',
      },
      ...{ durationMillis: 5, count: 2, port: 8080, octets: 12_345, claims: 'address:form' },
    };
    const { events } = logged((log) => log.info('event.name', fields));
    expect(events[0]).toMatchObject({ ...fields, event: 'event.name', level: 'info' });
    expect(Object.keys(events[0] ?? {}).sort()).toEqual(
      [...Object.keys(fields), 'event', 'level', 'role', 'time'].sort(),
    );
  });

  it('no member twice: the role is the process’s own', () => {
    const { text } = logged((log) =>
      log.info('a', smuggled({ role: 'pf', event: 'b', time: 'x', level: 'y' })),
    );
    expect([...text.matchAll(/"(\w+)":/g)].map(([, name]) => name)).toEqual([
      'level',
      'time',
      'role',
      'event',
    ]);
  });

  it('drops every other field, a wrong type, and what a prototype brings', () => {
    const bad = smuggled({
      access_token: 'MARK',
      sub: 'MARK',
      msg: 'MARK',
      tenant: { name: 'MARK' },
      status: 'MARK',
      count: Number.NaN,
    });
    const inherited = smuggled(Object.create({ code: 'MARK' }));
    const { text, events } = logged((log) => {
      log.error('sweep.failed', bad);
      log.warn('b', inherited);
    });
    expect(text.includes('MARK')).toBe(false);
    expect(events.map((event) => Object.keys(event).sort())).toEqual([
      ['event', 'level', 'role', 'time'],
      ['event', 'level', 'role', 'time'],
    ]);
  });

  it('writes one line per event whatever a field holds, with nothing that drives a terminal', () => {
    const evil = 'a\r\nb\u001b[31mred\u2028c\u202ed"e\\f\x24{jndi:ldap://x}\0\ud800';
    const { lines, text, events } = logged((log) => log.info(`e\n${evil}`, { route: evil }));
    expect(lines).toHaveLength(1);
    const unsafe = /[\p{Cc}\p{Surrogate}\u2028\u2029\u202a-\u202e]/u;
    expect(unsafe.test(text.replace(/\n$/, ''))).toBe(false);
    expect(String(events[0]?.['route'])).toContain('\\u001b[31mred');
  });

  it('cuts a value at one kilobyte', () => {
    const { events } = logged((log) =>
      log.info('long', { route: '申'.repeat(100_000), state: 'x'.repeat(5_000) }),
    );
    expect(Buffer.byteLength(String(events[0]?.['route']))).toBe(1_023);
    expect(String(events[0]?.['state'])).toHaveLength(1_024);
  });

  it('is silent below its level', () => {
    expect(logged((log) => log.info('quiet'), 'warn').lines).toEqual([]);
    expect(logged((log) => log.warn('heard'), 'warn').lines).toHaveLength(1);
  });
});
