import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import type { ApplicationView } from '../../../src/contracts/public-api.ts';
import { traceOf } from '../../../src/core/trace.ts';
import { keepSpans, namesOf } from '../../support/spans.ts';
import { ended, type RpWorld, sign, startRpWorld } from '../rp/world.ts';

const ID = '3f1e5a10-0000-4000-8000-00000000c0de';
const { spans, stop } = keepSpans();
let world: RpWorld;
let application: ApplicationView;
beforeAll(async () => {
  world = await startRpWorld('gov', { env: { JITSUIN_MANAGEMENT_PORT: '0' } });
  const made = await fetch(`${world.url}/v1/applications`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world.apiKey}`,
      'content-type': 'application/xml',
      'idempotency-key': crypto.randomUUID(),
      'x-request-id': ID,
    },
    body: '<届出><氏名>MARK模擬</氏名></届出>',
  });
  application = (await made.json()) as ApplicationView;
  world.simulator.faults.next('result', 'html-error');
  await sign(new Browser(), application.sign_url ?? '');
  await ended(world, application.id);
});
afterAll(async () => {
  stop();
  await world.close();
});

/** Base URLs of the management ports of the API and the worker, in the order in which they were opened. */
function managementUrls(): readonly string[] {
  return world.logLines
    .map((line) => JSON.parse(line) as { event: string; port: number })
    .filter(({ event }) => event === 'management.listening')
    .map(({ port }) => `http://127.0.0.1:${port}`);
}

const metricsOf = async (url: string | undefined) => (await fetch(`${url}/metrics`)).text();

describe('the management port', () => {
  it('is another one than the API’s; live, ready, metrics and nothing else', async () => {
    const [url] = managementUrls();
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ status: 'ok' });
    expect((await fetch(`${url}/metrics`)).headers.get('content-type')).toContain('text/plain');
    expect((await fetch(`${url}/v1/applications`)).status).toBe(404);
    expect((await fetch(`${world.url}/metrics`)).status).toBe(404);
  });

  it('tells requests by route pattern, steps, jobs, queue, revocation data and certificates', async () => {
    const [api, worker] = await Promise.all(managementUrls().map(metricsOf));
    expect(api).toMatch(
      /jitsuin_http_request_seconds_count\{method="POST",route="\/v1\/applications",status="201"\} 1/,
    );
    expect(api).toMatch(/jitsuin_step_seconds_count\{event="application.tokens-verified"\} 1/);
    expect(worker).toMatch(/jitsuin_step_seconds_count\{event="application.verdict-reached"\} 1/);
    expect(worker).toMatch(/jitsuin_job_seconds_count\{name="verify-application",outcome="done"\} 1/);
    // the service failed once and was asked again
    expect(worker).toMatch(/jitsuin_failures_total\{code="upstream\.temporary",row="result-[\w-]+"\} 1/);
    expect(worker).toMatch(/jitsuin_queue_jobs\{state="dead"\} 0/);
    expect(worker).toMatch(/jitsuin_revocation_age_seconds\{method="CRL"\} /);
    expect(worker).toMatch(/jitsuin_expiry_seconds\{use="trust-anchor-1"\} [1-9]/);
  });

  it('no label holds an id, a tenant, a name or a credential', async () => {
    const text = (await Promise.all(managementUrls().map(metricsOf))).join('');
    for (const secret of [
      application.id,
      ID,
      'demo',
      'MARK',
      '模擬',
      'jk_',
      'eyJ',
      application.identification_code,
    ]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe('spans', () => {
  it('the request and every job of its application are one trace, named by the correlation id', () => {
    const { traceId } = traceOf(ID);
    expect(namesOf(spans, traceId)).toEqual(
      expect.arrayContaining(['POST /v1/applications', 'job fetch-result', 'job verify-application']),
    );
    expect(spans.filter(({ ended: done }) => !done).map(({ name }) => name)).toEqual([]);
  });

  it('no name and no attribute holds an id, a tenant, a name or a credential', () => {
    const text = JSON.stringify(spans.map(({ name, attributes }) => ({ name, attributes })));
    for (const secret of [
      application.id,
      ID,
      'MARK',
      '模擬',
      'jk_',
      'eyJ',
      'state=',
      'code=',
      application.identification_code,
    ]) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('/applications/:id/sign');
  });
});
