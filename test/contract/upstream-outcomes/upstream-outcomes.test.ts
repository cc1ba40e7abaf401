import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAuthAndSign } from '../../../src/adapters/auth-and-sign/private-client.ts';
import { createHttpClient } from '../../../src/adapters/http-client/http-client.ts';
import { fromUtf8 } from '../../../src/core/encoding.ts';
import { UPSTREAM_ERROR_ROWS } from '../../../src/core/sign-transaction/upstream-errors.ts';
import type { HttpClient, HttpRequest } from '../../../src/ports/http-client.ts';
import { authorize } from '../../../src/rp/authorize.ts';
import { startSignature } from '../../../src/rp/start-signature.ts';
import { type FakeWorld, fakeWorld } from '../../support/fakes.ts';
import { BROWSER, received, stored } from '../../support/flow.ts';
import {
  type Answer,
  defaultAnswer,
  optionsFor,
  type Route,
  routeOf,
  type Seen,
  tokenAnswer,
} from '../auth-and-sign/recorded-service.ts';
import { service, useRecordedService } from '../auth-and-sign/setup.ts';
import { ANSWERS } from './answers.ts';
import { type FaultyHosts, startFaultyHosts } from './faulty-hosts.ts';
import { BROKEN_ANSWERS, GUIDELINE, NETWORK, type Outcome, type Step } from './outcomes.ts';
import { play, sceneOf } from './scene.ts';

useRecordedService();

let faulty: FaultyHosts;
beforeAll(async () => {
  faulty = await startFaultyHosts();
});
afterAll(() => faulty.close());

const ROUTES: Readonly<Partial<Record<Step, Route>>> = {
  ...{ code: 'token', 'client-token': 'token', refresh: 'token', login: 'userinfo' },
  ...{ start: 'start', result: 'result' },
};
const GRANTS: Partial<Record<Step, string>> = {
  ...{ code: 'authorization_code', 'client-token': 'client_credentials', refresh: 'refresh_token' },
};

/** Whether this request is the one that the step is about. */
function isOf(step: Step, path: string, body: string): boolean {
  const route = routeOf(path);
  if (route === undefined || route !== ROUTES[step]) return false;
  const grant = GRANTS[step];
  return grant === undefined || new URLSearchParams(body).get('grant_type') === grant;
}

/** The row as the service would write it; a placeholder is filled. */
function rowOf(id: string) {
  const row = UPSTREAM_ERROR_ROWS.find((one) => one.id === id);
  if (row === undefined) return undefined;
  const description = row.errorDescription?.replace('○○○○', 'scope');
  return { ...row, ...(description === undefined ? {} : { errorDescription: description }) };
}

function answerOf(input: string): Answer | undefined {
  const row = rowOf(input);
  if (row === undefined) return ANSWERS[input];
  const { status, error, errorDescription: error_description, item } = row;
  return { status, json: { error, error_description, item } };
}

/** The recorded service answers as ever, but fails the step. `nonce`: what its ID token must name. */
function failAt(step: Step, answer: Answer | undefined, nonce: () => string): void {
  for (const route of ['token', 'userinfo', 'start', 'result'] as const) {
    service.answers[route] = (seen: Seen) => {
      if (answer !== undefined && isOf(step, seen.path, seen.body)) return answer;
      if (step === 'refresh' && route === 'result') return answerOf('result-12') ?? {};
      const grant = new URLSearchParams(seen.body).get('grant_type') ?? '';
      if (grant !== 'authorization_code') return defaultAnswer(route, service.issuer, service.key, seen);
      return { json: tokenAnswer(service.issuer, service.key, grant, { nonce: nonce() }) };
    };
  }
}

let closing: { close(): void }[] = [];
afterEach(() => {
  for (const client of closing) client.close();
  closing = [];
});

/** The real client; only what belongs to the step goes to a host with a fault, or has short deadlines. */
function httpFor(step: Step, input: string): HttpClient {
  const options = { allowedHosts: [new URL(service.origin).host], loopbackHttp: 'allowed' } as const;
  const patient = createHttpClient(options);
  const hasty = createHttpClient({ ...options, totalTimeoutMillis: 300 });
  closing.push(patient, hasty);
  const hosts = new Set(NETWORK.map(([name]) => name).filter((name) => ANSWERS[name] === undefined));
  return {
    send: (request: HttpRequest) => {
      const body = request.body === undefined ? '' : fromUtf8(request.body);
      if (!isOf(step, new URL(request.url).pathname, body)) return patient.send(request);
      if (hosts.has(input)) return faulty.send(input, request);
      return (ANSWERS[input]?.fault === 'hang' ? hasty : patient).send(request);
    },
  };
}

function requestsSeen(): string {
  return (['token', 'userinfo', 'start', 'result'] as const)
    .filter((route) => service.count(route) > 0)
    .map((route) => `${route} ${service.count(route)}`)
    .join(', ');
}

/** What a reader of `outcomes.ts` is told, measured. */
async function measured([input, step]: Outcome): Promise<Outcome> {
  let nonce = '';
  failAt(step, answerOf(input), () => nonce);
  const row = step === 'authorize' ? rowOf(input) : undefined;
  const consequence = await play(step, {
    authAndSign: createAuthAndSign(await optionsFor(service, { http: httpFor(step, input) })),
    ...(row === undefined
      ? {}
      : { said: { error: row.error, error_description: row.errorDescription ?? '' } }),
    sent: (url) => {
      nonce = url.searchParams.get('nonce') ?? '';
    },
    failing: () => {
      service.seen.length = 0;
    },
  });
  return [input, step, consequence as Outcome[2], requestsSeen()];
}

describe('Q11: a row of the guideline', () => {
  it.each(GUIDELINE)('%s at %s: %s (%s)', async (...outcome) => {
    expect(await measured(outcome)).toEqual(outcome);
  });

  it('the list has every row of the five tables', () => {
    const listed = new Set(GUIDELINE.map(([input]) => input));
    expect(UPSTREAM_ERROR_ROWS.map(({ id }) => id).filter((id) => !listed.has(id))).toEqual([]);
    expect(UPSTREAM_ERROR_ROWS).toHaveLength(61);
  });
});

describe('Q11: an answer that is in no table', () => {
  it.each(BROKEN_ANSWERS)('%s at %s: %s (%s)', async (...outcome) => {
    expect(await measured(outcome)).toEqual(outcome);
  });
});

describe('Q12, Q13: a fault of the network', () => {
  it.each(NETWORK)('%s at %s: %s (%s)', async (...outcome) => {
    expect(await measured(outcome)).toEqual(outcome);
  });
});

describe('Q12: a start whose answer was lost', () => {
  it('a second transaction is opened, and the first is never used', async () => {
    const [lost, used] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'];
    const opened: string[] = [];
    service.answers.start = () => {
      const id = opened.length === 0 ? lost : used;
      opened.push(id);
      return opened.length === 1 ? { fault: 'half' } : { json: { sign_transaction_id: id } };
    };
    const scene = sceneOf({ authAndSign: createAuthAndSign(await optionsFor(service)) });
    const world = { ...fakeWorld(), ...scene } as FakeWorld;
    const { id } = await received(world);
    await expect(startSignature(scene, await stored(world, id))).rejects.toMatchObject({ retryable: true });
    const url = await authorize(scene, await stored(world, id), BROWSER);
    expect(opened).toEqual([lost, used]);
    expect(new URL(url).searchParams.get('sign_transaction_id')).toBe(used);
    expect(JSON.stringify(service.seen)).not.toContain(lost);
  });
});
