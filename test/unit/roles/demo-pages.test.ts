import { describe, expect, it } from 'vitest';
import { readGovConfig } from '../../../src/config/gov.ts';
import { refusal } from '../../support/refusal.ts';

const ENV = {
  JITSUIN_PUBLIC_URL: 'https://rp.example',
  JITSUIN_ISSUER: 'https://op.example/realms/main',
  JITSUIN_CLIENT_ID: 'RP1',
  JITSUIN_CLIENT_KEY_FILE: 'key.json',
  JITSUIN_API_KEYS_FILE: 'api-keys.json',
  JITSUIN_TRUST_FILE: 'trust.pem',
  JITSUIN_CRL_DIR: 'crl',
};

describe('JITSUIN_DEMO_PAGES', () => {
  it('is off unless asked for', () => {
    expect(readGovConfig(ENV).demoPages).toBe('absent');
    expect(readGovConfig({ ...ENV, JITSUIN_DEMO_PAGES: '0' }).demoPages).toBe('absent');
    expect(readGovConfig({ ...ENV, JITSUIN_DEMO_PAGES: '1' }).demoPages).toBe('shown');
  });

  it('is refused in production, and with any other value', () => {
    const production = {
      ...ENV,
      JITSUIN_ISSUER: '',
      JITSUIN_ENVIRONMENT: 'production',
      JITSUIN_DEMO_PAGES: '1',
    };
    expect(refusal(() => readGovConfig(production))).toMatchObject({
      code: 'config.invalid',
      at: 'JITSUIN_DEMO_PAGES',
    });
    expect(refusal(() => readGovConfig({ ...ENV, JITSUIN_DEMO_PAGES: 'maybe' })).code).toBe('config.invalid');
  });
});
