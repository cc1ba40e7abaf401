import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApplicationView } from '../../../src/contracts/public-api.ts';
import { Walk } from '../../faults/support/citizen-walk.ts';
import { type InProcessWorld, startInProcessWorld } from '../../faults/support/in-process-world.ts';
import { api } from './world.ts';

let world: InProcessWorld;

beforeAll(async () => {
  world = await startInProcessWorld();
});
afterAll(() => world.close());

const read = (id: string, query: string, headers: Record<string, string> = {}) =>
  api(world.sp, `/v1/applications/${id}${query}`, { headers });

it('one question gets the verdict of an application that is signed meanwhile', {
  timeout: 30_000,
}, async () => {
  const walk = new Walk({ sp: world.sp, advance: world.advance });
  await walk.submit();
  const asked = read(walk.id, '?wait=20');
  await walk.sign();
  const answer = await asked;
  expect(answer.status).toBe(200);
  expect(((await answer.json()) as ApplicationView).state).toBe('decided');
});

it('with If-None-Match the next change is told, and 304 when there was none', {
  timeout: 30_000,
}, async () => {
  const walk = new Walk({ sp: world.sp, advance: world.advance });
  await walk.submit();
  const tag = (await read(walk.id, '')).headers.get('etag') ?? '';
  expect((await read(walk.id, '?wait=1', { 'If-None-Match': tag })).status).toBe(304);
  const asked = read(walk.id, '?wait=20', { 'If-None-Match': tag });
  await walk.sign();
  const answer = await asked;
  expect(answer.status).toBe(200);
  expect(answer.headers.get('etag')).not.toBe(tag);
});

it.each(['?wait=21', '?wait=-1', '?wait=x', '?waits=1'])('%s is refused', async (query) => {
  expect((await read('01890a5d-ac96-774b-bcce-b302099a8057', query)).status).toBe(400);
});
