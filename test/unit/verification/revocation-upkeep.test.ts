import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/core/encoding.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import type { RevocationSource } from '../../../src/ports/revocation-source.ts';
import { clockIsOff } from '../../../src/verification/revocation/clock-watch.ts';
import { newestCrls } from '../../../src/verification/revocation/newest-crls.ts';
import { createResponderCache } from '../../../src/verification/revocation/responder-cache.ts';
import { fetchRevocationData } from '../../../src/verification/revocation/revocation-data.ts';
import { createRevocationWatch } from '../../../src/verification/revocation/revocation-watch.ts';
import type {
  RevocationResult,
  VerifiedResponder,
} from '../../../src/verifier/revocation/revocation-types.ts';
import type { RevocationNeed } from '../../../src/verifier/validation-types.ts';
import { FakeClock, FakeLog } from '../../support/fakes.ts';

const NO_MARKS = { get: async () => undefined, raise: async () => undefined };

const DAY = 86_400_000;
const point = (n: number) => Uint8Array.of(n >> 16, (n >> 8) & 255, n & 255);

describe('how far two clocks may differ', () => {
  const off = (offset: number | undefined, clockTolerance = 100) =>
    clockIsOff({ revocation: { clockOffset: () => offset }, clockTolerance });
  it.each([
    [0, false],
    [100, false],
    [-100, false],
    [101, true],
    [-101, true],
    [undefined, false],
  ])('%s ms: off %s', (offset, expected) => expect(off(offset)).toBe(expected));
  it('a source that tells none is believed', () =>
    expect(clockIsOff({ revocation: {}, clockTolerance: 0 })).toBe(false));
});

describe('what the sources are asked', () => {
  const certificate = { authorityKeyIdentifier: { keyIdentifier: Uint8Array.of(9) } };
  const crlNeed = { method: 'CRL', certificate, distributionPoints: [point(1), point(2)] };
  const ocspNeed = {
    method: 'OCSP',
    certificate,
    distributionPoints: [point(1)],
    ocspRequest: Uint8Array.of(7),
  };
  const needs = (...all: object[]) => all as unknown as readonly RevocationNeed[];
  function asker(answer: (octets: Uint8Array) => Uint8Array) {
    const asked: unknown[][] = [];
    const log = new FakeLog();
    const revocation: RevocationSource = {
      ocsp: async (request) => {
        asked.push(['ocsp', request]);
        return answer(request);
      },
      crl: async (name, key) => {
        asked.push(['crl', name, key]);
        return answer(name);
      },
    };
    return { asker: { revocation, log }, asked, log };
  }

  it('each need its own, in its order', async () => {
    const { asker: ports, asked } = asker((octets) => octets);
    const data = await fetchRevocationData(ports, needs(crlNeed, ocspNeed));
    expect(data).toEqual([
      { crls: [point(1), point(2)], ocsp: [] },
      { crls: [], ocsp: [Uint8Array.of(7)] },
    ]);
    expect(asked).toEqual([
      ['crl', point(1), Uint8Array.of(9)],
      ['crl', point(2), Uint8Array.of(9)],
      ['ocsp', Uint8Array.of(7)],
    ]);
  });

  it('what cannot be had is not there, and the others are', async () => {
    const cause = new JitsuinError('upstream.temporary', '');
    const { asker: ports, log } = asker((octets) => {
      if (octets[2] === 1) throw new JitsuinError('revocation.unavailable', '', { cause });
      if (octets[0] === 7) throw new JitsuinError('revocation.unavailable', '');
      return octets;
    });
    const { ocspRequest: _none, ...questionless } = ocspNeed;
    expect(await fetchRevocationData(ports, needs(crlNeed, ocspNeed, questionless))).toEqual([
      { crls: [point(2)], ocsp: [] },
      { crls: [], ocsp: [] },
      { crls: [], ocsp: [] },
    ]);
    const line = (code: string) => ({ level: 'warn', event: 'revocation.unavailable', fields: { code } });
    expect(log.lines).toEqual([line('upstream.temporary'), line('revocation.unavailable')]);
  });

  it('without a source there is nothing; another failure is thrown', async () => {
    const log = new FakeLog();
    const nothing = [
      { crls: [], ocsp: [] },
      { crls: [], ocsp: [] },
    ];
    expect(await fetchRevocationData({ revocation: {}, log }, needs(crlNeed, ocspNeed))).toEqual(nothing);
    expect(log.lines).toEqual([]);
    const { asker: ports } = asker(() => {
      throw new JitsuinError('store.unavailable', '');
    });
    await expect(fetchRevocationData(ports, needs(crlNeed))).rejects.toMatchObject({
      code: 'store.unavailable',
    });
  });
});

describe('the responders that were verified once', () => {
  const responder = {} as VerifiedResponder;
  it.each([
    [2, ['b', 'c']],
    [3, ['a', 'b', 'c']],
  ])('of at most %d the newest stay', (limit, left) => {
    const cache = createResponderCache(limit);
    for (const key of ['a', 'b', 'c']) cache.set(key, responder);
    expect(['a', 'b', 'c'].filter((key) => cache.get(key) !== undefined)).toEqual(left);
  });

  it('one that is set again takes nobody’s place', () => {
    const cache = createResponderCache(2);
    for (const key of ['a', 'b', 'b', 'a']) cache.set(key, responder);
    expect([cache.get('a'), cache.get('b')]).toEqual([responder, responder]);
  });

  it('are a hundred where nothing is said', () => {
    const cache = createResponderCache();
    for (let n = 0; n <= 100; n += 1) cache.set(String(n), responder);
    expect([cache.get('0'), cache.get('1'), cache.get('100')]).toEqual([undefined, responder, responder]);
  });
});

describe('the watch over the newest lists', () => {
  const NOW = new FakeClock().millis;
  const result = (thisUpdate: number, nextUpdate: number | undefined, change: object = {}) =>
    ({
      status: 'good',
      source: { method: 'CRL', thisUpdate, ...(nextUpdate === undefined ? {} : { nextUpdate }) },
      ...change,
    }) as RevocationResult;
  const need = (n: number) => ({ distributionPoints: [point(n)] }) as object as RevocationNeed;
  const watch = () => {
    const [clock, log] = [new FakeClock(), new FakeLog()];
    return { clock, log, ...createRevocationWatch(clock, log) };
  };

  it.each([
    [8 * DAY, 0],
    [8 * DAY + 1, 1],
    [10 * DAY, 1],
    [40 * DAY, 1],
    [40 * DAY + 1, 0],
  ])('of a list for ten days, %d ms later: %d', (gone, ageing) => {
    const { clock, log, record, check } = watch();
    record([result(NOW, NOW + 10 * DAY)], [need(1)]);
    clock.advance(gone);
    expect(check()).toBe(ageing);
    expect(log.lines).toEqual(
      ageing === 0
        ? []
        : [{ level: 'error', event: 'revocation.ageing', fields: { code: 'revocation.ageing', count: 1 } }],
    );
  });

  it('looks at the newest of each point, of both that are good and that are revoked', () => {
    const { clock, record, check } = watch();
    record([result(NOW, NOW + DAY), result(NOW, NOW + DAY, { status: 'revoked' })], [need(1), need(2)]);
    record([result(NOW + 1, NOW + 9 * DAY)], [need(1)]);
    record([result(NOW, NOW + 99 * DAY)], [need(2)]);
    record([result(NOW - 1, NOW + 99 * DAY)], [need(2)]);
    clock.advance(2 * DAY);
    // point 1 has a newer list; of point 2 what came later is no newer
    expect(check()).toBe(1);
  });

  it.each([
    ['nothing decided', { status: 'indeterminate' }],
    ['an OCSP answer', { source: { method: 'OCSP', thisUpdate: NOW, nextUpdate: NOW + 1 } }],
    ['no nextUpdate', { source: { method: 'CRL', thisUpdate: NOW } }],
  ])('%s is not watched', (_what, change) => {
    const { clock, record, check } = watch();
    record([result(NOW, NOW + 1, change)], [need(1)]);
    record([result(NOW, NOW + 1)], []);
    clock.advance(DAY);
    expect(check()).toBe(0);
  });

  it('keeps 10,000 points, and what it has of them up to date', () => {
    const { clock, record, check } = watch();
    for (let n = 0; n <= 10_000; n += 1) record([result(NOW, NOW + DAY)], [need(n)]);
    record([result(NOW + 1, NOW + 9 * DAY)], [need(0)]);
    clock.advance(DAY);
    expect(check()).toBe(9_999);
  });

  it('several points of one certificate are one', () => {
    const { clock, record, check } = watch();
    const both = { distributionPoints: [point(1), point(2)] } as object as RevocationNeed;
    record([result(NOW, NOW + DAY), result(NOW, NOW + DAY)], [both, need(1)]);
    clock.advance(DAY);
    expect(check()).toBe(2);
    expect(toHex(point(258))).toBe('000102');
  });
});

describe('lists that only go forward', () => {
  it('a source without lists is left as it is', () => {
    const source = { ocsp: async () => new Uint8Array() };
    expect(newestCrls(source, [], new FakeLog(), new FakeClock(), NO_MARKS)).toBe(source);
  });

  it('the rest of the source is there too', () => {
    const source = {
      ocsp: async () => new Uint8Array(),
      clockOffset: () => 7,
      crl: async () => new Uint8Array(),
    };
    const wrapped = newestCrls(source, [], new FakeLog(), new FakeClock(), NO_MARKS);
    expect([wrapped.ocsp, wrapped.clockOffset?.()]).toEqual([source.ocsp, 7]);
  });
});
