import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { CrlMark, CrlMarks } from '../../../src/ports/crl-marks.ts';
import { newestCrls } from '../../../src/verification/revocation/newest-crls.ts';
import { FakeLog } from '../../support/fakes.ts';
import { name } from '../../support/pki/der-encode.ts';
import { issueCa, TEST_NOW, testKey } from '../../support/pki/test-pki.ts';
import { type TestCrlSpec, testCrl } from '../../support/pki/test-revocation.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ca = issueCa({ subject: ['C=JP', 'CN=CA'] });
const successor = issueCa({ subject: ['C=JP', 'CN=CA'], key: testKey('the CA of the next generation') });
const issuers = [ca.certificate, successor.certificate];
const partition = name('C=JP', 'CN=Partition');
const THIS = TEST_NOW - HOUR;

/** One list that comes to a process that has just started, with what the marks say and are told. */
async function came(spec: Partial<TestCrlSpec>, mark: CrlMark | undefined, point = partition) {
  const log = new FakeLog();
  const asked: string[] = [];
  const raised: CrlMark[] = [];
  const marks: CrlMarks = {
    get: async (key) => {
      asked.push(key);
      return mark;
    },
    raise: async (_key, to) => void raised.push(to),
  };
  const list = testCrl({ issuer: ca, number: 16, thisUpdate: THIS, ...spec });
  const source = { crl: async () => list };
  const clock = { now: () => TEST_NOW as EpochMillis };
  const { crl } = newestCrls(source, issuers, log, clock, marks);
  const outcome = await crl?.(point, undefined as never).then(
    (octets) => (octets === list ? 'taken' : 'another'),
    (thrown: { code: string }) => thrown.code,
  );
  return { outcome, raised, asked, lines: log.lines.map(({ fields }) => fields?.['code']) };
}
const markAt = (thisUpdate: number, number: string): CrlMark => ({
  thisUpdate: thisUpdate as EpochMillis,
  number,
});
const OWN = markAt(THIS, '10');

describe('a list beside how far its place has come', () => {
  it.each([
    ['nothing is known', undefined, 'taken', true],
    ['it is that very list', OWN, 'taken', false],
    ['newer, of a higher number', markAt(THIS - 1_000, '0f'), 'taken', true],
    ['newer, of the same number', markAt(THIS - 1_000, '10'), 'taken', true],
    ['of the same time, of a higher number', markAt(THIS, '0f'), 'taken', true],
    ['older, of a higher number', markAt(THIS + 1_000, '0f'), 'revocation.unavailable', false],
    ['older, of the same number', markAt(THIS + 1_000, '10'), 'revocation.unavailable', false],
    ['newer, of a lower number', markAt(THIS - 1_000, '11'), 'revocation.unavailable', false],
    ['of the same time, of a lower number', markAt(THIS, '0100'), 'revocation.unavailable', false],
    ['numbers compare as numbers, not as texts', markAt(THIS, '9'), 'taken', true],
    ['a mark at the edge of the skew bars', markAt(TEST_NOW + MINUTE, '10'), 'revocation.unavailable', false],
    ['a mark from beyond the skew bars nothing', markAt(TEST_NOW + MINUTE + 1, '11'), 'taken', true],
  ])('%s', async (_name, mark, expected, raises) => {
    const { outcome, raised, lines } = await came({}, mark);
    expect(outcome).toBe(expected);
    expect(raised).toEqual(raises ? [OWN] : []);
    expect(lines).toEqual(expected === 'taken' ? [] : ['revocation.number']);
  });

  it('each place, key, scope and kind has its own mark', async () => {
    const keyOf = async (spec: Partial<TestCrlSpec>, point = partition) =>
      (await came(spec, undefined, point)).asked;
    const all = await Promise.all([
      keyOf({}),
      keyOf({}, name('C=JP', 'CN=Elsewhere')),
      keyOf({ issuer: successor }),
      keyOf({ base: 10 }),
      keyOf({ scope: { userCerts: true } }),
    ]);
    expect(all.map(({ length }) => length)).toEqual([1, 1, 1, 1, 1]);
    expect(new Set(all.flat()).size).toBe(5);
    expect(await keyOf({ number: 17, thisUpdate: THIS + 1_000 })).toEqual(all[0]);
  });

  it('a failure that is ours is thrown, not told as the list’s', async () => {
    const broken: CrlMarks = {
      get: () => Promise.reject(new TypeError('ours')),
      raise: async () => undefined,
    };
    const source = { crl: async () => testCrl({ issuer: ca, thisUpdate: THIS }) };
    const clock = { now: () => TEST_NOW as EpochMillis };
    const { crl } = newestCrls(source, issuers, new FakeLog(), clock, broken);
    await expect(crl?.(partition, undefined as never)).rejects.toThrow('ours');
  });
});
