import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../../src/adapters/log/pino-log.ts';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { readPfConfig } from '../../../src/config/pf.ts';
import type { ApplicationView } from '../../../src/contracts/public-api.ts';
import { traceOf } from '../../../src/core/trace.ts';
import { startPf } from '../../../src/roles/pf/main.ts';
import { startPfWorker } from '../../../workers/pf/main.ts';
import { keepSpans, namesOf } from '../../support/spans.ts';
import { api, ended, type RpWorld, sign, startRpWorld } from '../rp/world.ts';

const THEIR_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${THEIR_TRACE}-00f067aa0ba902b7-01`;
const ID = '3f1e5a10-0000-4000-8000-00000000c0de';
const STEPS = [
  'POST /v1/applications',
  'GET /applications/:id/sign',
  'POST /applications/:id/sign',
  'GET /callback',
  'job fetch-result',
  'job submit-verification',
  'POST /v1/verifications',
  'job verify',
  'job await-verification',
  'GET /v1/verifications/:id',
];

const { spans, stop } = keepSpans();
let world: RpWorld;
const others: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  world = await startRpWorld('sp');
  const pf = readPfConfig(world.env('pf'));
  const quiet = { log: createLog({ role: 'pf', destination: { write: () => undefined } }) };
  others.push(await startPf(pf, quiet), await startPfWorker(pf, quiet));
}, 60_000);
afterAll(async () => {
  for (const other of others.reverse()) await other.close();
  await world.close();
  stop();
});

/** One application from its submission to its verdict. Gives the correlation id that the submission was answered with. */
async function signed(headers: Readonly<Record<string, string>>): Promise<string | null> {
  const answer = await api(world, '/v1/applications', {
    method: 'POST',
    headers: { 'content-type': 'application/xml', 'idempotency-key': crypto.randomUUID(), ...headers },
    body: '<届出><氏名>模擬</氏名></届出>',
  });
  const { id, sign_url: signUrl } = (await answer.json()) as ApplicationView;
  await sign(new Browser(), signUrl ?? '');
  expect(await ended(world, id)).toMatchObject({ state: 'decided' });
  return answer.headers.get('x-request-id');
}

describe('one application is one trace: API, citizen, workers, platform operator and its worker', () => {
  it.each([
    ['under the caller’s X-Request-Id', { 'x-request-id': ID }, traceOf(ID).traceId],
    ['going on from the caller’s trace', { traceparent: TRACEPARENT }, THEIR_TRACE],
  ])('%s', { timeout: 60_000 }, async (_name, headers, traceId) => {
    expect((await signed(headers))?.replaceAll('-', '')).toBe(traceId);
    await expect.poll(() => namesOf(spans, traceId)).toEqual(expect.arrayContaining(STEPS));
  });

  it('a caller’s trace beside its own X-Request-Id becomes a link', async () => {
    const id = crypto.randomUUID();
    await api(world, '/v1/applications', { headers: { 'x-request-id': id, traceparent: TRACEPARENT } });
    const { traceId } = traceOf(id);
    await expect.poll(() => namesOf(spans, traceId)).toEqual(['GET /v1/applications']);
    const own = spans.find((span) => span.spanContext().traceId === traceId);
    expect(own?.links.map(({ context }) => context.traceId)).toEqual([THEIR_TRACE]);
  });

  it.each(['00-0-0-01', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `00-${THEIR_TRACE}-x-01`, 'x'])(
    'traceparent %j is none',
    async (traceparent) => {
      const answer = await api(world, '/v1/applications', { headers: { traceparent } });
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(answer.headers.get('x-request-id')).not.toContain('4bf92f35');
    },
  );
});
