import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signingBy } from '../../../src/cli/rp-test/hooks.ts';
import { runPlans } from '../../../src/cli/rp-test/plans/all.ts';
import type { ModuleResult, PlanName } from '../../../src/cli/rp-test/verdict.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { ObservedRequest, PfPublicKey, Simulator } from '../../../src/simulator/options.ts';
import { startSimulator } from '../../../src/simulator/start-simulator.ts';
import { PLANTED_SIGNERS, type PlantedSign, PlantedSigner } from './planted-signer.ts';

// The tester over parties that let people sign, with one planted fault each: every fault named, nothing else.
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const observed: ObservedRequest[] = [];
let simulator: Simulator;
let signer: PlantedSigner;

beforeAll(async () => {
  simulator = await startSimulator({
    seed: 'rp-test',
    now: () => Date.now() as EpochMillis,
    observed: (request) => void observed.push(request),
  });
  signer = new PlantedSigner(simulator.issuer, privateKey);
  await signer.listen();
  const { x = '', y = '' } = signer.operator.publicKey.export({ format: 'jwk' });
  const pfPublicKey: PfPublicKey = { kty: 'EC', use: 'enc', alg: 'ECDH-ES', crv: 'P-256', x, y, kid: 'pf' };
  const client = {
    redirectUris: [`${signer.base}/cb`],
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] },
  };
  simulator.registerClient({ ...client, clientId: 'signer-private', variant: 'private', pfPublicKey });
  simulator.registerClient({ ...client, clientId: 'signer-government', variant: 'government' });
});
afterAll(async () => {
  signer.server.close();
  signer.server.closeAllConnections();
  await simulator.close();
});

interface Expected {
  readonly variant?: 'private' | 'government';
  readonly plans?: readonly PlanName[];
  readonly named: readonly string[];
  readonly warnings?: readonly string[];
}

function results(planted: PlantedSign): Promise<readonly ModuleResult[]> {
  const { variant = 'private', plans = ['signature'] }: Expected = PLANTED_SIGNERS[planted];
  const clientId = `signer-${variant}`;
  signer.plant(planted, clientId);
  const post = (path: string) => ({ post: `${signer.base}${path}`, headers: {} });
  const party = {
    clientId,
    variant,
    signing: signingBy(post('/start'), post('/done'), '.'),
    press: ['署名に進む'],
    patience: 400,
    recovery: 100,
    stored: async () => signer.stored,
  };
  return runPlans({ simulator, observed, party }, plans);
}

const named = (all: readonly ModuleResult[], verdict: string) =>
  all.filter((one) => one.verdict === verdict).map(({ name }) => name);

describe('who lets people sign', { timeout: 120_000 }, () => {
  it.each(Object.keys(PLANTED_SIGNERS) as PlantedSign[])(
    'with "%s" is told exactly that',
    async (planted) => {
      const { named: expected, warnings = [], plans = [] }: Expected = PLANTED_SIGNERS[planted];
      const all = await results(planted);
      expect(named(all, 'failed').sort()).toEqual(expected.filter((name) => !warnings.includes(name)).sort());
      expect(named(all, 'warning')).toEqual(warnings);
      const left = all.filter(
        ({ verdict, name }) => verdict === 'not-exercised' && !/userinfo|jwks/.test(name),
      );
      if (!plans.includes('error-rows')) expect(left.map(({ name }) => name)).toEqual([]);
    },
  );

  it('whose signatures never come about is told that, and nothing is claimed of the rest', async () => {
    signer.plant('none', 'nobody');
    const party = {
      clientId: 'nobody',
      variant: 'private' as const,
      signing: signingBy(`${signer.base}/none`, `${signer.base}/none`, '.'),
    };
    const all = await runPlans({ simulator, observed, party }, ['signature']);
    expect(named(all, 'failed')).toEqual(['good-signature-is-taken']);
    expect(named(all, 'passed')).toEqual([]);
  });
});
