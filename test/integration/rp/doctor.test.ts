import { chmodSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rotateSealKey } from '../../../src/adapters/keys/sealer-file.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { examineRuntime, examineTrustStore } from '../../../src/cli/doctor/machine.ts';
import { examineService } from '../../../src/cli/doctor/service.ts';
import { main } from '../../../src/cli/main.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { HttpResponse } from '../../../src/ports/http-client.ts';
import { memoryLeases } from '../../contract/auth-and-sign/recorded-service.ts';
import { type RpWorld, startRpWorld, submitted } from './world.ts';

let world: RpWorld;
beforeAll(async () => {
  world = await startRpWorld('sp');
  await submitted(world, '<届出>模擬</届出>');
});
afterAll(() => world.close());

async function doctor(env: Record<string, string>, ...args: string[]) {
  const out: string[] = [];
  const status = await main(['doctor', '--role', 'sp', '--json', ...args], {
    stdout: (text) => void out.push(text),
    stderr: () => undefined,
    isTty: false,
    env,
    signal: new AbortController().signal,
  });
  const { findings } = JSON.parse(out.join('')) as { findings: readonly Finding[] };
  const stateOf = (check: string) => findings.find((finding) => finding.check === check);
  return { status, findings, stateOf };
}

describe('jitsuin doctor', () => {
  it('a good sp whose platform operator is away: all passes but that, exit 3', async () => {
    const { status, findings, stateOf } = await doctor(world.env('sp'), '--token');
    expect(findings.filter(({ state }) => state !== 'passed').map(({ check }) => check)).toEqual([
      'pf-reachable',
    ]);
    for (const check of [
      'trust-store',
      'client-key',
      'store',
      'queue',
      'sealed-values',
      'service-client',
      'service-clock',
    ]) {
      expect(stateOf(check)?.state).toBe('passed');
    }
    expect(status).toBe(3);
  });

  it('an issuer with one slash too many, an unregistered client: failed, exit 1, with advice', async () => {
    const env = world.env('sp');
    const slash = await doctor({ ...env, JITSUIN_ISSUER: `${env['JITSUIN_ISSUER']}/` });
    expect(slash.stateOf('service-discovery')).toMatchObject({ state: 'failed', code: 'oidc.issuer' });
    expect(slash.status).toBe(1);
    const client = await doctor({ ...env, JITSUIN_CLIENT_ID: 'RP99999999' }, '--token');
    expect(client.stateOf('service-client')).toMatchObject({ state: 'failed', code: 'upstream.operator' });
    expect(client.stateOf('service-client')?.advice).toContain('rp keygen');
  });

  it('M6: a key file that others can read is failed, with the command that repairs it', async () => {
    const file = world.env('sp')['JITSUIN_CLIENT_KEY_FILE'] ?? '';
    chmodSync(file, 0o644);
    const { stateOf, status } = await doctor(world.env('sp'));
    chmodSync(file, 0o600);
    expect(stateOf('client-key')).toMatchObject({
      state: 'failed',
      code: 'config.key-mode',
      advice: `Run: chmod 600 ${file}`,
    });
    expect(status).toBe(1);
  });

  it('a platform operator’s key at the sp, a mixed environment, no configuration: each by its code', async () => {
    const env = world.env('sp');
    for (const [changes, code] of [
      [{ JITSUIN_PF_KEYSTORE_FILE: 'x' }, 'config.role-key'],
      [{ JITSUIN_ENVIRONMENT: 'production' }, 'config.environment-mixed'],
      [{ JITSUIN_CLIENT_ID: '' }, 'config.invalid'],
    ] as const) {
      const { stateOf, status } = await doctor({ ...env, ...changes });
      expect([stateOf('configuration')?.code, status]).toEqual([code, 1]);
    }
  });

  it('M3: values that wait to be sealed again are told', async () => {
    rotateSealKey(world.env('sp')['JITSUIN_SEAL_KEY_FILE'] ?? '');
    expect((await doctor(world.env('sp'))).stateOf('sealed-values')).toMatchObject({
      state: 'warning',
      advice: 'Run: jitsuin keys reseal --role sp',
    });
  });
});

describe('the clock', () => {
  const at = 1_780_000_000_000 as EpochMillis;
  const answer: HttpResponse = {
    status: 200,
    headers: { date: new Date(at).toUTCString() },
    body: new TextEncoder().encode('{}'),
  };
  it.each([
    [0, 'passed'],
    [-8_000, 'warning'],
    [15_000, 'failed'],
    [-61_000, 'failed'],
  ] as const)('%s ms off: %s', async (off, state) => {
    const findings = await examineService(
      {
        issuer: 'https://op.example',
        clientId: 'x',
        clientKeys: { signAssertion: () => Promise.reject(new Error('not asked')) },
        http: { send: () => Promise.resolve(answer) },
        clock: { now: () => (at + off) as EpochMillis },
        random: { octets: () => new Uint8Array(16), id: () => 'x' },
        leases: memoryLeases(),
        allowLoopbackHttp: false,
        iatWindowMillis: 1,
      },
      'service',
      false,
    );
    expect(findings.find(({ check }) => check === 'service-clock')?.state).toBe(state);
  });
});

describe('the machine', () => {
  it('G13: RootCA2 present, ending soon, ended, missing, another store', () => {
    const judge = (date: string, roots?: readonly string[]) =>
      examineTrustStore({}, Date.parse(date), roots).state;
    expect(judge('2026-11-22', rootCertificates)).toBe('passed');
    expect(judge('2029-03-01', rootCertificates)).toBe('warning');
    expect(judge('2029-05-30', rootCertificates)).toBe('failed');
    expect(judge('2026-11-22', rootCertificates.slice(0, 1))).toBe('failed');
    expect(examineTrustStore({ NODE_OPTIONS: '--use-openssl-ca' }, 0).state).toBe('undecided');
  });

  it('an old runtime and verification switched off are failed', () => {
    expect(examineRuntime({}, 'v20.18.3').map(({ state }) => state)).toEqual(['failed', 'passed']);
    expect(
      examineRuntime({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'v24.1.0').map(({ state }) => state),
    ).toEqual(['passed', 'failed']);
  });
});
