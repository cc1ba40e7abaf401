import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SignatureValue, SigningMode } from '../../../src/core/brand.ts';
import {
  canonicalJson,
  canonicalList,
  canonicalObject,
  canonicalText,
} from '../../../src/core/evidence/canonical-json.ts';
import { takeOutShared } from '../../../src/core/evidence/shared-parts.ts';
import type { XmlSignatureProfileName } from '../../../src/core/xmldsig/prepared-signature.ts';
import { sha256Hex } from '../../../src/verifier/evidence/evidence-record.ts';
import { makeEvidence } from '../../../src/verifier/evidence/make-evidence.ts';
import { recordedDecision } from '../../../src/verifier/evidence/read-evidence.ts';
import { type EvidenceVerification, verifyEvidence } from '../../../src/verifier/evidence/verify-evidence.ts';
import { verifyExportedEvidence } from '../../../src/verifier/evidence/verify-exported.ts';
import { startValidation } from '../../../src/verifier/validate.ts';
import { jpkiSigningPolicy, recordedPolicies } from '../../../src/verifier/validation-policy.ts';
import type { RevocationData, ValidationRequest } from '../../../src/verifier/validation-types.ts';
import {
  anchorsOf,
  FILE,
  NOW,
  newRegistry,
  revocationAnswers,
  signFile,
  signXml,
} from '../../support/pf-signing.ts';
import { codeOf } from '../jwe/bundle-kit.ts';

const registry = newRegistry();
const trustAnchors = anchorsOf(registry);

function xmlRequest(
  person: string,
  profile: XmlSignatureProfileName,
  method: 'OCSP' | 'CRL' = 'OCSP',
): ValidationRequest {
  const signed = signXml(registry, person, profile);
  return {
    subject: { kind: 'skeleton', ...signed },
    mode: 'digest-info',
    data: signed.prepared.data,
    trustAnchors,
    at: NOW,
    policy: jpkiSigningPolicy('test', method),
    ...(method === 'OCSP' ? { nonce: new Uint8Array(16).fill(9) } : {}),
  };
}

function fileRequest(mode: SigningMode): ValidationRequest {
  const { data, ...signed } = signFile(registry, 'taro', FILE, mode);
  return { ...xmlRequest('taro', 'enveloped'), subject: { kind: 'file', ...signed }, mode, data };
}

function evidenceOf(request: ValidationRequest, answer?: readonly RevocationData[]) {
  const started = startValidation(request);
  const data = started.kind === 'decided' ? [] : (answer ?? revocationAnswers(registry, started.needs));
  const outcome = started.kind === 'decided' ? started.outcome : started.finish(data);
  const facts = { id: 'verification-1', instantSource: 'test-clock', validatorVersion: '0.1.0' };
  return { ...makeEvidence({ ...facts, request, outcome, data }), outcome };
}

const recordedChecks = (octets: Uint8Array) => recordedDecision(octets).report.checks;
const faults = ({ integrity }: EvidenceVerification) =>
  integrity.checks
    .filter((check) => check.result !== 'passed')
    .map(({ name, detail }) => `${name} ${detail}`);

describe('evidence decides again, offline, with the same verdict', () => {
  it.each(['enveloped', 'by-id', 'guideline'] as const)('profile %s', (profile) => {
    for (const method of ['OCSP', 'CRL'] as const) {
      const { octets, outcome, sha256 } = evidenceOf(xmlRequest('hanako', profile, method));
      const again = verifyEvidence(octets, trustAnchors);
      expect(faults(again)).toEqual([]);
      expect(again.integrity.indication).toBe('TOTAL-PASSED');
      expect(again.decision).toEqual(outcome.report);
      expect([again.result, again.id]).toEqual(['OK', 'verification-1']);
      expect(again.signedOctetsSha256).toBe(outcome.signedOctetsSha256);
      expect(JSON.parse(Buffer.from(octets).toString('utf8')).sha256).toBe(sha256);
    }
  });

  it.each(['digest-info', 'digest'] as const)('a file in mode %s', (mode) => {
    const again = verifyEvidence(evidenceOf(fileRequest(mode)).octets, trustAnchors);
    expect([faults(again), again.result]).toEqual([[], 'OK']);
  });

  it.each([
    ['revoked', 'CERTIFICATE_REVOKED'],
    ['expired', 'CERTIFICATE_EXPIRED'],
  ])('a verdict that is not good: %s', (person, result) => {
    const again = verifyEvidence(evidenceOf(xmlRequest(person, 'enveloped')).octets, trustAnchors);
    expect([faults(again), again.result, again.decision?.indication]).toEqual([[], result, 'INDETERMINATE']);
    // a judgement that was not good stays what it is, whatever time is proved
    expect(again.decision?.checks).toEqual(
      recordedChecks(evidenceOf(xmlRequest(person, 'enveloped')).octets),
    );
  });

  it('a wrong signature, and one that could not be decided', () => {
    const asked = xmlRequest('taro', 'enveloped');
    const wrong = { ...asked.subject, signatureValue: new Uint8Array(256).fill(3) as SignatureValue };
    const mismatch = evidenceOf({ ...asked, subject: wrong as ValidationRequest['subject'] });
    expect(verifyEvidence(mismatch.octets, trustAnchors).result).toBe('SIGNATURE_MISMATCH');
    const open = evidenceOf(asked, [{ crls: [], ocsp: [] }]);
    const again = verifyEvidence(open.octets, trustAnchors);
    expect([faults(again), again.result]).toEqual([[], 'INDETERMINATE']);
  });

  it('takes trust from the caller only: without the anchor it is the record still, and nothing is good', () => {
    const { octets } = evidenceOf(xmlRequest('taro', 'enveloped'));
    const again = verifyEvidence(octets, []);
    expect([faults(again), again.decision?.indication === 'TOTAL-PASSED']).toEqual([[], false]);
    expect(verifyExportedEvidence(octets, { trustAnchors: [], believeInstant: true }).outcome).not.toBe(
      'valid',
    );
  });

  it('gives back the recorded decision without judging', () => {
    const { octets, outcome } = evidenceOf(xmlRequest('taro', 'guideline'));
    const decision = recordedDecision(octets);
    expect(decision).toEqual({
      report: outcome.report,
      result: 'OK',
      signedOctetsSha256: outcome.signedOctetsSha256,
    });
  });
});

/** The altered part or member, or why the octets are no record any more. */
const NAMED = /^(?:part-digest|member-digest|record-digest) \S+$|^evidence-format \S/;

describe('any altered byte is found and named', () => {
  const { octets } = evidenceOf(xmlRequest('taro', 'enveloped'));
  const text = Buffer.from(octets).toString('utf8');
  const record = JSON.parse(text);

  it.each(record.parts.map((part: { name: string }) => part.name) as string[])('in part %s', (name) => {
    const part = record.parts.find((one: { name: string }) => one.name === name);
    const middle = Math.floor(part.octets.length / 2 / 4) * 4;
    const other = part.octets[middle] === 'A' ? 'B' : 'A';
    const changed = part.octets.slice(0, middle) + other + part.octets.slice(middle + 1);
    const again = verifyEvidence(Buffer.from(text.replace(part.octets, changed)), trustAnchors);
    expect(again.integrity.indication).toBe('TOTAL-FAILED');
    expect(faults(again)[0]).toBe(`part-digest ${name}`);
    expect(again.decision).toBeUndefined();
  });

  it.each([
    ['id', 'verification-1"', 'verification-2"'],
    ['result', '"result":"OK"', '"result":"INDETERMINATE"'],
    ['instant', '"source":"test-clock"', '"source":"best-clock"'],
    ['policy', '"minimumBits":2048', '"minimumBits":1024'],
    ['report', '"indication":"TOTAL-PASSED"', '"indication":"TOTAL-FAILED"'],
    ['validator', '"version":"0.1.0"', '"version":"9.9.9"'],
    ['mode', '"mode":"digest-info"', '"mode":"digest"'],
  ])('in member %s', (member, before, after) => {
    expect(text).toContain(before);
    const again = verifyEvidence(Buffer.from(text.replace(before, after)), trustAnchors);
    expect(faults(again)[0]).toBe(`member-digest ${member}`);
  });

  it.each(Object.keys(record))('in any octet of member %s: named, and never passed', (member) => {
    const start = text.indexOf(`"${member}":${canonicalText(record[member])}`);
    const end = start + canonicalText({ [member]: record[member] }).length - 2;
    expect(start).toBeGreaterThan(0);
    const step = Math.max(1, Math.floor((end - start) / 40));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: step - 1 }), fc.integer({ min: 1, max: 255 }), (first, bits) => {
        for (let at = start + first; at < end; at += step) {
          const changed = Buffer.from(octets);
          changed.writeUInt8(changed.readUInt8(at) ^ bits, at);
          const again = verifyEvidence(changed, trustAnchors);
          expect([again.integrity.indication, again.decision], `octet ${at}`).toEqual([
            'TOTAL-FAILED',
            undefined,
          ]);
          expect(faults(again)[0], `octet ${at}`).toMatch(NAMED);
        }
      }),
      { numRuns: 5 },
    );
  });

  it.each([
    ['white space added', text.replace('{"data"', '{ "data"')],
    ['a member added', text.replace('{"data"', '{"comment":"x","data"')],
    ['a member twice', text.replace('{"data"', '{"mode":"digest","data"')],
    ['cut', text.slice(0, -1)],
    ['empty', ''],
    ['another version', text.replace('"version":2}', '"version":3}')],
  ])('%s', (_name, altered) => {
    const again = verifyEvidence(Buffer.from(altered), trustAnchors);
    expect([again.integrity.indication, again.integrity.checks[0]?.name]).toEqual([
      'TOTAL-FAILED',
      'evidence-format',
    ]);
  });

  const forged = (content: Record<string, unknown>) => {
    const entries = Object.entries(content).map(([name, value]) => [name, sha256Hex(canonicalJson(value))]);
    const digests = Object.fromEntries(entries);
    const sha256 = sha256Hex(canonicalJson({ ...content, digests }));
    return verifyEvidence(canonicalJson({ ...content, digests, sha256 }), trustAnchors);
  };

  it('a record with a part missing, all digests made anew', () => {
    const { sha256: _sha256, digests: _digests, ...content } = structuredClone(record);
    const parts = content.parts.filter((part: { name: string }) => part.name !== 'skeleton');
    const again = forged({ ...content, parts });
    expect(again.integrity.checks.at(-1)).toMatchObject({ name: 'evidence-content', result: 'failed' });
    expect(again.decision).toBeUndefined();
  });

  it.each([
    ['weak keys', (policy: Policy) => ({ ...policy, path: weakened(policy.path) })],
    ['no profile', (policy: Policy) => ({ ...policy, profile: 'none' })],
    ['revocation data of any age', (policy: Policy) => ({ ...policy, freshness: { skew: 2 ** 50 } })],
    ['a name of its own', (policy: Policy) => ({ ...policy, name: 'mine-1' })],
  ])('a record by rules of its own is refused, all digests made anew: %s', (_name, change) => {
    const { sha256: _sha256, digests: _digests, ...content } = structuredClone(record);
    const again = forged({ ...content, policy: change(content.policy) });
    expect(faults(again)).toHaveLength(1);
    expect(faults(again)[0]).toMatch(/^evidence-policy /);
    expect(again.decision).toBeUndefined();
  });

  it('another result, all digests made anew: named once, beside the decision that it contradicts', () => {
    const { sha256: _sha256, digests: _digests, ...content } = structuredClone(record);
    expect(faults(forged({ ...content, result: 'INDETERMINATE' }))).toEqual([
      'remade-member result',
      'same-decision report',
    ]);
  });

  it('a forger who makes all digests anew is found by the judgement', () => {
    const { sha256: _sha256, digests: _digests, ...content } = structuredClone(record);
    const other = signXml(registry, 'hanako', 'enveloped');
    for (const part of content.parts) {
      if (part.name !== 'certificate') continue;
      part.octets = Buffer.from(other.certificate).toString('base64');
      part.sha256 = sha256Hex(other.certificate);
    }
    const again = forged(content);
    expect(again.result).toBe('SIGNATURE_MISMATCH');
    expect(faults(again)).toContain('same-decision report');
  });
});

interface Policy {
  readonly path: { readonly keyPolicy: { readonly rsa: object } };
}

function weakened(path: Policy['path']): Policy['path'] {
  return { ...path, keyPolicy: { ...path.keyPolicy, rsa: { ...path.keyPolicy.rsa, minimumBits: 512 } } };
}

it('the policies that records name have not changed: another rule is another name', () => {
  const hashes = (['test', 'production'] as const).flatMap((environment) =>
    recordedPolicies(environment, 'OCSP').map((policy) => sha256Hex(canonicalJson({ ...policy }))),
  );
  expect(hashes).toEqual([
    'd348c1e7a0a683cd419ebb39c245dfbaf202fc17cd2565b376c8e62805cade79',
    '174946cf6de41415bc1c47131c0253206ec368b7d341fcc901fca7daeeff3808',
    '64b85343f5119c8f73c8558cfeae14734ff9376be939ba335691596ee698aa1b',
    '8f8989e1584e0453588f0ae107971c5973ff588b3781d74ab45cb4170523d002',
    '6e284da7c3c4b50d6e4d61453e4b74e31702c3a7491206ea9ac23be3b0768aba',
    '7a80a3702a09066dbd72d4247a71ddb7e211351c01b5fb8612306e0be28c6c22',
    'e34ae849fc66c0baf4eeb929309070d38a4869243782d254a4f45eaeba618188',
  ]);
});

describe('canonical JSON', () => {
  it('sorts members by UTF-16 code units, leaves out absent ones, writes no white space', () => {
    expect(canonicalText({ b: [1, true, null], a: 'é"\n', '\u{1F600}': 0, ﬁ: -0, c: undefined })).toBe(
      '{"a":"é\\"\\n","b":[1,true,null],"\u{1F600}":0,"ﬁ":0}',
    );
  });
  it.each([[1.5], [Number.NaN], [2 ** 53], [new Uint8Array(1)], [() => 0], [undefined]])(
    'refuses %s',
    async (value) => {
      expect(await codeOf(() => canonicalJson([value]))).toBe('internal.unexpected');
    },
  );
});

describe('a record that is put together from what was written once', () => {
  it.each(['OCSP', 'CRL'] as const)(
    'is the canonical JSON of the whole, and is kept as if it were read (%s)',
    (method) => {
      const { octets, kept, sha256, recordSha256 } = evidenceOf(xmlRequest('taro', 'enveloped', method));
      const { sha256: _own, ...rest } = JSON.parse(Buffer.from(octets).toString());
      expect(Buffer.compare(octets, canonicalJson({ ...rest, sha256 }))).toBe(0);
      expect(sha256).toBe(sha256Hex(canonicalJson(rest)));
      expect(kept).toEqual(takeOutShared(octets));
      expect(recordSha256).toBe(sha256Hex(octets));
      expect(kept.files.size > 0).toBe(method === 'CRL');
    },
  );

  it('of any members and items', () => {
    const value = fc.jsonValue({ noUnicodeString: false }).filter((any) => !hasFraction(any));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), fc.array(value), (members, items) => {
        const written = Object.entries(members).map(
          ([name, member]) => [name, canonicalJson(member)] as const,
        );
        expect(canonicalObject(Object.fromEntries(written))).toEqual(canonicalJson(members));
        expect(canonicalList(items.map(canonicalJson))).toEqual(canonicalJson(items));
      }),
    );
  });
});

function hasFraction(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isSafeInteger(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasFraction);
}
