import { afterAll, describe, expect, it } from 'vitest';
import { openBoundedThreads } from '../../../src/adapters/threads/bounded-threads.ts';

const threads = (options: { readonly millis?: number; readonly heap?: number } = {}) => {
  const opened = openBoundedThreads({
    entry: new URL('../../support/load/costly-thread.mjs', import.meta.url),
    data: undefined,
    threads: 1,
    millis: options.millis ?? 20_000,
    heap: options.heap ?? 64,
  });
  open.push(opened);
  return opened;
};
const open: ReturnType<typeof openBoundedThreads>[] = [];
const noAnswer = async () => {
  throw new Error('nothing is asked');
};

describe('work on octets of strangers in a thread with limits', () => {
  afterAll(() => Promise.all(open.map((each) => each.close())));

  it('work without end is cut and the next one is done', async () => {
    const bounded = threads({ millis: 600 });
    const endless = bounded.run('endless', noAnswer);
    const next = bounded.run('echo', async (question) => `answer to ${String(question)}`);
    await expect(endless).rejects.toMatchObject({ code: 'judgement.too-costly' });
    expect(await next).toBe('answer to who?');
  });

  it('work that takes more memory than it may ends its thread and not the process', async () => {
    const bounded = threads({ heap: 16 });
    await expect(bounded.run('memory', noAnswer)).rejects.toMatchObject({ code: 'judgement.too-costly' });
    expect(await bounded.run('echo', async () => 'here')).toBe('here');
  });

  it('a failure keeps its code; what was never asked for is our own fault', async () => {
    const bounded = threads();
    const refused = bounded.run('echo', async () => {
      throw Object.assign(new Error('no'), {});
    });
    await expect(refused).rejects.toMatchObject({ code: 'internal.unexpected' });
  });

  it('nothing is taken on after the end', async () => {
    const bounded = threads();
    await bounded.close();
    await expect(bounded.run('echo', noAnswer)).rejects.toMatchObject({ code: 'http.shutting-down' });
  });
});
