import { describe, expect, it } from 'vitest';
import type { EpochMillis, SignatureValue, SigningInput, SigningMode } from '../../../src/core/brand.ts';
import { decisiveCheck } from '../../../src/core/report.ts';
import type { XmlSignatureProfileName } from '../../../src/core/xmldsig/prepared-signature.ts';
import { XML_SIGNATURE_PROFILES } from '../../../src/core/xmldsig/profile-table.ts';
import { makeCrl } from '../../../src/simulator/jpki/crl.ts';
import type { JpkiRegistry } from '../../../src/simulator/jpki/registry.ts';
import { startValidation } from '../../../src/verifier/validate.ts';
import { jpkiSigningPolicy } from '../../../src/verifier/validation-policy.ts';
import type {
  RevocationData,
  RevocationNeed,
  ValidationOutcome,
  ValidationRequest,
} from '../../../src/verifier/validation-types.ts';
import {
  APPLICATIONS,
  anchorsOf,
  cardOf,
  FILE,
  NOW,
  newRegistry,
  revocationAnswers,
  type Signed,
  signFile,
  signXml,
} from '../../support/pf-signing.ts';

const registry = newRegistry();
const trustAnchors = anchorsOf(registry);
const NONCE = new Uint8Array(16).fill(7);
type Answer = (needs: readonly RevocationNeed[]) => readonly RevocationData[];
const honest: Answer = (needs) => revocationAnswers(registry, needs);

function request(signed: Signed, change: Partial<ValidationRequest> = {}): ValidationRequest {
  return {
    subject: { kind: 'skeleton', ...signed },
    mode: 'digest-info',
    data: signed.prepared.data,
    trustAnchors,
    at: NOW,
    policy: jpkiSigningPolicy('test', 'OCSP'),
    nonce: NONCE,
    ...change,
  };
}

function validate(asked: ValidationRequest, answer: Answer = honest): ValidationOutcome {
  const started = startValidation(asked);
  return started.kind === 'decided' ? started.outcome : started.finish(answer(started.needs));
}

/** Result word, code and sub-indication of the deciding check. */
function verdict(outcome: ValidationOutcome): readonly unknown[] {
  return [outcome.result, decisiveCheck(outcome.report)?.code, outcome.report.subIndication];
}

const profiles = Object.keys(XML_SIGNATURE_PROFILES) as XmlSignatureProfileName[];

describe('a signature that is right', () => {
  it.each(profiles)('profile %s by OCSP and by CRL', (profile) => {
    const signed = signXml(registry, 'taro', profile);
    for (const method of ['OCSP', 'CRL'] as const) {
      const outcome = validate(request(signed, { policy: jpkiSigningPolicy('test', method) }));
      expect(verdict(outcome)).toEqual(['OK', undefined, undefined]);
      expect(outcome.kind).toMatchObject({ medium: 'card', purpose: 'signing', environment: 'test' });
      expect(outcome.signedOctetsSha256).toBe(signed.prepared.signedOctetsSha256);
      expect(outcome.report.checks.every((check) => check.result === 'passed')).toBe(true);
      expect(outcome.report.checks.at(-1)?.name).toBe('transaction-binding');
    }
  });

  it.each(['digest-info', 'digest'] as const)('a file in mode %s', (mode) => {
    const { data, octets, certificate, signatureValue } = signFile(registry, 'taro', FILE, mode);
    const subject = { kind: 'file', octets, certificate, signatureValue } as const;
    const base = { ...request(signXml(registry, 'taro', 'enveloped')), subject, mode, data };
    expect(verdict(validate(base))).toEqual(['OK', undefined, undefined]);
    const other: SigningMode = mode === 'digest' ? 'digest-info' : 'digest';
    const inOther = validate({ ...base, mode: other, data: signFile(registry, 'taro', FILE, other).data });
    expect(verdict(inOther)).toEqual(['SIGNATURE_MISMATCH', 'xmldsig.signature', 'SIG_CRYPTO_FAILURE']);
  });

  it('the finished document is judged the same without its transaction', () => {
    const { document } = validate(request(signXml(registry, 'hanako', 'enveloped')));
    if (document === undefined) throw new Error('no document');
    const { data: _data, ...rest } = request(signXml(registry, 'hanako', 'enveloped'));
    const subject = { kind: 'document', document, profile: 'enveloped' } as const;
    const outcome = validate({ ...rest, subject });
    expect(verdict(outcome)).toEqual(['OK', undefined, undefined]);
    expect(outcome.document).toEqual(document);
    const changed = Buffer.from(document);
    changed.writeUInt8(changed.readUInt8(changed.indexOf('2026-11-22')) ^ 1, changed.indexOf('2026-11-22'));
    const altered = validate({ ...rest, subject: { ...subject, document: changed } });
    expect(verdict(altered)).toEqual(['SIGNATURE_MISMATCH', 'xmldsig.digest', 'HASH_FAILURE']);
  });

  it('a certificate of the CA generation before: issuer chosen by key, not by name', () => {
    expect(validate(request(signXml(registry, 'previous', 'enveloped'))).result).toBe('OK');
  });
});

describe('a signature that is not', () => {
  const signed = signXml(registry, 'taro', 'enveloped');
  const hanako = signXml(registry, 'hanako', 'enveloped');

  it('damaged, of another citizen, of another document (J12, K6)', () => {
    const damaged = new Uint8Array(signed.signatureValue) as SignatureValue;
    damaged.set([(damaged[100] ?? 0) ^ 1], 100);
    const mismatch = ['SIGNATURE_MISMATCH', 'xmldsig.signature', 'SIG_CRYPTO_FAILURE'];
    expect(verdict(validate(request({ ...signed, signatureValue: damaged })))).toEqual(mismatch);
    expect(verdict(validate(request({ ...signed, certificate: hanako.certificate })))).toEqual(mismatch);
    const other = signXml(registry, 'taro', 'guideline');
    expect(verdict(validate(request({ ...signed, signatureValue: other.signatureValue })))).toEqual(mismatch);
  });

  it('is decided before any revocation data is asked for, later steps not reached', () => {
    const damaged = new Uint8Array(256).fill(1) as SignatureValue;
    const started = startValidation(request({ ...signed, signatureValue: damaged }));
    expect(started.kind).toBe('decided');
    const checks = started.kind === 'decided' ? started.outcome.report.checks : [];
    expect(checks.slice(-4)).toEqual(
      ['certification-path', 'revocation-status', 'signer-validity-period', 'transaction-binding'].map(
        (name) => ({
          name,
          result: 'not-reached',
        }),
      ),
    );
  });

  it('an XML Signature in mode digest (S6)', () => {
    expect(verdict(validate(request(signed, { mode: 'digest' })))).toEqual([
      'SIGNATURE_MISMATCH',
      'xmldsig.mode',
      'SIG_CONSTRAINTS_FAILURE',
    ]);
  });

  it('of another transaction: data differs (J13)', () => {
    const other = signXml(registry, 'taro', 'guideline');
    const outcome = validate(request(signed, { data: other.prepared.data }));
    expect(verdict(outcome)).toEqual([
      'SIGNATURE_MISMATCH',
      'binding.transaction',
      'SIG_CONSTRAINTS_FAILURE',
    ]);
    expect(verdict(validate(request(signed, { data: '' as SigningInput })))[1]).toBe('binding.transaction');
  });

  it.each([
    ['not DER', new Uint8Array([1, 2, 3]), 'certificate.syntax'],
    ['a trailing octet', new Uint8Array([...signed.certificate, 0]), 'certificate.syntax'],
    ['empty', new Uint8Array(0), 'certificate.syntax'],
  ])('certificate %s (K9)', (_name, certificate, code) => {
    expect(verdict(validate(request({ ...signed, certificate })))).toEqual([
      'CERTIFICATE_INVALID',
      code,
      'NO_SIGNING_CERTIFICATE_FOUND',
    ]);
  });
});

describe('a certificate that does not count', () => {
  it('expired at the instant (K1), though its signature is right', () => {
    const outcome = validate(request(signXml(registry, 'expired', 'enveloped')));
    expect(verdict(outcome)).toEqual([
      'CERTIFICATE_EXPIRED',
      'certificate.expired',
      'OUT_OF_BOUNDS_NOT_REVOKED',
    ]);
    // A second before, the path stands and only revocation is left to ask.
    const at = (cardOf(registry, 'expired').signCertificate.notAfter - 1000) as EpochMillis;
    expect(startValidation(request(signXml(registry, 'expired', 'enveloped'), { at })).kind).toBe(
      'needs-revocation',
    );
  });

  it('not yet valid by our own clock: held, since the clock is likelier wrong', () => {
    const at = (cardOf(registry, 'taro').signCertificate.notBefore - 1000) as EpochMillis;
    const asked = request(signXml(registry, 'taro', 'enveloped'), { at, revocation: 'switched-off' });
    const outcome = validate(asked);
    expect(verdict(outcome)).toEqual(['INDETERMINATE', 'certificate.not-yet-valid', 'OUT_OF_BOUNDS_NO_POE']);
    expect(outcome.report.class).toBe('hold');
  });

  it('the certificate of user authentication (K3)', () => {
    const card = cardOf(registry, 'taro');
    const swapped: JpkiRegistry = {
      ...registry,
      cards: [{ ...card, signKey: card.authKey, signCertificate: card.authCertificate }],
    };
    const outcome = validate(request(signXml(swapped, 'taro', 'enveloped')));
    expect(verdict(outcome).slice(0, 2)).toEqual(['CERTIFICATE_INVALID', 'certificate.path']);
    const trusted = [...trustAnchors, ...anchorsOfAuth()];
    const underAuthCa = validate(request(signXml(swapped, 'taro', 'enveloped'), { trustAnchors: trusted }));
    expect(verdict(underAuthCa).slice(0, 2)).toEqual(['CERTIFICATE_INVALID', 'certificate.policy']);
  });

  it('a test certificate where production is asked for', () => {
    const policy = jpkiSigningPolicy('production', 'OCSP');
    const outcome = validate(request(signXml(registry, 'taro', 'enveloped'), { policy }));
    expect(verdict(outcome).slice(0, 2)).toEqual(['INDETERMINATE', 'certificate.policy']);
    expect(outcome.report.class).toBe('hold');
  });

  it('no trust anchor of its issuer (K4, J15)', () => {
    const outcome = validate(request(signXml(registry, 'taro', 'enveloped'), { trustAnchors: [] }));
    expect(verdict(outcome).slice(0, 2)).toEqual(['INDETERMINATE', 'certificate.anchor-missing']);
    expect([outcome.retryable, outcome.report.class]).toEqual([false, 'hold']);
  });

  it.each([
    ['revoked', 'certificate.revoked', 'REVOKED_NO_POE'],
    ['on-hold', 'certificate.suspended', 'TRY_LATER'],
  ])('%s, by OCSP and by CRL (K10)', (person, code, sub) => {
    for (const method of ['OCSP', 'CRL'] as const) {
      const asked = request(signXml(registry, person, 'enveloped'), {
        policy: jpkiSigningPolicy('test', method),
      });
      const outcome = validate(asked);
      expect(verdict(outcome)).toEqual(['CERTIFICATE_REVOKED', code, sub]);
      expect(outcome.report.class).toBe('not-for-this-input');
    }
  });

  it('revoked yesterday fails today', () => {
    const own = newRegistry();
    const signed = signXml(own, 'taro', 'enveloped');
    const answer: Answer = (needs) => revocationAnswers(own, needs);
    expect(validate(request(signed), answer).result).toBe('OK');
    const revokedAt = NOW - 86_400_000;
    own.revoke(cardOf(own, 'taro').signCertificate, { revokedAt, reason: 'affiliationChanged' });
    expect(validate(request(signed), answer).result).toBe('CERTIFICATE_REVOKED');
  });
});

describe('revocation that cannot be known is never good (K11)', () => {
  const signed = signXml(registry, 'taro', 'enveloped');
  const byCrl = { policy: jpkiSigningPolicy('test', 'CRL') };
  const DAY = 86_400_000;
  const cases: readonly (readonly [string, Partial<ValidationRequest>, Answer])[] = [
    ['no answer', {}, (needs) => needs.map(() => ({ crls: [], ocsp: [] }))],
    ['no list of answers', {}, () => []],
    ['HTML', {}, (needs) => needs.map(() => ({ crls: [], ocsp: [Buffer.from('<html></html>')] }))],
    [
      'truncated',
      {},
      (needs) => honest(needs).map(({ ocsp }) => ({ crls: [], ocsp: ocsp.map((o) => o.subarray(0, -1)) })),
    ],
    ['wrong nonce', {}, (needs) => revocationAnswers(registry, needs, { nonce: 'wrong' })],
    ['no nonce', {}, (needs) => revocationAnswers(registry, needs, { nonce: 'none' })],
    ['unknown', {}, (needs) => revocationAnswers(registry, needs, { answer: 'unknown' })],
    ['another serial', {}, (needs) => revocationAnswers(registry, needs, { answer: 'other-serial' })],
    ['stale', {}, (needs) => revocationAnswers(registry, needs, { shift: -DAY })],
    ['future', {}, (needs) => revocationAnswers(registry, needs, { shift: DAY })],
    [
      'signed by a stranger',
      {},
      (needs) => revocationAnswers(registry, needs, { key: cardOf(registry, 'taro').signKey.privateKey }),
    ],
    ['no CRL', byCrl, (needs) => needs.map(() => ({ crls: [], ocsp: [] }))],
    [
      'a CRL that is none',
      byCrl,
      (needs) => needs.map(() => ({ crls: [new Uint8Array([48, 0])], ocsp: [] })),
    ],
    ['a stale CRL', byCrl, (needs) => revocationAnswers(registry, needs, { shift: -5 * DAY })],
    ['a future CRL', byCrl, (needs) => revocationAnswers(registry, needs, { shift: 5 * DAY })],
    [
      'the CRL of another municipality',
      byCrl,
      (needs) =>
        revocationAnswers(
          registry,
          needs.map((need) => ({
            ...need,
            distributionPoints: [cardOf(registry, 'hanako').signCertificate.distributionPoint],
          })),
        ),
    ],
    [
      'a CRL of the CA generation before, of the same name and scope',
      byCrl,
      (needs) => needs.map((need) => ({ crls: previousLists(need), ocsp: [] })),
    ],
    [
      'OCSP data where CRL was asked for',
      byCrl,
      (needs) => needs.map(() => ({ crls: [], ocsp: [new Uint8Array([48, 0])] })),
    ],
  ];
  it.each(cases)('%s', (_name, change, answer) => {
    const outcome = validate(request(signed, change), answer);
    expect(outcome.result).toBe('INDETERMINATE');
    expect(outcome.report.subIndication).toBe('TRY_LATER');
    expect(decisiveCheck(outcome.report)?.code).toMatch(/^revocation\./);
    expect(outcome.retryable).toBe(true);
  });
});

/** As `sign` issues them, signed with the key of the generation before, which is a trust anchor too. */
function previousLists({ distributionPoints }: RevocationNeed): readonly Uint8Array[] {
  const key = registry.authorities.previousSign.key.privateKey;
  return distributionPoints
    .map((name) => makeCrl(registry, name, NOW, { key }))
    .filter((crl) => crl !== undefined)
    .map((crl) => new Uint8Array(crl));
}

describe('the report', () => {
  it('holds nothing of the certificate or the person', () => {
    for (const person of ['taro', 'revoked', 'expired']) {
      const { report, result } = validate(request(signXml(registry, person, 'enveloped')));
      const card = cardOf(registry, person);
      const text = JSON.stringify({ report, result });
      expect(text).not.toContain(card.resident.name);
      expect(text.toLowerCase()).not.toContain(card.signCertificate.serial.toString(16));
      expect(text).not.toContain(card.signCertificate.serial.toString());
    }
  });
});

function anchorsOfAuth() {
  const auth = registry.authorities.auth.certificate;
  const other = { ...registry.authorities, sign: { certificate: auth }, previousSign: { certificate: auth } };
  return anchorsOf({ ...registry, authorities: other } as JpkiRegistry);
}

it('APPLICATIONS exist for every profile', () => {
  expect(Object.keys(APPLICATIONS).sort()).toEqual([...profiles].sort());
});
