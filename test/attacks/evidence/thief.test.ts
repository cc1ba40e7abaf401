import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { makeEvidence } from '../../../src/verifier/evidence/make-evidence.ts';
import { verifyExportedEvidence } from '../../../src/verifier/evidence/verify-exported.ts';
import { startValidation } from '../../../src/verifier/validate.ts';
import { jpkiSigningPolicy } from '../../../src/verifier/validation-policy.ts';
import type { ValidationRequest } from '../../../src/verifier/validation-types.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { anchorsOf, cardOf, newRegistry, revocationAnswers, signXml } from '../../support/pf-signing.ts';
import { tsaAnchors } from '../../unit/timestamp/tsa-kit.ts';
import { contentOf, forgedRecord, stampedExport } from './forger.ts';

/** The forged records of issue 15: a card is stolen, its certificate revoked on 15 October, and the thief signs afterwards. */
const DAY = 86_400_000;
const REVOKED = Date.UTC(2026, 9, 15, 3);
const OCTOBER = Date.UTC(2026, 9, 1, 3) as EpochMillis;
const NOVEMBER = Date.UTC(2026, 10, 29, 3) as EpochMillis;
const registry = newRegistry();
registry.revoke(cardOf(registry, 'taro').signCertificate, { revokedAt: REVOKED, reason: 'keyCompromise' });
const trust = { trustAnchors: anchorsOf(registry), tsaTrustAnchors: tsaAnchors(), asked: NOVEMBER };

interface Judgement {
  readonly at: EpochMillis;
  readonly listOf: number;
  readonly dataAt?: EpochMillis;
  readonly method?: 'CRL' | 'OCSP';
  /** The list of a day before the revocation: it knows nothing of it. */
  readonly knows?: boolean;
}

function recordOf({ at, listOf, dataAt, method = 'CRL', knows = false }: Judgement): Uint8Array {
  const signed = signXml(registry, 'taro', 'enveloped');
  const request: ValidationRequest = {
    subject: { kind: 'skeleton', ...signed },
    mode: 'digest-info',
    data: signed.prepared.data,
    trustAnchors: trust.trustAnchors,
    at,
    policy: jpkiSigningPolicy('test', method),
    ...(dataAt === undefined ? {} : { dataAt }),
  };
  const started = startValidation(request);
  const source = knows ? registry : ignorant;
  const data =
    started.kind === 'decided' ? [] : revocationAnswers(source, started.needs, { at: listOf, nonce: 'none' });
  const outcome = started.kind === 'decided' ? started.outcome : started.finish(data);
  const facts = { id: 'v', instantSource: 'platform-clock', validatorVersion: '0.1.0' };
  const { octets } = makeEvidence({ ...facts, request, outcome, data });
  if (dataAt === undefined) return octets;
  const content = contentOf(octets);
  return forgedRecord({ ...content, version: 1, instant: { ...(content['instant'] as object), dataAt } });
}

/** The same JPKI before it knew. */
const ignorant = new Proxy(registry, {
  get: (target, name) => (name === 'revocationOf' ? () => undefined : Reflect.get(target, name)),
});

const asked = (record: Uint8Array, stampedAt: number, more = {}) =>
  verifyExportedEvidence(stampedExport(record, stampedAt), { ...trust, ...more });

describe('a thief who chooses his own instants', () => {
  it('(a) judged for 29 November with the list of 1 October and a dataAt of 1 October, stamped now', () => {
    const record = recordOf({ at: NOVEMBER, listOf: OCTOBER, dataAt: OCTOBER });
    const { outcome, verdict, basis } = asked(record, NOVEMBER);
    expect([outcome, verdict?.indication, basis]).toEqual(['not-provable', 'INDETERMINATE', 'proved']);
    expect(asked(record, NOVEMBER, { believeInstant: true }).outcome).not.toBe('valid');
  });

  it('(b) judged for 1 October with its list, stamped six weeks later', () => {
    const { outcome, verdict } = asked(recordOf({ at: OCTOBER, listOf: OCTOBER }), NOVEMBER);
    const decisive = verdict?.checks.at(-1);
    expect([outcome, verdict?.indication, verdict?.subIndication]).toEqual([
      'not-provable',
      'INDETERMINATE',
      'NO_POE',
    ]);
    expect(decisive?.detail).toContain('2026-10-01T03:00:00.000Z');
    expect(decisive?.detail).toContain('2026-11-29T03:00:00.000Z');
    const patient = asked(recordOf({ at: OCTOBER, listOf: OCTOBER }), NOVEMBER, { proofWithin: 90 * DAY });
    // By his own bound: whoever asks for 90 days has the list count that long, and is told the bound.
    expect(patient.outcome).toBe('valid');
  });

  it.each(['CRL', 'OCSP'] as const)('the honest record of 1 October by %s stays what it was', (method) => {
    expect(asked(recordOf({ at: OCTOBER, listOf: OCTOBER, method }), OCTOBER + 3_600_000).outcome).toBe(
      'valid',
    );
    expect(asked(recordOf({ at: OCTOBER, listOf: OCTOBER, method }), OCTOBER + 3 * DAY).outcome).toBe(
      'not-provable',
    );
  });

  it('a proof that came later than the bound, while the list was still good', () => {
    const record = recordOf({ at: OCTOBER, listOf: OCTOBER });
    const late = asked(record, OCTOBER + 30 * 3_600_000);
    expect([late.outcome, late.verdict?.checks.at(-1)?.name]).toEqual(['not-provable', 'judged-instant']);
    expect(asked(record, OCTOBER + 30 * 3_600_000, { proofWithin: 2 * DAY }).outcome).toBe('valid');
  });

  it('a revocation that the record itself knows, between the instant and the proof, decides', () => {
    const soon = { at: (REVOKED - 3_600_000) as EpochMillis, listOf: REVOKED - 3_600_000, knows: true };
    const { outcome, verdict } = asked(recordOf(soon), REVOKED + 3_600_000);
    expect([outcome, verdict?.checks.at(-1)?.subIndication]).toEqual(['not-provable', 'REVOKED_NO_POE']);
    expect(asked(recordOf(soon), REVOKED - 1_800_000).outcome).toBe('valid');
  });

  it('a certificate that had ended when it was proved', () => {
    const end = parseCertificate(signXml(registry, 'taro', 'enveloped').certificate).notAfter;
    const last = { at: (end - 3_600_000) as EpochMillis, listOf: end - 3_600_000 };
    expect(asked(recordOf(last), end - 1_800_000).outcome).toBe('valid');
    const { outcome, verdict } = asked(recordOf(last), end + 3_600_000);
    expect([outcome, verdict?.subIndication]).toEqual(['not-provable', 'NO_POE']);
  });

  it('a judgement younger than its proof', () => {
    const { outcome, verdict } = asked(recordOf({ at: OCTOBER, listOf: OCTOBER }), OCTOBER - 3_600_000);
    expect([outcome, verdict?.checks.at(-1)?.name]).toEqual(['not-provable', 'judged-instant']);
  });

  it('without a proof of time nothing is proved, unless the caller believes the instant', () => {
    const record = recordOf({ at: OCTOBER, listOf: OCTOBER });
    const { tsaTrustAnchors: _tsa, ...withoutTsa } = trust;
    expect(verifyExportedEvidence(record, trust).verdict?.subIndication).toBe('NO_POE');
    expect(verifyExportedEvidence(stampedExport(record, OCTOBER), withoutTsa).outcome).toBe('not-provable');
    const believing = verifyExportedEvidence(record, { ...withoutTsa, believeInstant: true });
    expect([believing.outcome, believing.basis]).toEqual(['valid', 'believed']);
  });
});
