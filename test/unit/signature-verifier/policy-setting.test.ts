import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { examineVerifier } from '../../../src/cli/doctor/verifier.ts';
import { asJitsuinError } from '../../../src/core/errors.ts';
import { type PolicySettings, readPolicy } from '../../../src/roles/signature-verifier/wiring.ts';
import { toPem } from '../../../src/simulator/jpki/certificate.ts';
import { makeCrl } from '../../../src/simulator/jpki/crl.ts';
import { cardOf, newRegistry } from '../../support/pf-signing.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-policy-'));
const own = (name: string, change: (content: Record<string, unknown>) => void = () => undefined): string => {
  const content = JSON.parse(readFileSync('samples/policies/jpki-test.json', 'utf8'));
  content.name = name;
  change(content);
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(content));
  return path;
};

async function read(settings: PolicySettings): Promise<string> {
  try {
    return (await readPolicy(settings)).content.name;
  } catch (thrown) {
    const { code, at } = asJitsuinError(thrown);
    return `${code} ${at}`;
  }
}

describe('JITSUIN_POLICY_FILE', () => {
  it('names an operator’s own file; without it the shipped one of the environment', async () => {
    expect(await read({ environment: 'test', policyFile: own('ours-1') })).toBe('ours-1');
    expect(await read({ environment: 'test' })).toBe('jpki-signing-test-3');
    expect(await read({ environment: 'production' })).toBe('jpki-signing-production-3');
  });

  it('of the other environment, that is not there, or that is none: the start says which variable', async () => {
    const at = 'JITSUIN_POLICY_FILE';
    expect(await read({ environment: 'production', policyFile: own('ours-2') })).toBe(
      `config.environment-mixed ${at}`,
    );
    expect(await read({ environment: 'test', policyFile: join(folder, 'none') })).toBe(
      `config.invalid ${at}`,
    );
    expect(await read({ environment: 'test', policyFile: 'package.json' })).toBe(`config.invalid ${at}`);
  });

  it('that demands time-stamps needs an authority', async () => {
    const policyFile = own('ours-3', (content) => {
      content['timeStamp'] = 'demanded';
    });
    expect(await read({ environment: 'test', policyFile })).toBe('config.invalid JITSUIN_POLICY_FILE');
    expect(await read({ environment: 'test', policyFile, tsa: {} })).toBe('ours-3');
  });
});

describe('JITSUIN_OCSP_NONCE=not-sent', () => {
  it('needs a policy that bounds how old an answer may be', async () => {
    const terms = { environment: 'test', ocspNonce: 'not-sent' } as const;
    expect(await read(terms)).toBe('config.invalid JITSUIN_OCSP_NONCE');
    const policyFile = own('bounded-1', (content) => {
      content['revocation'] = { clockSkewSeconds: 60, withoutNextUpdateSeconds: 600, maximumAgeSeconds: 900 };
    });
    expect(await read({ ...terms, policyFile })).toBe('bounded-1');
  });
});

describe('doctor on a folder of lists', () => {
  it('names what is no list that counts now', async () => {
    const lists = mkdtempSync(join(tmpdir(), 'jitsuin-lists-'));
    const registry = newRegistry();
    const point = cardOf(registry, 'taro').signCertificate.distributionPoint;
    const listAt = (at: number) => new Uint8Array(makeCrl(registry, point, at) ?? []);
    const put = (name: string, octets: Uint8Array | string) => writeFileSync(join(lists, name), octets);
    const found = async () => {
      const place = { environment: 'test', trustFile: 'none', crlDir: lists } as const;
      const findings = await examineVerifier(place);
      return findings.find(({ check }) => check === 'revocation-source');
    };
    const now = Date.now();
    put('good.crl', listAt(now));
    expect(await found()).toMatchObject({ state: 'passed' });
    put('a.crl', toPem(listAt(now), 'X509 CRL'));
    put('b.crl', Buffer.concat([listAt(now), Buffer.from('\n')]));
    put('c.crl', listAt(now + 86_400_000));
    put('d.crl', listAt(now - 30 * 86_400_000));
    put('e.crl', '<html>');
    const warned = await found();
    expect(warned?.state).toBe('warning');
    for (const says of [
      'a.crl is PEM',
      'b.crl has octets after',
      'c.crl is from the future',
      'd.crl ended',
      'e.crl is no',
    ])
      expect(warned?.says).toContain(says);
    expect(warned?.says).not.toContain('good.crl');
  });
});

describe('doctor', () => {
  const found = async (policyFile: string) => {
    const findings = await examineVerifier({ environment: 'test', policyFile, trustFile: 'none' });
    return findings.find(({ check }) => check === 'validation-policy');
  };
  const ending = (name: string, day: string) =>
    own(name, (content) => {
      const algorithms = content['algorithms'] as Record<string, unknown>;
      algorithms['ends'] = { 'rsa-2048': day };
    });

  it('names the policy with its hash, and warns of what ends in time', async () => {
    expect(await found(ending('late-1', '2999-12-31'))).toMatchObject({ state: 'passed' });
    const soon = await found(ending('soon-1', '2027-12-31'));
    expect(soon).toMatchObject({ state: 'warning' });
    expect(soon?.says).toMatch(
      /^"soon-1", SHA-256 [0-9a-f]{64}\. By it these end: rsa-2048 on 2027-12-31\.$/,
    );
  });

  it('says which file is none', async () => {
    expect(await found('package.json')).toMatchObject({ state: 'failed', code: 'config.invalid' });
  });
});
