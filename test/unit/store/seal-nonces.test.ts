import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { openOctets, sealHeader, sealOctets } from '../../../src/adapters/keys/sealed-octets.ts';

const COUNT = process.env['JITSUIN_LONG_TESTS'] === '1' ? 1_000_000 : 50_000;

describe('M7: nonces', () => {
  it('a machine that is rolled back to a snapshot, random octets and salt with it, repeats no IV for another value or place', async () => {
    const secret = randomBytes(32);
    const head = sealHeader('k').length;
    const seals = async (text: string, record: string) => {
      vi.resetModules();
      // the snapshot: whatever was drawn is drawn again
      vi.doMock('../../../src/adapters/random.ts', () => ({ drawnOctets: (n: number) => new Uint8Array(n) }));
      const salt = (n: number) => Buffer.alloc(n, 7);
      vi.doMock('node:crypto', async (load) => ({ ...(await load<object>()), randomBytes: salt }));
      const { sealOctets: sealAgain } = await import('../../../src/adapters/keys/sealed-octets.ts');
      const context = { table: 't', column: 'c', record, tenant: '' };
      return Buffer.from(sealAgain('k', secret, Buffer.from(text), context));
    };
    const first = await seals('one', 'r');
    expect(await seals('one', 'r')).toEqual(first);
    const iv = (sealed: Buffer) => sealed.subarray(head + 16, head + 28).toString('hex');
    const others = [await seals('two', 'r'), await seals('one', 's')];
    for (const other of others)
      expect(other.subarray(head, head + 16)).toEqual(first.subarray(head, head + 16));
    expect(new Set([first, ...others].map(iv)).size).toBe(3);
    vi.doUnmock('../../../src/adapters/random.ts');
    vi.doUnmock('node:crypto');
    vi.resetModules();
  });

  it(`${COUNT} values of one key: no IV twice`, () => {
    const secret = randomBytes(32);
    const context = { table: 't', column: 'c', record: 'r', tenant: '' };
    const head = sealHeader('k').length;
    const seen = new Set<string>();
    for (let count = 0; count < COUNT; count += 1) {
      const sealed = sealOctets('k', secret, new Uint8Array(1), context);
      seen.add(Buffer.from(sealed.subarray(head + 16, head + 28)).toString('latin1'));
    }
    expect(seen.size).toBe(COUNT);
  });

  it('changes the data key after 4,096 values, and another process finds each again', () => {
    const secret = randomBytes(32);
    const context = { table: 't', column: 'c', record: 'r', tenant: '' };
    const head = sealHeader('k').length;
    const sealed = Array.from({ length: 9_000 }, (_, n) =>
      sealOctets('k', secret, new Uint8Array([n & 0xff]), context),
    );
    const salts = sealed.map((value) => Buffer.from(value.subarray(head, head + 16)).toString('hex'));
    const uses = [...new Set(salts)].map((salt) => salts.filter((other) => other === salt).length);
    expect(uses).toEqual([4_096, 4_096, 808]);
    const elsewhere = new Uint8Array(secret);
    const opened = sealed.map((value) => openOctets(elsewhere, value, context)[0]);
    expect(opened).toEqual(sealed.map((_, n) => n & 0xff));
  });
});
