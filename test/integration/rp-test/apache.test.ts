import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { runPlans } from '../../../src/cli/rp-test/plans/all.ts';
import { type ModuleResult, PLANS } from '../../../src/cli/rp-test/verdict.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { ObservedRequest } from '../../../src/simulator/options.ts';
import { startSimulator } from '../../../src/simulator/start-simulator.ts';
import { notRunUnless } from '../../support/not-run.ts';
import { freePorts } from '../../support/ports.ts';
import { hasModAuthOpenidc, startModAuthOpenidc } from './mod-auth-openidc.ts';

// A relying party that is none of ours, in C, as its manual has it.
const there = hasModAuthOpenidc();
if (!there)
  notRunUnless(
    'JITSUIN_REQUIRE_APACHE',
    'rp-test over mod_auth_openidc',
    'apt-get install apache2 libapache2-mod-auth-openidc',
  );

const named = (all: readonly ModuleResult[], verdict: string) =>
  all.filter((one) => one.verdict === verdict).map(({ name }) => name);

describe.skipIf(!there)('mod_auth_openidc', { timeout: 300_000 }, () => {
  it('is told what it lets through, each of which is true, and nothing else', async () => {
    const observed: ObservedRequest[] = [];
    const simulator = await startSimulator({
      seed: 'apache',
      now: () => Date.now() as EpochMillis,
      observed: (request) => void observed.push(request),
    });
    const [port = 0] = await freePorts(1);
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const base = `http://127.0.0.1:${port}`;
    const backchannelLogoutUri = `${base}/private/cb?logout=backchannel`;
    simulator.registerClient({
      clientId: 'apache',
      variant: 'private',
      redirectUris: [`${base}/private/cb`],
      jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }) }] },
      backchannelLogoutUri,
    });
    const apache = await startModAuthOpenidc({
      issuer: simulator.issuer,
      clientId: 'apache',
      port,
      privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    });
    try {
      const party = {
        clientId: 'apache',
        variant: 'private' as const,
        start: `${base}/private/`,
        home: `${base}/private/`,
        backchannelLogoutUri,
      };
      const all = await runPlans({ simulator, observed, party }, PLANS);
      // its JOSE library (cjose 0.6) reads no crit
      expect(named(all, 'failed')).toEqual(['crit-is-understood']);
      expect(named(all, 'warning')).toEqual([
        'userinfo-sub-is-compared',
        'other-audiences-are-refused',
        'at-hash-is-demanded',
        'userinfo-sub-is-demanded',
      ]);
      const left = all.filter(({ verdict }) => verdict === 'not-exercised');
      const why = new Set(left.map(({ came }) => came));
      expect([...why].sort()).toEqual([
        'it never asks the jwks endpoint',
        'the plan has no "refresh"',
        'the plan has no "sign"',
      ]);
    } finally {
      await apache.close();
      await simulator.close();
    }
  });
});
