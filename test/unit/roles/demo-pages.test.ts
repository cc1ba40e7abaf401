import { describe, expect, it } from 'vitest';
import { readRelyingPartyConfig } from '../../../src/config/relying-party.ts';
import { refusal } from '../../support/refusal.ts';

const ENV = {
  JITSUIN_PUBLIC_URL: 'https://rp.example',
  JITSUIN_ISSUER: 'https://op.example/realms/main',
  JITSUIN_CLIENT_ID: 'RP1',
  JITSUIN_CLIENT_KEY_FILE: 'key.json',
  JITSUIN_API_KEYS_FILE: 'api-keys.json',
};

describe('JITSUIN_DEMO_PAGES', () => {
  it('is off unless asked for', () => {
    expect(readRelyingPartyConfig(ENV, 'sp').demoPages).toBe('absent');
    expect(readRelyingPartyConfig({ ...ENV, JITSUIN_DEMO_PAGES: '0' }, 'sp').demoPages).toBe('absent');
    expect(readRelyingPartyConfig({ ...ENV, JITSUIN_DEMO_PAGES: '1' }, 'sp').demoPages).toBe('shown');
  });

  it('is refused in production, and with any other value', () => {
    const production = { ...ENV, JITSUIN_ENVIRONMENT: 'production', JITSUIN_DEMO_PAGES: '1' };
    expect(refusal(() => readRelyingPartyConfig(production, 'sp'))).toMatchObject({
      code: 'config.invalid',
      at: 'JITSUIN_DEMO_PAGES',
    });
    expect(refusal(() => readRelyingPartyConfig({ ...ENV, JITSUIN_DEMO_PAGES: 'yes' }, 'gov')).code).toBe(
      'config.invalid',
    );
  });
});
