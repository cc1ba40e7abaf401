import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { japaneseDay, PRICE_LIST, priceAt } from '../../../src/core/fees/price-list.ts';

const midnightInJapan = (day: string) => Date.parse(`${day}T00:00:00+09:00`);
const CERTIFICATES = [
  ['signing', 20],
  ['user-authentication', 2],
] as const;
const METHODS = ['CRL', 'OCSP'] as const;
const kinds = CERTIFICATES.flatMap(([certificate, yen]) =>
  METHODS.map((method) => [certificate, method, yen] as const),
);

describe.each(kinds)('a check of a %s certificate by %s', (certificate, method, yen) => {
  const priced = (at: number) => priceAt(PRICE_LIST, { certificate, method }, at as EpochMillis);

  it('has a price from the first millisecond of 2016 in Japan, is waived from that of 2023 on, and none before', () => {
    const [first, waived] = [midnightInJapan('2016-01-01'), midnightInJapan('2023-01-01')];
    expect(priced(first - 1)).toBeUndefined();
    for (const at of [first, waived - 1]) {
      expect(priced(at)).toMatchObject({ certificate, method, listPrice: yen, chargedPrice: yen });
    }
    for (const at of [waived, midnightInJapan('2026-11-30')]) {
      expect(priced(at)).toMatchObject({
        certificate,
        method,
        listPrice: yen,
        chargedPrice: 0,
        rule: 'waiver-2023',
      });
    }
  });

  it('of two rules of one day the later in the list counts, whatever rules of other kinds there are', () => {
    const rule = (charged: number) => ({
      certificate,
      method,
      from: '2027-04-01',
      listPrice: yen,
      chargedPrice: charged,
    });
    const others = PRICE_LIST.filter((other) => other.certificate !== certificate || other.method !== method);
    const later = midnightInJapan('2027-04-01') as EpochMillis;
    const rules = [
      ...PRICE_LIST,
      rule(5),
      rule(7),
      ...others.map((other) => ({ ...other, from: '2027-04-01' })),
    ];
    expect(priceAt(rules, { certificate, method }, later)?.chargedPrice).toBe(7);
    expect(priceAt(rules, { certificate, method }, (later - 1) as EpochMillis)?.chargedPrice).toBe(0);
  });
});

it('a day of Japan is ten characters and turns at its own midnight', () => {
  const midnight = midnightInJapan('2024-02-29') as EpochMillis;
  expect(japaneseDay(midnight)).toBe('2024-02-29');
  expect(japaneseDay((midnight - 1) as EpochMillis)).toBe('2024-02-28');
  expect(japaneseDay((midnight + 86_400_000 - 1) as EpochMillis)).toBe('2024-02-29');
});
