import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { UPSTREAM_ERROR_ROWS } from '../../../src/core/sign-transaction/upstream-errors.ts';
import { ERROR_ROWS, type ErrorRow } from '../../../src/simulator/auth-and-sign/error-rows.ts';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import {
  type Answered,
  authorizationUrl,
  get,
  makeTestWorld,
  postStart,
  postToken,
  redirected,
  resultPath,
  type TestWorld,
  USERINFO_PATH,
} from './relying-party.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await makeTestWorld();
});
afterAll(() => world.simulator.close());
afterEach(() => world.simulator.faults.clear());

const ask: Readonly<Record<Exclude<ErrorRow['endpoint'], 'authorization'>, () => Promise<Answered>>> = {
  token: () => postToken(world, { grant_type: 'client_credentials', scope: 'sign' }),
  userinfo: () => get(world, USERINFO_PATH, 'token'),
  start: () => postStart(world, 'token', {}),
  result: () => get(world, resultPath('37a52ac8-b232-ebac-a454-04d68916489f'), 'token'),
};

describe('the 61 rows on request', () => {
  it('are the rows that the relying party knows, cell for cell', () => {
    const cells = (rows: readonly Record<string, unknown>[], description: string) =>
      rows.map((row) => [
        row['id'],
        row['endpoint'],
        row['status'],
        row['error'],
        row[description],
        row['item'],
      ]);
    expect(ERROR_ROWS).toHaveLength(61);
    expect(cells([...ERROR_ROWS] as never, 'description')).toEqual(
      cells([...UPSTREAM_ERROR_ROWS] as never, 'errorDescription'),
    );
  });

  it.each(ERROR_ROWS.filter(({ endpoint }) => endpoint !== 'authorization'))('$id', async (row) => {
    world.simulator.faults.next(row.endpoint, row.id, { parameter: 'X' });
    const { status, body } = await ask[row.endpoint as keyof typeof ask]();
    expect(status).toBe(row.status);
    expect(body).toEqual({
      error: row.error,
      ...(row.description === undefined ? {} : { error_description: row.description.replace('○○○○', 'X') }),
      ...(row.item === undefined ? {} : { item: row.item }),
    });
    expect(world.simulator.faults.pending()).toBe(0);
  });

  it.each(ERROR_ROWS.filter(({ endpoint }) => endpoint === 'authorization'))('$id', async (row) => {
    world.simulator.faults.next('authorization', row.id, { parameter: 'X' });
    const location = await driveCitizen(authorizationUrl(world, { scope: 'openid' }));
    expect(redirected(location)).toEqual({
      error: row.error,
      ...(row.description === undefined ? {} : { error_description: row.description.replace('○○○○', 'X') }),
      state: 'state-1',
    });
  });

  it('can leave the description out, send item as a list, and repeat', async () => {
    world.simulator.faults.next('start', 'start-3', { omitDescription: true, itemAsList: true, times: 2 });
    const item = ['署名対象データ名が設定されていません。'];
    for (const _ of [1, 2]) expect((await ask.start()).body).toEqual({ error: 'invalid_request', item });
    expect((await ask.start()).body['error']).toBe('invalid_token');
  });

  it('are refused for the wrong endpoint and for names that do not exist', () => {
    for (const name of ['token-7', 'start-14', 'start-0', 'wrong-at-hash', '']) {
      expect(() => world.simulator.faults.next('start', name)).toThrowError(
        expect.objectContaining({ code: 'usage.arguments' }),
      );
    }
    world.simulator.faults.next('token', 'token-07');
    expect(world.simulator.faults.pending('token')).toBe(1);
  });
});
