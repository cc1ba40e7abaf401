import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../src/adapters/http-client/http-client.ts';
import { createPfVerificationService } from '../../../src/adapters/pf-verification/pf-verification-service.ts';
import { systemRandom } from '../../../src/adapters/random.ts';
import type { ApplicationId } from '../../../src/core/brand.ts';
import type { HttpClient } from '../../../src/ports/http-client.ts';
import { awaitVerification } from '../../../src/rp/await-verification.ts';
import { submitVerification } from '../../../src/rp/submit-verification.ts';
import { sweep } from '../../../src/rp/sweep.ts';
import { type FakeWorld, fakeWorld } from '../../support/fakes.ts';
import { fetched, stored } from '../../support/flow.ts';
import { type Answer, optionsFor, writeAnswer } from '../auth-and-sign/recorded-service.ts';
import { ANSWERS } from './answers.ts';
import { type FaultyHosts, startFaultyHosts } from './faulty-hosts.ts';
import { type Outcome, PLATFORM_OPERATOR } from './outcomes.ts';
import { judged } from './scene.ts';

const HOUR = 3_600_000;
/** The bundle as the service gave it. */
const RECEIVED = 'h..i.c.t';
const VERIFICATION = '00000000-0000-4000-8000-00000000000c';

let answer: Answer = {};
let requests = 0;
const operator = createServer((incoming, outgoing) => {
  requests += 1;
  incoming.resume().on('end', () => writeAnswer(outgoing, answer));
});
let faulty: FaultyHosts;
let url = '';

beforeAll(async () => {
  faulty = await startFaultyHosts();
  await new Promise<void>((resolve) => operator.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(operator.address() as AddressInfo).port}`;
});
afterAll(() => {
  faulty.close();
  for (const client of clients) client.close();
  operator.closeAllConnections();
  operator.close();
});
beforeEach(() => {
  requests = 0;
});

const clients: { close(): void }[] = [];

/** An sp in memory whose way to the platform operator is the real one. */
async function spOf(world: FakeWorld, http: HttpClient) {
  const { clientId, clientKeys, clock } = await optionsFor({ issuer: url, origin: url });
  const port = { http, url, clientId, clientKeys, clock, random: systemRandom() };
  const receipts = { judge: () => Promise.reject(new Error('there is none')) };
  const verifications = createPfVerificationService(port);
  return {
    ...{ ...world, verifications, receipts, service: 's' },
    ...({ environment: 'test', checkMethod: 'CRL' } as const),
  };
}

function wayTo(input: string): HttpClient {
  if (ANSWERS[input] === undefined) return { send: (request) => faulty.send(input, request) };
  const totalTimeoutMillis = ANSWERS[input]?.fault === 'hang' ? 300 : 10_000;
  const options = { allowedHosts: [new URL(url).host], loopbackHttp: 'allowed', totalTimeoutMillis } as const;
  const client = createHttpClient(options);
  clients.push(client);
  return client;
}

/** The application fetched, or handed over to an operator that then went away. */
async function waiting(world: FakeWorld, step: Outcome[1]): Promise<ApplicationId> {
  const { id } = await fetched(world);
  if (step === 'submit') return id;
  const created_at = '2026-01-01T00:00:00Z';
  const json = { id: VERIFICATION, submission_id: id, state: 'received', check_method: 'CRL', created_at };
  answer = { status: 202, json };
  await submitVerification(await spOf(world, wayTo('503 without a body')), id);
  requests = 0;
  return id;
}

async function asked(world: FakeWorld, id: ApplicationId, input: string, step: Outcome[1]) {
  answer = ANSWERS[input] ?? {};
  const sp = await spOf(world, wayTo(input));
  return judged(world, id, () => (step === 'submit' ? submitVerification : awaitVerification)(sp, id));
}

describe('Q15: the platform operator is down', () => {
  it.each(PLATFORM_OPERATOR)('%s at %s: %s (%s)', async (...[input, step, consequence, seen]) => {
    const world = fakeWorld();
    const id = await waiting(world, step);
    expect([await asked(world, id, input, step), `${requests}`]).toEqual([consequence, seen]);
    expect((await stored(world, id)).secrets?.resultJwe).toBe(RECEIVED);
  });

  it.each([
    ['submit', 24, 'restart-needed'],
    ['await', 48, 'failed'],
  ] as const)(
    'at %s for its whole time of %i h: %s, the bundle goes, then all of it',
    async (step, hours, end) => {
      const world = fakeWorld();
      const id = await waiting(world, step);
      world.clock.advance(hours * HOUR - 1);
      expect(await asked(world, id, 'nobody listens', step)).toBe('retry');
      expect((await sweep(world)).timedOut).toBe(0);
      world.clock.advance(1);
      expect((await sweep(world)).timedOut).toBe(1);
      const ended = await stored(world, id);
      expect(ended.state).toBe(end);
      expect(JSON.stringify(ended)).not.toContain(RECEIVED);
      world.clock.advance(24 * HOUR);
      expect((await sweep(world)).purged).toBe(1);
      expect(await stored(world, id)).not.toHaveProperty('secrets');
    },
  );
});
