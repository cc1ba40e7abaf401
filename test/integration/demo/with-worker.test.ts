import { expect, test } from 'vitest';
import { Walk } from '../../faults/support/citizen-walk.ts';
import { startFaultWorld } from '../../faults/support/fault-world.ts';
import { freePorts } from '../../support/ports.ts';

test('one process a role serves and does its jobs: an application is decided, and its metrics tell of both', async () => {
  const [port = 0] = await freePorts(1);
  const world = await startFaultWorld({ together: true, env: { JITSUIN_MANAGEMENT_PORT: String(port) } });
  try {
    expect(world.names).toEqual(['sp serve', 'pf serve']);
    const walk = new Walk({ sp: world.sp, advance: world.advance });
    await walk.signed();
    expect(await walk.end()).toBe('decided');
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toMatch(/^jitsuin_job_seconds_count\{name="fetch-result"/m);
    expect(metrics).toMatch(/^jitsuin_http_request_seconds_count\{/m);
  } finally {
    await world.close();
  }
}, 240_000);
