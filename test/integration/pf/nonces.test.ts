import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApplicationId } from '../../../src/core/brand.ts';
import { formCatalogue } from '../../../src/core/forms/catalogue.ts';
import { answerOcsp } from '../../../src/simulator/jpki/ocsp.ts';
import { createVerifyInside } from '../../../src/verification/judge-clear-result.ts';
import { createRevocationWatch } from '../../../src/verification/revocation/revocation-watch.ts';
import { shippedFor } from '../../../src/verifier/policy/shipped.ts';
import { APPLICATIONS, anchorsOf, NOW, newRegistry, signXml } from '../../support/pf-signing.ts';
import { KeptLog, type PfWorld, SharedClock, startPfWorld, submissionOf } from '../../support/pf-world.ts';

/** id-pkix-ocsp-nonce (RFC 9654), then the OCTET STRING of an OCTET STRING of 16 octets. */
const NONCE = /06092b060105050730010204120410([0-9a-f]{32})/;
const nonceOf = (request: Uint8Array) => NONCE.exec(Buffer.from(request).toString('hex'))?.[1];

/**
 * One caller of an OCSP responder: what it asked so far, and a judgement with the responder as it is or replaying its
 * first answer.
 */
interface Caller {
  readonly asked: () => readonly Uint8Array[];
  /** What it says, as one word. */
  judge(responder: 'honest' | 'replaying'): Promise<string>;
}

let world: PfWorld;
beforeAll(async () => {
  world = await startPfWorld();
  await world.startWorker();
});
afterAll(() => world.close());

async function submitted(): Promise<string> {
  const { id } = await world.service('alpha').submit(await submissionOf(world));
  for (;;) {
    const status = await world.service('alpha').status(id);
    if (status.state !== 'received') return id;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const mode = (responder: 'honest' | 'replaying') => {
  world.source.mode = responder === 'honest' ? 'up' : 'replaying';
};

const pfSubmission: Caller = {
  asked: () => world.source.ocsp,
  judge: async (responder) => {
    mode(responder);
    const { id } = await world.service('alpha').submit(await submissionOf(world));
    const before = world.source.ocsp.length;
    await expect.poll(() => world.source.ocsp.length).toBeGreaterThan(before);
    if (responder === 'replaying') return (await world.service('alpha').status(id)).result ?? 'undecided';
    await expect.poll(async () => (await world.service('alpha').status(id)).state).toBe('decided');
    return (await world.service('alpha').status(id)).result ?? 'undecided';
  },
};

const pfStatusCheck: Caller = {
  asked: () => world.source.ocsp,
  judge: async (responder) => {
    mode('honest');
    const id = await submitted();
    mode(responder);
    const response = await fetch(`${world.url}/v1/verifications/${id}/status-checks`, {
      method: 'POST',
      headers: {
        authorization: await world.bearer('alpha'),
        'idempotency-key': crypto.randomUUID(),
        'content-type': 'application/json',
      },
      body: JSON.stringify({ check_method: 'OCSP' }),
    });
    const { status } = (await response.json()) as { status: string };
    return status === 'GOOD' ? 'OK' : 'undecided';
  },
};

function govCaller(): Caller {
  const registry = newRegistry();
  const signed = signXml(registry, 'taro', 'enveloped');
  const asked: Uint8Array[] = [];
  const answers: Uint8Array[] = [];
  let replaying = false;
  let count = 0;
  const [log, clock] = [new KeptLog(), new SharedClock()];
  const verify = createVerifyInside({
    forms: formCatalogue(),
    policy: shippedFor('test'),
    checkMethod: 'OCSP',
    clockTolerance: 60_000,
    trustAnchors: anchorsOf(registry),
    responderCache: new Map(),
    revocation: {
      ocsp: async (request) => {
        asked.push(request);
        answers.push(new Uint8Array(answerOcsp(registry, request, NOW)));
        return (replaying ? answers[0] : answers.at(-1)) ?? new Uint8Array();
      },
      clockOffset: () => 0,
    },
    log,
    revocationWatch: createRevocationWatch(clock, log),
    evidence: {
      put: async () => undefined,
      get: async () => undefined,
      sealOf: async () => undefined,
      delete: async () => undefined,
      collectFiles: async () => 0,
    },
    random: { octets: (length) => crypto.getRandomValues(new Uint8Array(length)), id: () => 'id' },
  });
  return {
    asked: () => asked,
    judge: async (responder) => {
      replaying = responder === 'replaying';
      count += 1;
      const outcome = await verify({
        application: `application-${count}` as ApplicationId,
        tenant: 'tenant-1',
        profile: 'enveloped',
        mode: 'digest-info',
        data: signed.prepared.data,
        prepared: signed.prepared.state,
        document: APPLICATIONS.enveloped,
        files: [],
        certificate: signed.certificate,
        signatureValue: signed.signatureValue,
        at: NOW,
        patience: 'may-wait',
      });
      return outcome.kind === 'decided' && outcome.verdict.indication === 'TOTAL-PASSED' ? 'OK' : 'undecided';
    },
  };
}

describe.each([
  ['a submission at pf', () => pfSubmission],
  ['a status check at pf', () => pfStatusCheck],
  ['an agency’s own verification', govCaller],
] as const)('%s', (_name, makeCaller) => {
  const caller = makeCaller();

  it('asks every OCSP question with a nonce of its own, 16 octets', async () => {
    const before = caller.asked().length;
    expect([await caller.judge('honest'), await caller.judge('honest')]).toEqual(['OK', 'OK']);
    const nonces = caller.asked().slice(before).map(nonceOf);
    expect(nonces.length).toBeGreaterThanOrEqual(2);
    expect(nonces).not.toContain(undefined);
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it('believes no answer to an earlier question', async () => {
    await caller.judge('honest');
    expect(await caller.judge('replaying')).toBe('undecided');
  });
});
