import { describe, expect, it } from 'vitest';
import { inPages } from '../../../src/core/in-pages.ts';

/** Records that are due until `act` has changed them. */
function due(count: number) {
  const left = new Set(Array.from({ length: count }, (_, n) => n));
  const pages: number[] = [];
  const page = async (limit: number) => {
    const records = [...left].slice(0, limit);
    pages.push(records.length);
    return records;
  };
  return { left, pages, page };
}

describe('inPages', () => {
  it('goes on until a page is not full', async () => {
    const { left, pages, page } = due(450);
    expect(await inPages(page, async (n) => left.delete(n))).toBe(450);
    expect(pages).toEqual([200, 200, 50]);
  });

  it('stops where nothing changes any more, instead of asking for the same for ever', async () => {
    const { left, pages, page } = due(1_000);
    expect(await inPages(page, async (n) => n < 200 && left.delete(n))).toBe(200);
    expect(pages).toEqual([200, 200]);
  });

  it('ends by itself however much there is', async () => {
    const { left, page } = due(20_000);
    expect(await inPages(page, async (n) => left.delete(n))).toBe(4_000);
  });

  it('works on 32 at once at most', async () => {
    const { left, page } = due(100);
    let running = 0;
    let most = 0;
    await inPages(page, async (n) => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      return left.delete(n);
    });
    expect(most).toBe(32);
  });

  it('tells a failure', async () => {
    const failing = async () => {
      throw new Error('no store');
    };
    await expect(inPages(due(3).page, failing)).rejects.toThrow('no store');
  });
});
