import { expect, it } from 'vitest';
import { examineLoginProof } from '../../../src/cli/doctor/login-proof.ts';
import type { LoginConfig } from '../../../src/config/login.ts';
import type { HttpClient } from '../../../src/ports/http-client.ts';

const ISSUER = 'https://broker.example';
const answering = (metadata: unknown): HttpClient => ({
  send: async () => ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(metadata)) }),
});
const loginBy = (proof: LoginConfig['proof']) =>
  ({ provider: 'broker', issuer: ISSUER, ...(proof === undefined ? {} : { proof }) }) as LoginConfig;
const ACR = { claim: 'acr', value: 'card' };

it.each([
  ['no proof is set', undefined, {}, 'warning', 'JITSUIN_LOGIN_PROOF'],
  [
    'the broker lists claim and value',
    ACR,
    { claims_supported: ['acr'], acr_values_supported: ['card'] },
    'passed',
    'card',
  ],
  ['the broker lists nothing', ACR, {}, 'passed', 'card'],
  ['the broker does not list the claim', ACR, { claims_supported: ['sub'] }, 'warning', '"acr"'],
  [
    'the broker does not list the value',
    ACR,
    { acr_values_supported: ['pwd'] },
    'warning',
    'does not list that value',
  ],
  [
    'another claim than acr',
    { claim: 'amr', value: 'card' },
    { acr_values_supported: ['pwd'] },
    'passed',
    '"amr"',
  ],
  ['the document is none', ACR, 'nothing', 'passed', 'card'],
] as const)(
  'doctor asks what a login behind a broker proves: %s',
  async (_what, proof, metadata, state, part) => {
    const found = await examineLoginProof(loginBy(proof), answering(metadata), 'refused');
    expect([found.check, found.state]).toEqual(['login-proof', state]);
    expect(found.says).toContain(part);
    expect(found.advice === undefined).toBe(state === 'passed');
  },
);
