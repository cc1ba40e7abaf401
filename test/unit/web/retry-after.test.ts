import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/adapters/log/pino-log.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { browserRoute } from '../../../src/web/applicant/browser-route.ts';

/** Browsers, crawlers and load balancers go by the header, not by the words of the page. */
describe('a page that cannot be shown now', () => {
  let base = '';
  let close: () => void = () => undefined;
  beforeAll(async () => {
    const app = express();
    const faults = {
      away: new JitsuinError('store.unavailable', 'away'),
      later: new JitsuinError('store.unavailable', 'away', { retryAfter: 7 }),
      wrong: new JitsuinError('transaction.state', 'no'),
    };
    for (const [name, fault] of Object.entries(faults)) {
      app.get(
        `/${name}`,
        browserRoute(silentLog, () => Promise.reject(fault)),
      );
    }
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    close = () => server.close();
  });
  afterAll(() => close());

  it.each([
    ['away', 503, '30'],
    ['later', 503, '7'],
    ['wrong', 409, null],
  ])('%s: %s with Retry-After %s', async (path, status, seconds) => {
    const answer = await fetch(`${base}/${path}`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, seconds]);
    expect(answer.headers.get('content-type')).toContain('text/html');
  });
});
