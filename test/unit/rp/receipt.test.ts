import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose/jwt/sign';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createReceiptJudge,
  fetchedReceiptKeys,
  type ReceiptJwks,
  receiptKeysFromFile,
} from '../../../src/adapters/pf-verification/receipt-judge.ts';
import type { ReceiptClaims, VerificationStatus } from '../../../src/contracts/verification.ts';
import { awaitVerification } from '../../../src/rp/await-verification.ts';
import { submitVerification } from '../../../src/rp/submit-verification.ts';
import { otherSpellings } from '../../support/compact-spellings.ts';
import { FakeClock, fakeWorld } from '../../support/fakes.ts';
import { fetched, stored } from '../../support/flow.ts';
import { claimsOf, DOCUMENT_SHA256 } from '../../support/receipts.ts';

const code = (expected: string, at?: string) =>
  expect.objectContaining(at === undefined ? { code: expected } : { code: expected, at });
const ISSUER = 'https://pf.example';

interface Pair {
  readonly privateKey: KeyObject;
  readonly jwks: ReceiptJwks;
}

function pair(kid: string): Pair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return { privateKey, jwks: { keys: [{ kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' }] } };
}

const KEY = pair('r1');
const OTHER = pair('r1');

function signed(claims: object, key = KEY, header: Readonly<Record<string, string>> = {}): Promise<string> {
  const protectedHeader = { alg: 'ES256', kid: 'r1', typ: 'verification-receipt+jwt', ...header };
  return new SignJWT({ ...claims }).setProtectedHeader(protectedHeader).sign(key.privateKey);
}

const CLAIMS: ReceiptClaims = {
  iss: ISSUER,
  aud: 'tenant',
  iat: 1_750_000_000,
  jti: 'v1',
  verification: {
    id: 'v1',
    submission_id: 'a',
    result: 'OK',
    indication: 'TOTAL-PASSED',
    data: 'd',
    profile: 'detached',
    mode: 'digest',
    check_method: 'CRL',
    decided_at: '2026-01-01T00:00:01Z',
  },
};

describe('createReceiptJudge', () => {
  const judge = createReceiptJudge({
    issuer: ISSUER,
    audience: CLAIMS.aud,
    keys: async () => KEY.jwks,
    clock: new FakeClock(),
  });

  it('gives the claims of a receipt that the operator signed', async () => {
    expect(await judge.judge(await signed(CLAIMS))).toEqual(CLAIMS);
  });

  it.each([
    ['another key under the same kid', () => signed(CLAIMS, OTHER)],
    ['an unknown kid', () => signed(CLAIMS, KEY, { kid: 'r2' })],
    ['another type of JWT', () => signed(CLAIMS, KEY, { typ: 'JWT' })],
    ['another issuer', () => signed({ ...CLAIMS, iss: 'https://evil.example' })],
    ['another audience', () => signed({ ...CLAIMS, aud: `${CLAIMS.aud}x` })],
    ['two audiences', () => signed({ ...CLAIMS, aud: [CLAIMS.aud, 'another'] } as never)],
    ['no issuer', () => signed({ ...CLAIMS, iss: undefined })],
    ['a claim that the contract has not', () => signed({ ...CLAIMS, serial: '1' })],
    [
      'a missing claim',
      () => signed({ ...CLAIMS, verification: { ...CLAIMS.verification, data: undefined } }),
    ],
    ['no JWS', async () => 'a.b.c'],
    ['an unsigned JWT', async () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
  ])('%s: not believed', async (_name, receipt) => {
    await expect(judge.judge(await receipt())).rejects.toThrow(code('receipt.invalid'));
  });

  it('another spelling of the same octets: not believed', async () => {
    const spellings = otherSpellings(await signed(CLAIMS));
    expect(spellings.length).toBeGreaterThan(4);
    for (const [, text] of spellings)
      await expect(judge.judge(text)).rejects.toThrow(code('receipt.invalid'));
  });

  it('a changed octet of the payload: not believed', async () => {
    const [header, , signature] = (await signed(CLAIMS)).split('.');
    const payload = Buffer.from(JSON.stringify({ ...CLAIMS, iat: 1 })).toString('base64url');
    await expect(judge.judge(`${header}.${payload}.${signature}`)).rejects.toThrow(code('receipt.invalid'));
  });
});

describe('where the keys come from', () => {
  function operator() {
    const clock = new FakeClock();
    const asked: string[] = [];
    const state = { answer: JSON.stringify(KEY.jwks), status: 200 };
    const http = {
      send: async ({ url }: { url: string }) => {
        asked.push(url);
        return { status: state.status, headers: {}, body: Buffer.from(state.answer) };
      },
    };
    return { clock, asked, state, keys: fetchedReceiptKeys({ http, url: `${ISSUER}/`, clock }) };
  }

  it('from the configured operator only, kept for an hour; an unknown kid asks again, at most every 30 s', async () => {
    const { clock, asked, keys } = operator();
    await keys('r1');
    await keys('r1');
    expect(asked).toEqual([`${ISSUER}/.well-known/jwks.json`]);
    await keys('new');
    expect(asked).toHaveLength(1);
    clock.advance(30_000);
    await keys('new');
    expect(asked).toHaveLength(2);
    clock.advance(60 * 60_000);
    await keys('r1');
    expect(asked).toHaveLength(3);
  });

  it.each([
    ['an answer that is no JWK Set', 200, '{"keys":[]}'],
    ['a private key', 200, JSON.stringify({ keys: [{ ...KEY.jwks.keys[0], d: 'x' }] })],
    ['a failure', 503, '{}'],
  ])('%s: no keys now', async (_name, status, answer) => {
    const { state, keys } = operator();
    Object.assign(state, { status, answer });
    await expect(keys('r1')).rejects.toThrow(code('upstream.response'));
  });

  it('a file: read once; one that is not a set of public keys is refused', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jitsuin-receipt-'));
    const file = join(folder, 'jwks.json');
    writeFileSync(file, JSON.stringify(KEY.jwks));
    expect(await (await receiptKeysFromFile(file))('any')).toEqual(KEY.jwks);
    writeFileSync(file, JSON.stringify({ keys: [{ ...KEY.jwks.keys[0], d: 'x' }] }));
    await expect(receiptKeysFromFile(file)).rejects.toThrow(
      code('config.invalid', 'JITSUIN_PF_RECEIPT_JWKS_FILE'),
    );
    await expect(receiptKeysFromFile(join(folder, 'none'))).rejects.toThrow(code('config.invalid'));
    rmSync(folder, { recursive: true });
  });
});

describe('awaitVerification with a real receipt', () => {
  let submitted: Awaited<ReturnType<typeof submittedApplication>>;
  beforeEach(async () => {
    submitted = await submittedApplication();
  });

  async function submittedApplication() {
    const world = fakeWorld();
    const { id } = await fetched(world);
    const decided: VerificationStatus = {
      id: 'v1',
      submission_id: id,
      state: 'decided',
      result: 'OK',
      indication: 'TOTAL-PASSED',
      signed_octets_sha256: DOCUMENT_SHA256,
      check_method: 'CRL',
      created_at: '2026-01-01T00:00:00Z',
      decided_at: '2026-01-01T00:00:01Z',
    };
    const state = { status: decided, receipt: '' };
    const claims: ReceiptClaims[] = [];
    const verifications = {
      submit: async (submission: Parameters<typeof claimsOf>[1]) => {
        claims.push(claimsOf(decided, submission));
        return { ...decided, state: 'received' as const };
      },
      status: async () => state.status,
      find: async () => undefined,
      receipt: async () => (state.receipt === '' ? undefined : { id: 'v1', receipt: state.receipt }),
    };
    const receipts = createReceiptJudge({
      issuer: ISSUER,
      audience: 'tenant',
      keys: async () => KEY.jwks,
      clock: world.clock,
    });
    const ports = {
      ...world,
      verifications,
      receipts,
      service: 's',
      environment: 'test',
      checkMethod: 'CRL',
    } as const;
    await submitVerification(ports, id);
    const [told] = claims;
    if (told === undefined) throw new Error('not submitted');
    return { world, ports, id, state, claims: told };
  }

  it('keeps verdict and receipt', async () => {
    const { world, ports, id, state, claims } = submitted;
    state.receipt = await signed(claims);
    await awaitVerification(ports, id);
    expect(await stored(world, id)).toMatchObject({ state: 'decided', secrets: { receipt: state.receipt } });
  });

  it('keeps a receipt that came with the verdict, and asks for none', async () => {
    const { world, ports, id, state, claims } = submitted;
    const receipt = await signed(claims);
    state.status = Object.assign({}, state.status, { receipt });
    await awaitVerification(ports, id);
    expect(state.receipt).toBe('');
    expect(await stored(world, id)).toMatchObject({ state: 'decided', secrets: { receipt } });
  });

  it('judges a receipt that came with the verdict like any other', async () => {
    const { world, ports, id, state, claims } = submitted;
    const receipt = await signed({ ...claims, verification: { ...claims.verification, data: 'AAAA' } });
    state.status = Object.assign({}, state.status, { receipt });
    await awaitVerification(ports, id);
    expect(await stored(world, id)).toMatchObject({
      state: 'failed',
      failure: { code: 'binding.transaction' },
    });
  });

  it.each([
    ['submission_id', 'other'],
    ['data', 'AAAA'],
    ['signed_octets_sha256', 'f'.repeat(64)],
    ['signed_octets_sha256', undefined],
    ['result', 'SIGNATURE_MISMATCH'],
    ['indication', 'TOTAL-FAILED'],
    ['profile', 'enveloped'],
    ['mode', 'digest'],
    ['id', 'v2'],
    ['decided_at', '2026-01-01T00:00:02Z'],
  ])('a receipt with another %s (%s) ends the application without a verdict', async (name, value) => {
    const { world, ports, id, state, claims } = submitted;
    state.receipt = await signed({ ...claims, verification: { ...claims.verification, [name]: value } });
    await awaitVerification(ports, id);
    const ended = await stored(world, id);
    expect(ended).toMatchObject({ state: 'failed', failure: { code: 'binding.transaction' } });
    expect(ended).not.toHaveProperty('verdict');
  });

  it('a receipt under the jti of another verification, where all that it says is right', async () => {
    const { world, ports, id, state, claims } = submitted;
    state.receipt = await signed({ ...claims, jti: 'v2' });
    await awaitVerification(ports, id);
    const ended = await stored(world, id);
    expect(ended).toMatchObject({ state: 'failed', failure: { code: 'binding.transaction' } });
    expect(ended).not.toHaveProperty('verdict');
  });

  it('status and receipt agree on octets that we did not prepare: not believed', async () => {
    const { world, ports, id, state, claims } = submitted;
    const signed_octets_sha256 = 'f'.repeat(64);
    state.status = { ...state.status, signed_octets_sha256 };
    state.receipt = await signed({
      ...claims,
      verification: { ...claims.verification, signed_octets_sha256 },
    });
    await awaitVerification(ports, id);
    expect(await stored(world, id)).toMatchObject({ failure: { code: 'binding.transaction' } });
  });

  it('a receipt of an unknown key waits for an operator; the application stays', async () => {
    const { world, ports, id, state, claims } = submitted;
    state.receipt = await signed(claims, OTHER);
    await expect(awaitVerification(ports, id)).rejects.toThrow(code('receipt.invalid'));
    expect((await stored(world, id)).state).toBe('submitted');
  });

  it('a verdict without a receipt is asked for again', async () => {
    const { world, ports, id } = submitted;
    await expect(awaitVerification(ports, id)).rejects.toThrow(code('upstream.response'));
    expect((await stored(world, id)).state).toBe('submitted');
  });
});
