import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { asJitsuinError } from '../../../src/core/errors.ts';
import { readPolicyFile } from '../../../src/verifier/policy/policy-file.ts';
import { EXPECTED } from '../../../src/verifier/policy/policy-schema.ts';
import { shippedPolicies } from '../../../src/verifier/policy/shipped.ts';

type Json = { [member: string]: Json } | Json[] | string | number | boolean;
const whole = (): Record<string, Json> => JSON.parse(readFileSync('samples/policies/jpki.json', 'utf8'));

/** What the reader says of a file with this content: undefined when it takes it. */
function said(content: unknown): string | undefined {
  return saidOf(toUtf8(JSON.stringify(content)));
}

function saidOf(octets: Uint8Array): string | undefined {
  try {
    readPolicyFile(octets, 'mine.json');
    return undefined;
  } catch (thrown) {
    const { code, message } = asJitsuinError(thrown);
    return `${code} ${message}`;
  }
}

/** Every place of a value, as a path. */
function placesOf(value: Json, path = ''): readonly string[] {
  if (typeof value !== 'object') return [path];
  const inner = Object.entries(value).flatMap(([name, one]) =>
    placesOf(one, path === '' ? name : `${path}.${name}`),
  );
  return path === '' ? inner : [path, ...inner];
}

function changed(path: string, change: (parent: Record<string, Json>, last: string) => void): unknown {
  const content = whole();
  const names = path.split('.');
  const last = names.pop() ?? '';
  change(
    names.reduce((at, name) => at[name] as Record<string, Json>, content),
    last,
  );
  return content;
}

describe('the shipped policies', () => {
  it('are the files of samples/policies, octet for octet, with their SHA-256', () => {
    expect(shippedPolicies().map(({ called }) => called)).toEqual(['general', 'jpki', 'jpki-test']);
    for (const { called, sha256 } of shippedPolicies()) {
      const octets = readFileSync(`samples/policies/${called}.json`);
      expect(createHash('sha256').update(octets).digest('hex')).toBe(sha256);
    }
  });
  it('each has a name of its own', () => {
    const names = shippedPolicies().map(({ content }) => content.name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('a policy file that is not as it should be', () => {
  const places = placesOf(whole());

  it('a whole one is taken', () => expect(said(whole())).toBeUndefined());

  it.each(places)('a value of another kind at %s: the member, what was found, what is expected', (place) => {
    const says = said(
      changed(place, (parent, last) => {
        parent[last] = 'wrong: \u{1F600}\u0007';
      }),
    );
    const pattern = place.replaceAll(/(?<=\.)\d+/g, '*');
    expect(says).toContain('config.invalid The policy file mine.json cannot be used: ');
    expect(says).toContain(`member "${place}" is "wrong: `);
    expect(says).toContain(`expected: ${EXPECTED[pattern]}.`);
  });

  const OPTIONAL = /^(?:about|algorithms\.ends\.|.*\.\d+$)/;
  it.each(places.filter((place) => !OPTIONAL.test(place)))('without %s: the member is missing', (place) => {
    const says = said(
      changed(place, (parent, last) => {
        delete parent[last];
      }),
    );
    expect(says).toContain(`member "${place}" is missing; expected: `);
  });

  it.each([
    ['', 'algoritms', 'member "algoritms" is not known; known there: format, version, name, '],
    ['algorithms', 'curve', 'member "algorithms.curve" is not known; known there: rsa, curves, ed25519, '],
    [
      'certificatePolicies.0',
      'oid',
      'member "certificatePolicies.0.oid" is not known; known there: policy, ',
    ],
    ['algorithms.ends', 'sha1', 'member "algorithms.ends.sha1" is not known; known there: sha256, '],
  ])('an unknown member in "%s"', (parent, name, expected) => {
    const path = parent === '' ? name : `${parent}.${name}`;
    expect(
      said(
        changed(path, (at, last) => {
          at[last] = 1;
        }),
      ),
    ).toContain(expected);
  });

  it.each<[string, string, Json, string]>([
    [
      'bounds the wrong way round',
      'algorithms.rsa.minimumBits',
      4097,
      'minimumBits (4097) is above maximumBits (4096)',
    ],
    [
      'keys that nobody accepts',
      'algorithms.rsa.minimumBits',
      1024,
      'member "algorithms.rsa.minimumBits" is 1024',
    ],
    ['an even exponent', 'algorithms.rsa.exponents', [65536], 'has 65536; an RSA exponent is odd'],
    ['no hash', 'algorithms.hashes', [], 'algorithms.hashes is empty'],
    ['SHA-1', 'algorithms.hashes', ['sha1'], 'member "algorithms.hashes.0" is "sha1"'],
    [
      'a day that is none',
      'algorithms.ends.rsa-2048',
      '2030-02-30',
      '"2030-02-30", which is no day of the calendar',
    ],
    [
      'no certificate policy',
      'certificatePolicies',
      [],
      'no row with purpose "signing" and environment "production"',
    ],
    ['a curve twice', 'algorithms.curves', ['P-256', 'P-256'], 'algorithms.curves has "P-256" twice'],
    ['a usage twice', 'keyUsage.all', ['crlSign', 'crlSign'], 'member "keyUsage.all.0" is "crlSign"'],
    [
      'nested for no purpose',
      'extendedKeyUsage.ofCas',
      'nested',
      'ofCas is "nested", and extendedKeyUsage.accepted is empty',
    ],
    [
      'a deciding rule that would only warn',
      'warnOnly',
      ['jpki-key-usage'],
      'member "warnOnly.0" is "jpki-key-usage"',
    ],
    ['a rule twice', 'warnOnly', ['jpki-version', 'jpki-version'], 'warnOnly has "jpki-version" twice'],
    ['rules of a profile that is not asked', 'profile', 'none', ''],
  ])('%s', (_name, path, value, expected) => {
    const content = changed(path, (parent, last) => {
      parent[last] = value;
    }) as Record<string, Json>;
    if (expected !== '') return expect(said(content)).toContain(expected);
    content['warnOnly'] = ['jpki-version'];
    return expect(said(content)).toContain('warnOnly names rules of the JPKI profile, and profile is "none"');
  });

  it.each([
    ['a member twice', '{"format":"a","format":"b"}'],
    ['no JSON', 'name: mine'],
    ['a list', '[]'],
  ])('%s', (_name, text) =>
    expect(saidOf(toUtf8(text))).toMatch(/^config\.invalid .*(?:not JSON|expected: an object)/),
  );

  it('octets that are no UTF-8, and too many of them', () => {
    expect(saidOf(Uint8Array.of(0x7b, 0xff, 0x7d))).toContain('not JSON in UTF-8');
    expect(saidOf(new Uint8Array(300_000).fill(0x20))).toContain('it has 300000 octets; at most 262144');
  });
});
