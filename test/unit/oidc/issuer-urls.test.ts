import { describe, expect, it } from 'vitest';
import { discoveryUrl } from '../../../src/core/oidc/provider-metadata.ts';

const ISSUER = 'https://op.example/realms/main';
const RULE = { allowLoopbackHttp: false } as never;
const attempt = (issuer: string) => {
  try {
    return discoveryUrl(issuer, RULE);
  } catch (thrown) {
    return (thrown as { readonly code?: string }).code;
  }
};

describe('an issuer is an https URL without query and fragment (OpenID Connect Discovery 1.0 section 3)', () => {
  it.each([ISSUER, `${ISSUER}/`])('%s', (issuer) => {
    expect(attempt(issuer)).toBe(`${ISSUER}/.well-known/openid-configuration`);
  });

  it.each(['?', '#', '?a', '#a', '?a=b#c', '#?', '?#', '/?', '/#'])('%s behind it is refused', (behind) => {
    expect(attempt(`${ISSUER}${behind}`)).toBe('oidc.metadata');
  });
});
