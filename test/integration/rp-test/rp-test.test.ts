import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPlans } from '../../../src/cli/rp-test/plans/all.ts';
import { asHtml, asJunit, asText } from '../../../src/cli/rp-test/reports.ts';
import type { ModuleResult, PlanName } from '../../../src/cli/rp-test/verdict.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { ObservedRequest, Simulator } from '../../../src/simulator/options.ts';
import { startSimulator } from '../../../src/simulator/start-simulator.ts';
import { openidClientRp } from './openid-client-rp.ts';
import { type Fault, PLANTED, type Planted, PlantedRp } from './planted-rp.ts';

// The tester over relying parties with one planted fault each: every fault named, nothing else.
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const observed: ObservedRequest[] = [];
const LOGIN: readonly PlanName[] = ['login', 'logout'];
let simulator: Simulator;
let rp: PlantedRp;

beforeAll(async () => {
  simulator = await startSimulator({
    seed: 'rp-test',
    now: () => Date.now() as EpochMillis,
    observed: (request) => void observed.push(request),
  });
  rp = new PlantedRp(simulator.issuer, privateKey);
  await rp.listen();
  simulator.registerClient({
    clientId: 'planted',
    variant: 'private',
    redirectUris: [`${rp.base}/cb`],
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] },
    backchannelLogoutUri: `${rp.base}/logout`,
  });
});
afterAll(async () => {
  rp.server.close();
  rp.server.closeAllConnections();
  await simulator.close();
});

async function results(planted: Planted): Promise<readonly ModuleResult[]> {
  rp.plant(planted);
  const party = {
    clientId: 'planted',
    variant: 'private' as const,
    start: `${rp.base}/login`,
    home: `${rp.base}/home`,
    refresh: `${rp.base}/refresh`,
    backchannelLogoutUri: `${rp.base}/logout`,
    recovery: 100,
  };
  return runPlans({ simulator, observed, party }, PLANTED[planted].plans);
}

const named = (all: readonly ModuleResult[], verdict: string) =>
  all.filter((one) => one.verdict === verdict).map(({ name }) => name);

describe('a relying party', { timeout: 60_000 }, () => {
  it.each(Object.keys(PLANTED) as Planted[])('with "%s" is told exactly that', async (planted) => {
    const expected: Fault = PLANTED[planted];
    const all = await results(planted);
    const warnings = expected.warnings ?? [];
    expect(named(all, 'failed').sort()).toEqual(
      expected.named.filter((name) => !warnings.includes(name)).sort(),
    );
    expect(named(all, 'warning')).toEqual(warnings);
    const signing = all.filter(({ came }) => came === 'the plan has no "sign"').map(({ name }) => name);
    const left = named(all, 'not-exercised').filter((name) => !signing.includes(name));
    if (expected.breaks !== true) expect(left).toEqual([]);
    for (const { remedy, verdict, paragraph } of all) {
      expect(paragraph).not.toBe('');
      expect(remedy !== undefined).toBe(verdict === 'failed' || verdict === 'warning');
    }
  });

  // the guideline demands the signature, its key and at_hash; the library trusts TLS for the first two unless told
  it.each([
    ['as it comes', false, ['signature-is-verified', 'kid-is-looked-up', 'at-hash-is-compared']],
    ['with its non-repudiation checks', true, ['at-hash-is-compared']],
  ])(
    'on openid-client %s is told what that lets through, and nothing else',
    async (_how, strict, expected) => {
      const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
      const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
      const key = await crypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), algorithm, false, ['sign']);
      const plain = await openidClientRp(simulator.issuer, 'plain', key, strict);
      simulator.registerClient({
        clientId: 'plain',
        variant: 'private',
        redirectUris: [`${plain.base}/cb`],
        jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] },
      });
      const party = {
        clientId: 'plain',
        variant: 'private' as const,
        start: `${plain.base}/login`,
        home: `${plain.base}/home`,
      };
      const all = await runPlans({ simulator, observed, party }, LOGIN);
      plain.server.close();
      plain.server.closeAllConnections();
      expect(named(all, 'failed')).toEqual(expected);
      expect(named(all, 'warning')).toEqual(['azp-is-compared']);
      expect(named(all, 'not-exercised')).toEqual(
        named(all, 'not-exercised').filter((name) => /^(logout|unlinking)-/.test(name)),
      );
    },
  );

  it('that does not begin a login is judged in nothing but that', async () => {
    const party = {
      clientId: 'planted',
      variant: 'private' as const,
      start: `${rp.base}/home`,
      home: `${rp.base}/home`,
    };
    const all = await runPlans({ simulator, observed, party }, LOGIN);
    expect(named(all, 'failed')).toEqual(['good-login-works']);
    expect(named(all, 'passed')).toEqual([]);
  });

  it('gets its report as text, JUnit and one page, with what was sent, what came and what to do', async () => {
    const all = await results('nonce may be missing');
    const report = {
      clientId: 'planted',
      issuer: simulator.issuer,
      start: rp.base,
      at: new Date(0).toISOString(),
      results: all,
    };
    expect(asText(report)).toContain('[FAIL] nonce-is-demanded');
    expect(asJunit(report)).toMatch(/failures="1"\s+skipped="0"/);
    for (const text of [asText(report), asJunit(report), asHtml(report)]) {
      expect(text).toContain('token: missing-nonce');
      expect(text).toContain('A nonce was sent, so the ID token must have it.');
    }
    expect(asHtml(report)).not.toContain('<script');
  });
});
