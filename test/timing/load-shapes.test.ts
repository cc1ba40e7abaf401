import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RpWorld, startRpWorld } from '../integration/rp/world.ts';
import { XML_SHAPES } from '../support/load/xml-shapes.ts';
import { signDocument } from '../support/xmldsig/signing.ts';

/** The longest that `/livez` may take while four documents are judged. */
const LIVE_MILLIS = 500;

it('every entrance takes every shape within its bounds (npm run test:load-shapes)', {
  timeout: 900_000,
}, () => {
  const done = spawnSync('npm', ['run', '-s', 'test:load-shapes'], { encoding: 'utf8' });
  expect(done.stdout.split('\n').filter((line) => line.includes('***'))).toEqual([]);
  expect(done.status).toBe(0);
});

describe('four strangers at once at /verify', () => {
  let world: RpWorld;
  beforeAll(async () => {
    world = await startRpWorld('gov');
  });
  afterAll(() => world.close());

  const upload = async (shape: string) => {
    const inside = (XML_SHAPES[shape] ?? String)(1_000_000);
    const document = signDocument('<r><b/></r>', 'enveloped').replace('<b/>', () => `<b>${inside}</b>`);
    const form = new FormData();
    form.set('file', new Blob([document]), 'a.xml');
    form.set('profile', 'enveloped');
    const response = await fetch(`${world.url}/verify`, { method: 'POST', body: form });
    return { status: response.status, html: await response.text() };
  };

  it('are judged while everybody else is served', { timeout: 120_000 }, async () => {
    let judging = true;
    const uploads = Promise.all(
      ['depth', 'empty-tags', 'depth-towers', 'namespaces-long'].map(upload),
    ).finally(() => {
      judging = false;
    });
    let longest = 0;
    let asked = 0;
    while (judging) {
      const started = performance.now();
      expect((await fetch(`${world.url}/livez`)).status).toBe(200);
      longest = Math.max(longest, performance.now() - started);
      asked += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    for (const { status, html } of await uploads) {
      expect(status).toBe(200);
      expect(html).toMatch(/data-indication="(?:TOTAL-FAILED|INDETERMINATE)"/);
    }
    expect(asked).toBeGreaterThan(3);
    expect(longest).toBeLessThan(LIVE_MILLIS);
  });
});
