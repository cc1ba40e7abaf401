import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthAndSignClient } from '../../../src/adapters/auth-and-sign/client.ts';
import { createAuthAndSign } from '../../../src/adapters/auth-and-sign/private-client.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { readCallback } from '../../../src/core/oidc/callback.ts';
import {
  UPSTREAM_ERROR_ROWS,
  type UpstreamEndpoint,
  type UpstreamErrorRow,
} from '../../../src/core/sign-transaction/upstream-errors.ts';
import type { EncryptedResult } from '../../../src/ports/auth-and-sign.ts';
import {
  type Answer,
  optionsFor,
  REQUEST,
  type RecordedService,
  SIMULATED_SUBJECT,
  START,
  startRecordedService,
  TRANSACTION,
} from './recorded-service.ts';

let service: RecordedService;
beforeAll(async () => {
  service = await startRecordedService();
});
afterAll(() => service.close());

const rowsOf = (endpoint: UpstreamEndpoint) => UPSTREAM_ERROR_ROWS.filter((row) => row.endpoint === endpoint);

/** The row as the service would write it; a placeholder is filled. */
function recorded(row: UpstreamErrorRow): Answer {
  const error_description = row.errorDescription?.replace('○○○○', 'scope');
  return { status: row.status, json: { error: row.error, error_description, item: row.item } };
}

async function refusal(
  call: (client: AuthAndSignClient<EncryptedResult>) => Promise<unknown>,
): Promise<JitsuinError> {
  const client = createAuthAndSign(await optionsFor(service));
  const thrown: unknown = await call(client).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof JitsuinError)) throw new Error('The call was not refused with our error.');
  return thrown;
}

function expectRow(error: JitsuinError, row: UpstreamErrorRow): void {
  expect(error.code).toBe(row.code);
  expect(error.upstream).toMatchObject({ row: row.id, status: row.status, error: row.error });
  if (row.item !== undefined) expect(error.upstream?.item).toEqual([row.item]);
}

const CALLS = {
  token: {
    route: 'token',
    call: (client: AuthAndSignClient<EncryptedResult>) => client.exchangeCode('code', REQUEST),
  },
  userinfo: {
    route: 'userinfo',
    call: (client: AuthAndSignClient<EncryptedResult>) => client.userInfo('access', SIMULATED_SUBJECT),
  },
  start: {
    route: 'start',
    call: (client: AuthAndSignClient<EncryptedResult>) => client.startSignature(START),
  },
  result: {
    route: 'result',
    call: (client: AuthAndSignClient<EncryptedResult>) => client.fetchResult(TRANSACTION, 'access'),
  },
} as const;

describe.each(['token', 'userinfo', 'start', 'result'] as const)('the rows of %s', (endpoint) => {
  const { route, call } = CALLS[endpoint];

  async function answered(answer: Answer): Promise<JitsuinError> {
    service.answers[route] = answer;
    try {
      return await refusal(call);
    } finally {
      delete service.answers[route];
    }
  }

  it.each(rowsOf(endpoint))('$id $status $error', async (row) => {
    expectRow(await answered(recorded(row)), row);
  });

  const body = '<!doctype html><title>502</title>';
  it.each([
    ['an HTML page with 502', { status: 502, raw: body }, 'upstream.temporary'],
    ['an empty 503', { status: 503 }, 'upstream.temporary'],
    ['an HTML page with 403', { status: 403, raw: body }, 'upstream.final'],
    ['an unknown error', { status: 400, json: { error: 'teapot' } }, 'upstream.final'],
    ['an error of a wrong type', { status: 400, json: { error: { a: 1 }, item: 7 } }, 'upstream.final'],
    ['a list', { status: 500, json: [] }, 'upstream.temporary'],
    ['a redirect', { status: 302, raw: '' }, 'upstream.final'],
    ['cut JSON', { status: 500, raw: '{"error":"' }, 'upstream.temporary'],
  ] as const)('survives %s', async (_, answer, code) => {
    expect((await answered(answer)).code).toBe(code);
  });

  it.each([
    ['an HTML page', { status: 200, raw: body }],
    ['nothing', { status: 200 }],
    ['another object', { status: 200, json: { a: 1 } }],
    ['a list', { status: 200, json: [] }],
  ])('a 200 with %s is no answer', async (_, answer) => {
    const refused = {
      token: 'upstream.restart',
      userinfo: 'upstream.response',
      start: 'upstream.response',
      result: 'upstream.response',
    };
    const code =
      endpoint === 'userinfo' && 'json' in answer && !Array.isArray(answer.json)
        ? 'oidc.subject'
        : refused[endpoint];
    expect((await answered(answer)).code).toBe(code);
  });
});

describe('the rows of the client credentials and refresh grants', () => {
  const byGrant = ['token-1', 'token-2', 'token-3', 'token-11', 'token-13', 'token-16', 'token-17'];

  it.each(rowsOf('token').filter((row) => byGrant.includes(row.id)))('$id before a start', async (row) => {
    service.answers.token = recorded(row);
    expectRow(await refusal(CALLS.start.call), row);
    delete service.answers.token;
  });

  it.each(rowsOf('token').filter((row) => ['token-6', 'token-8', 'token-10', 'token-15'].includes(row.id)))(
    '$id at a refresh',
    async (row) => {
      const client = createAuthAndSign(await optionsFor(service));
      const tokens = await client.exchangeCode('code', REQUEST);
      service.answers.token = recorded(row);
      const thrown: unknown = await client.refresh(tokens).catch((error: unknown) => error);
      delete service.answers.token;
      expect(thrown).toBeInstanceOf(JitsuinError);
      if (thrown instanceof JitsuinError) expectRow(thrown, row);
    },
  );
});

describe('the rows of authorization', () => {
  it.each(rowsOf('authorization'))('$id $error', (row) => {
    const query = new URLSearchParams({ error: row.error, state: 's' });
    if (row.errorDescription !== undefined)
      query.set('error_description', row.errorDescription.replace('○○○○', 'x'));
    expect(readCallback(query, 'https://op.simulated.example')).toEqual({ kind: 'error', state: 's', row });
  });
});
