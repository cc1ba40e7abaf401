import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sealHeader, sealOctets } from '../../../src/adapters/keys/sealed-octets.ts';

const COUNT = process.env['JITSUIN_LONG_TESTS'] === '1' ? 10_000_000 : 50_000;

describe('M7: nonces', () => {
  it(`${COUNT} values of one key: no salt and IV twice`, () => {
    const secret = randomBytes(32);
    const context = { table: 't', column: 'c', record: 'r', tenant: '' };
    const head = sealHeader('k').length;
    const seen = new Set<string>();
    for (let count = 0; count < COUNT; count += 1) {
      const sealed = sealOctets('k', secret, new Uint8Array(1), context);
      seen.add(Buffer.from(sealed.subarray(head, head + 28)).toString('latin1'));
    }
    expect(seen.size).toBe(COUNT);
  });
});
