import { describe, expect, it } from 'vitest';
import { withEnvironmentPreset } from '../../../src/config/presets.ts';

const mixed = expect.objectContaining({ code: 'config.environment-mixed', at: 'JITSUIN_ENVIRONMENT' });

describe('environment presets', () => {
  it.each([
    ['sandbox', 'https://sb-auth-and-sign.go.jp/api/realms/main', 'test'],
    ['production', 'https://auth-and-sign.go.jp/api/realms/main', 'production'],
  ])('%s chooses the issuer and the keys', (name, issuer, keys) => {
    for (const given of [undefined, '', issuer]) {
      const env = withEnvironmentPreset({ JITSUIN_ENVIRONMENT: name, JITSUIN_ISSUER: given });
      expect(env).toEqual({ JITSUIN_ENVIRONMENT: keys, JITSUIN_ISSUER: issuer });
    }
  });

  it('test chooses nothing', () => {
    const env = { JITSUIN_ENVIRONMENT: 'test', JITSUIN_ISSUER: 'http://localhost:1/x' };
    expect(withEnvironmentPreset(env)).toBe(env);
  });

  it.each([
    ['sandbox', 'https://auth-and-sign.go.jp/api/realms/main'],
    ['production', 'https://sb-auth-and-sign.go.jp/api/realms/main'],
    ['production', 'https://auth-and-sign.go.jp.evil.example/api/realms/main'],
    ['production', 'http://localhost:8090/api/realms/main'],
    ['sandbox', 'no URL'],
  ])('%s with %s is mixed', (name, issuer) => {
    expect(() => withEnvironmentPreset({ JITSUIN_ENVIRONMENT: name, JITSUIN_ISSUER: issuer })).toThrowError(
      mixed,
    );
  });
});
