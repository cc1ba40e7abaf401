import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose/jwt/sign';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../src/verifier/evidence/evidence-record.ts';
import { operatorSealCheck } from '../../../src/verifier/evidence/operator-seal.ts';
import {
  type ExportVerification,
  verifyExportedEvidence,
} from '../../../src/verifier/evidence/verify-exported.ts';
import { NOW } from '../../support/pf-signing.ts';
import { evidenceFor, trustAnchors } from '../../unit/evidence/evidence-kit.ts';
import { tsaAnchors } from '../../unit/timestamp/tsa-kit.ts';
import {
  type Content,
  contentOf,
  fieldAt,
  fieldsOf,
  forgedRecord,
  otherValue,
  type Part,
  part,
  stampedExport,
  withField,
} from './forger.ts';

/**
 * A thief who has the store, makes every digest anew and has the result stamped by the real time-stamp authority. What he cannot do:
 * sign as the citizen, as the JPKI or as the operator.
 */
const STAMPED = NOW + 30 * 60_000;
const trust = { trustAnchors, tsaTrustAnchors: tsaAnchors(), asked: NOW };
const mine = contentOf(evidenceFor('verification-1').octets);
const others = contentOf(evidenceFor('verification-2', 'hanako').octets);
/** Fields that nothing in the record can say: only the operator's signature does. */
const UNDERIVABLE = new Set(['id', 'instant.source', 'validator.version']);

const judge = (content: Record<string, unknown>) =>
  verifyExportedEvidence(stampedExport(forgedRecord(content), STAMPED), trust);
const named = ({ integrity }: ExportVerification) =>
  integrity.checks.filter(({ result }) => result !== 'passed').map(({ name, detail }) => `${name} ${detail}`);

/** field × manipulation → what is done to the record. */
const MANIPULATIONS: Readonly<Record<string, (path: string) => Content>> = {
  'left out': (path) => withField(mine, path, () => undefined),
  changed: (path) => withField(mine, path, otherValue),
  "exchanged with another record's": (path) => withField(mine, path, () => fieldAt(others, path)),
};
const FIELDS = fieldsOf(mine);
const rows = FIELDS.flatMap((path) =>
  Object.keys(MANIPULATIONS).map((manipulation) => [path, manipulation] as const),
).filter(([path, manipulation]) => {
  const forged = MANIPULATIONS[manipulation]?.(path);
  return JSON.stringify(forged) !== JSON.stringify(mine);
});

it('the honest record is valid, and the table is as long as the format', () => {
  expect(judge(mine)).toMatchObject({ outcome: 'valid', basis: 'proved' });
  expect(FIELDS).toContain('instant.at');
  expect(FIELDS.length).toBeGreaterThan(40);
  expect(rows.length).toBeGreaterThan(80);
});

describe('every field of the record', () => {
  it.each(rows)('%s %s', (path, manipulation) => {
    const forged = MANIPULATIONS[manipulation]?.(path) ?? mine;
    const verification = judge(forged);
    if (UNDERIVABLE.has(path) && manipulation !== 'left out') {
      expect([verification.outcome, named(verification)]).toEqual(['valid', []]);
      return;
    }
    expect(verification.outcome).toBe('altered');
    expect(named(verification).length).toBeGreaterThan(0);
  });
});

const PART_NAMES = mine.parts.map(({ name }) => name);
const withParts = (parts: readonly Part[]) => ({ ...mine, parts: [...parts] });
const PART_MANIPULATIONS: Readonly<Record<string, (name: string) => readonly Part[]>> = {
  'left out': (name) => mine.parts.filter((one) => one.name !== name),
  'with an octet changed': (name) =>
    mine.parts.map((one) => {
      if (one.name !== name) return one;
      const octets = Buffer.from(one.octets, 'base64');
      const middle = octets.length >> 1;
      octets.writeUInt8(octets.readUInt8(middle) ^ 1, middle);
      return part(name, octets);
    }),
  twice: (name) => mine.parts.flatMap((one) => (one.name === name ? [one, one] : [one])),
  "exchanged with another record's": (name) =>
    mine.parts.map((one) =>
      one.name === name ? (others.parts.find((its) => its.name === name) ?? one) : one,
    ),
  'under another name': (name) =>
    mine.parts.map((one) => (one.name === name ? { ...one, name: `${name}9` } : one)),
};
/** The same octets in both records: nothing is exchanged. */
const SHARED_PARTS = new Set(['anchor', 'nonce', 'skeleton', 'signed-info']);
const partRows = PART_NAMES.flatMap((name) =>
  Object.keys(PART_MANIPULATIONS).map((what) => [name, what] as const),
).filter(([name, what]) => !(what.startsWith('exchanged') && SHARED_PARTS.has(name)));

describe('every part of the record', () => {
  it.each(partRows)('%s %s', (name, what) => {
    const verification = judge(withParts(PART_MANIPULATIONS[what]?.(name) ?? []));
    expect(verification.outcome).toBe('altered');
    expect(named(verification).length).toBeGreaterThan(0);
  });

  it('one that is missing, doubled or foreign is named', () => {
    const faults = (parts: readonly Part[]) => named(judge(withParts(parts))).join('; ');
    expect(faults(mine.parts.filter(({ name }) => name !== 'nonce'))).toContain('nonce: missing');
    expect(faults(mine.parts.filter(({ name }) => name !== 'anchor'))).toContain('anchor: missing');
    expect(faults(mine.parts.flatMap((one) => (one.name === 'anchor' ? [one, one] : [one])))).toContain(
      'anchor: twice',
    );
    const foreign = ['crl:0:0', 'ocsp:0:1', 'ocsp:7:0', 'intermediate:0', 'note'];
    for (const name of foreign) {
      const octets = name === 'intermediate:0' ? 'anchor' : 'ocsp:0:0';
      const added = {
        ...(others.parts.find((one) => one.name === octets) ?? part(name, new Uint8Array(1))),
        name,
      };
      expect(faults([...mine.parts, added]), name).toContain(`${name}: foreign`);
    }
    expect(faults([...mine.parts].reverse())).toContain('parts: order');
  });
});

describe('every check of the report', () => {
  const places = mine.report.checks.map((check, place) => [String(check['name']), place] as const);
  const reports = {
    'left out': (place: number) => mine.report.checks.filter((_check, index) => index !== place),
    'said to have failed': (place: number) =>
      mine.report.checks.map((check, index) => (index === place ? { ...check, result: 'failed' } : check)),
    'with a code': (place: number) =>
      mine.report.checks.map((check, index) =>
        index === place ? { ...check, code: 'xmldsig.digest' } : check,
      ),
    doubled: (place: number) =>
      mine.report.checks.flatMap((check, index) => (index === place ? [check, check] : [check])),
  };
  it.each(places)('%s (%i), left out, changed or doubled', (_name, place) => {
    for (const [what, change] of Object.entries(reports)) {
      const verification = judge({ ...mine, report: { ...mine.report, checks: change(place) } });
      expect(verification.outcome, what).toBe('altered');
      expect(named(verification).join(), what).toContain('remade-check');
    }
  });
});

describe('a field contradicted by another one', () => {
  it('the instant, moved together with the report that repeats it: the proven time decides', () => {
    const moved = (by: number) =>
      judge({
        ...mine,
        instant: { ...(mine['instant'] as object), at: NOW + by },
        report: { ...mine.report, validationTime: NOW + by },
      });
    expect(moved(60_000).outcome).toBe('valid');
    const younger = moved(3 * 3_600_000);
    expect([younger.outcome === 'valid', younger.outcome === 'altered']).toEqual([false, true]);
  });
  it.each(['enveloped', 'detached', 'guideline'] as const)(
    'profile %s with the parts of another',
    (profile) => {
      const verification = judge({ ...mine, profile, signedElement: { name: 'x' } });
      expect(verification.outcome).toBe('altered');
    },
  );
});

describe("the operator's signature", () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = { keys: [{ ...(publicKey.export({ format: 'jwk' }) as Record<string, string>), kid: 'k1' }] };
  const seal = (record: Uint8Array, typ = 'evidence-seal+jwt', claims = {}) =>
    new SignJWT({
      iss: 'https://pf.example',
      jti: 'x',
      iat: 1,
      evidence_sha256: sha256Hex(record),
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ })
      .sign(privateKey);
  const honest = forgedRecord(mine);
  let sealed = '';
  beforeAll(async () => {
    sealed = await seal(honest);
  });
  const check = async (record: Uint8Array, operatorSeal: string | undefined) => {
    const file = stampedExport(record, STAMPED, { seal: operatorSeal });
    const result = await operatorSealCheck(file, keys);
    return verifyExportedEvidence(file, { ...trust, operatorSeal: result }).outcome;
  };

  it('holds for the record that was signed, and is asked for where keys are given', async () => {
    expect(await check(honest, sealed)).toBe('valid');
    expect(await check(honest, undefined)).toBe('not-provable');
  });

  it.each([...UNDERIVABLE])('names a change of %s, which nothing else does', async (path) => {
    expect(await check(forgedRecord(withField(mine, path, otherValue)), sealed)).toBe('altered');
  });

  it('is of this kind, of a whole record, by this key', async () => {
    expect(await check(honest, await seal(honest, 'verification-receipt+jwt'))).toBe('altered');
    expect(await check(honest, await seal(honest, 'evidence-seal+jwt', { evidence_sha256: 'x' }))).toBe(
      'altered',
    );
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const theirs = await new SignJWT({ iss: 'a', jti: 'x', iat: 1, evidence_sha256: sha256Hex(honest) })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'evidence-seal+jwt' })
      .sign(stranger);
    expect(await check(honest, theirs)).toBe('altered');
  });
});
