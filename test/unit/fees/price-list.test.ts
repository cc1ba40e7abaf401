import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { japaneseMonth, PRICE_LIST, priceAt } from '../../../src/core/fees/price-list.ts';
import { readPrices } from '../../../src/roles/pf/prices.ts';

const at = (text: string) => Date.parse(text) as EpochMillis;
const price = (certificate: 'signing' | 'user-authentication', text: string) =>
  priceAt(PRICE_LIST, { certificate, method: 'OCSP' }, at(text));

describe('the price of a validity check', () => {
  it('is 20 or 2 yen by list, waived from 2023 on, by the day of Japan', () => {
    expect(price('signing', '2022-12-31T14:59:59Z')).toMatchObject({ listPrice: 20, chargedPrice: 20 });
    expect(price('signing', '2022-12-31T15:00:00Z')).toMatchObject({
      listPrice: 20,
      chargedPrice: 0,
      rule: 'waiver-2023',
    });
    expect(price('user-authentication', '2020-01-01T00:00:00Z')?.chargedPrice).toBe(2);
    expect(price('signing', '2010-01-01T00:00:00Z')).toBeUndefined();
    expect(japaneseMonth(at('2026-11-30T15:00:00Z'))).toBe('2026-12');
  });

  it('can be other data: the latest rule of the kind and method counts', () => {
    const rules = readPrices([
      {
        certificate: 'signing',
        method: 'OCSP',
        from: '2027-04-01',
        list_price: 20,
        charged_price: 10,
        rule: 'half',
      },
      { certificate: 'signing', method: 'OCSP', from: '2016-01-01', list_price: 20, charged_price: 0 },
    ]);
    const charged = (text: string) =>
      priceAt(rules, { certificate: 'signing', method: 'OCSP' }, at(text))?.chargedPrice;
    expect([charged('2027-03-31T14:59:59Z'), charged('2027-03-31T15:00:00Z')]).toEqual([0, 10]);
    expect(
      priceAt(rules, { certificate: 'signing', method: 'CRL' }, at('2027-05-01T00:00:00Z')),
    ).toBeUndefined();
  });

  it.each([[[]], [[{ certificate: 'signing' }]], [{}], ['x']])('a price file %j is refused', (json) => {
    expect(() => readPrices(json)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });
});
