import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VerificationStatus } from '../../../src/contracts/verification.ts';
import type { VerificationId } from '../../../src/core/brand.ts';
import type { CardAlgorithm } from '../../../src/core/xmldsig/algorithms.ts';
import { verify } from '../../../src/pf/judge-verification.ts';
import { sweep } from '../../../src/pf/sweep.ts';
import { type OpenedPf, openPf } from '../../../src/roles/pf/wiring.ts';
import { verifyEvidence } from '../../../src/verifier/evidence/verify-evidence.ts';
import { derValue, otherValue } from '../../support/ecdsa-values.ts';
import { anchorsOf } from '../../support/pf-signing.ts';
import { type PfWorld, type SubmissionOptions, startPfWorld, submissionOf } from '../../support/pf-world.ts';

/** The card announced for 2028: P-384, SHA-384 or SHA-256, its value raw or in DER. */
let world: PfWorld;
let pf: OpenedPf;

beforeAll(async () => {
  world = await startPfWorld();
  pf = await openPf(world.config, 'pf-worker', world.url, world);
});
afterAll(async () => {
  await pf.close();
  await world.close();
});

async function judged(options: SubmissionOptions): Promise<VerificationStatus> {
  const { id } = await world.service('alpha').submit(await submissionOf(world, options));
  await run(id);
  return world.service('alpha').status(id);
}

const run = (subject: string) =>
  verify(pf.operator, {
    id: 'job',
    name: 'verify',
    version: 1,
    subject,
    attempt: 1,
    signal: AbortSignal.timeout(20_000),
  });

const raw = (value: Uint8Array) => value;
const kinds = (['ecdsa-sha384', 'ecdsa-sha256'] as const).flatMap((algorithm) =>
  (
    [
      ['enveloped', 'digest-info'],
      ['by-id', 'digest-info'],
      ['guideline', 'digest-info'],
      ['detached', 'digest'],
      ['detached', 'digest-info'],
    ] as const
  ).flatMap(([profile, mode]) =>
    (
      [
        ['raw', raw],
        ['DER', derValue],
      ] as const
    ).map(([spelling, value]) => ({ algorithm, profile, mode, spelling, value })),
  ),
);

describe('the next card at the platform operator', () => {
  // the pf of these tests refuses files in digest-info, as every pf does unless its operator says otherwise
  const allowed = kinds.filter(({ profile, mode }) => profile !== 'detached' || mode === 'digest');

  it.each(allowed)(
    '$algorithm, $profile, $spelling: OK, and its evidence decides the same',
    async ({ spelling: _spelling, ...options }) => {
      const status = await judged({ person: 'next-card', ...options });
      expect([status.state, status.result, status.indication]).toEqual(['decided', 'OK', 'TOTAL-PASSED']);
      const evidence = (await pf.store.evidence.get(status.id)) ?? new Uint8Array(0);
      const again = verifyEvidence(evidence, anchorsOf(world.registry));
      expect([again.integrity.indication, again.result]).toEqual(['TOTAL-PASSED', 'OK']);
    },
  );

  it.each(allowed)('$algorithm, $profile, $spelling: one octet of the value is enough', async (kind) => {
    const { spelling: _spelling, value, ...options } = kind;
    const spoilt = (octets: Uint8Array) => value(octets.with(octets.length - 1, (octets.at(-1) ?? 0) ^ 1));
    const status = await judged({ person: 'next-card', ...options, value: spoilt });
    expect([status.result, status.sub_indication]).toEqual(['SIGNATURE_MISMATCH', 'SIG_CRYPTO_FAILURE']);
  });

  it.each([
    ['in DER', derValue],
    ['as r ‖ n - s', otherValue],
    ['as r ‖ n - s in DER', (value: Uint8Array) => derValue(otherValue(value))],
  ])('a signature counts once, also written again %s for another tenant', async (_how, value) => {
    const options = { person: 'next-card', algorithm: 'ecdsa-sha384', method: 'CRL' } as const;
    let signed: Uint8Array | undefined;
    const first = await submissionOf(world, { ...options, value: (octets) => (signed = octets) });
    const { id } = await world.service('alpha').submit(first);
    await run(id);
    expect((await world.service('alpha').status(id)).result).toBe('OK');
    const again = await submissionOf(world, {
      ...options,
      tenant: 'beta',
      value: () => value(signed ?? new Uint8Array(0)),
    });
    const { skeleton, data } = first;
    const other = await world.service('beta').submit({ ...again, skeleton, data });
    await run(other.id);
    expect(await world.service('beta').status(other.id)).toMatchObject({
      state: 'refused',
      failure: 'binding.replay',
    });
  });

  it.each([
    ['taro', 'ecdsa-sha384'],
    ['taro', 'ecdsa-sha256'],
    ['next-card', 'rsa-sha256'],
  ] as const)(
    'prepared for another card than %s holds (%s): held, and never told as a fault of the certificate',
    async (person, algorithm: CardAlgorithm) => {
      const status = await judged({ person, algorithm });
      expect([status.state, status.result]).toEqual(['received', undefined]);
      const { deadline = 0 } = (await pf.store.verifications.get(status.id as VerificationId)) ?? {};
      const { millis } = world.clock;
      world.clock.millis = deadline + 1;
      await sweep(pf.operator);
      world.clock.millis = millis;
      expect(await world.service('alpha').status(status.id)).toMatchObject({
        state: 'expired',
        failure: 'certificate.key-policy',
      });
    },
  );
});
