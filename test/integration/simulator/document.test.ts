import { Router } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { adminRoutes } from '../../../src/simulator/admin.ts';
import { simulatorDocument } from '../../../src/simulator/openapi.ts';
import type { Simulator } from '../../../src/simulator/options.ts';
import { startSimulator } from '../../../src/simulator/start-simulator.ts';

type Responses = Readonly<Record<string, { readonly content?: object }>>;
interface Call {
  readonly path: string;
  readonly method: string;
  readonly responses: Responses;
  readonly id: string;
}

function callsOf(document: object): readonly Call[] {
  const { paths } = document as {
    paths: Record<string, Record<string, { operationId: string; responses: Responses }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses, operationId: id }]) => ({
      path,
      method,
      responses,
      id,
    })),
  );
}

let simulator: Simulator;
beforeAll(async () => {
  const now = () => Date.now() as EpochMillis;
  simulator = await startSimulator({ host: '127.0.0.1', port: 0, seed: 'document', now, clients: [] });
});
afterAll(() => simulator.close());

describe('the document of the simulator', () => {
  it('has every call below /simulator/ that is no page, and no other', () => {
    const world = { registry: { authorities: {} } } as object as Parameters<typeof adminRoutes>[1];
    const router = Router();
    adminRoutes(router, world, 'any');
    const routes = router.stack.flatMap(({ route }) =>
      route === undefined
        ? []
        : route.stack.map(({ method }) => `${method} ${String(route.path).replaceAll(/:(\w+)/g, '{$1}')}`),
    );
    const calls = routes.filter((route) => !/ \/$|style\.css|\/console/.test(route));
    expect(
      callsOf(simulatorDocument())
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    ).toEqual([...new Set(calls)].sort());
  });

  it('is served, and every call answers one of its statuses', async () => {
    const served = (await (await fetch(`${simulator.url}/simulator/openapi.json`)).json()) as object;
    expect(served).toEqual(JSON.parse(JSON.stringify(simulatorDocument(simulator.url))));
    const calls = callsOf(served);
    expect(calls.length).toBeGreaterThan(12);
    for (const { path, method, responses, id } of calls) {
      for (const body of [undefined, '{"wrong":true}']) {
        if (method === 'get' && body !== undefined) continue;
        const answer = await fetch(`${simulator.url}${path.replace('{id}', 'taro')}`, {
          method: method.toUpperCase(),
          ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
        });
        expect(Object.keys(responses), `${id} ${answer.status}`).toContain(String(answer.status));
      }
    }
  });
});
