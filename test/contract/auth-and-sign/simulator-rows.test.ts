import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { signingInput } from '../../../src/core/digest/signing-input.ts';
import {
  UPSTREAM_ERROR_ROWS,
  type UpstreamEndpoint,
} from '../../../src/core/sign-transaction/upstream-errors.ts';
import type { AuthAndSign } from '../../../src/ports/auth-and-sign.ts';
import { TRANSACTION } from './recorded-service.ts';
import { callbackOf, DIGEST, DOCUMENT, requestFor, simulator, sp, useSimulator } from './simulated-flow.ts';

useSimulator();

describe('every row as the simulator writes it', () => {
  const rows = (endpoint: UpstreamEndpoint) => UPSTREAM_ERROR_ROWS.filter((row) => row.endpoint === endpoint);
  const tokens = {
    accessToken: 'a',
    refreshToken: 'r',
    idToken: '',
    subject: 's',
    expiresAt: systemClock.now(),
  };
  const calls: Record<string, (client: AuthAndSign) => Promise<unknown>> = {
    token: (client) => client.refresh(tokens),
    userinfo: (client) => client.userInfo('access', 'subject'),
    start: (client) =>
      client.startSignature({
        ...DOCUMENT,
        data: signingInput('digest', DIGEST),
      }),
    result: (client) => client.fetchResult(TRANSACTION, 'access'),
  };
  const client = createClientOnce();

  function createClientOnce() {
    let made: AuthAndSign | undefined;
    return () => {
      made ??= sp();
      return made;
    };
  }

  it.each(rows('authorization'))('$id', async (row) => {
    simulator.faults.next('authorization', row.id);
    expect(await callbackOf(client(), requestFor())).toMatchObject({ kind: 'error', row: { id: row.id } });
  });

  it.each(['token', 'userinfo', 'start', 'result'].flatMap((endpoint) => rows(endpoint as UpstreamEndpoint)))(
    '$id, with and without its description, item as text and as list',
    async (row) => {
      if (row.endpoint === 'authorization') throw new Error('has its own test');
      for (const form of [{}, { itemAsList: true }, { omitDescription: true }]) {
        const times = row.next === 'renew-client-token' ? 2 : 1;
        simulator.faults.next(row.endpoint, row.id, { ...form, times });
        const thrown: unknown = await calls[row.endpoint]?.(client()).catch((error: unknown) => error);
        if ('omitDescription' in form)
          expect(thrown).toMatchObject({ upstream: { status: row.status, error: row.error } });
        else expect(thrown).toMatchObject({ code: row.code, upstream: { row: row.id } });
      }
    },
  );
});
