import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { decisiveCheck } from '../../../src/core/report.ts';
import type { XmlSignatureProfileName } from '../../../src/core/xmldsig/prepared-signature.ts';
import { makeRegistry } from '../../../src/simulator/jpki/registry.ts';
import { startValidation } from '../../../src/verifier/validate.ts';
import { jpkiSigningPolicy } from '../../../src/verifier/validation-policy.ts';
import type {
  RevocationData,
  RevocationNeed,
  ValidationOutcome,
  ValidationPolicy,
  ValidationRequest,
} from '../../../src/verifier/validation-types.ts';
import { anchorsOf, NOW, newRegistry, revocationAnswers, signXml } from '../../support/pf-signing.ts';

const registry = newRegistry();
const anchors = anchorsOf(registry);
const newest = anchors.slice(0, 1);
const previous = anchors.slice(1);
const stranger = anchorsOf(makeRegistry('another', NOW));
/** One citizen of each generation of the CA, with nothing wrong about their certificates. */
const CITIZENS = ['taro', 'previous'] as const;
const PROFILES: readonly XmlSignatureProfileName[] = ['enveloped', 'by-id', 'guideline'];
const METHODS = ['OCSP', 'CRL'] as const;

type Answer = (needs: readonly RevocationNeed[]) => readonly RevocationData[];
interface Fault {
  readonly name: string;
  readonly change?: (policy: ValidationPolicy) => Partial<ValidationRequest>;
  readonly answer?: Answer;
}

const honest: Answer = (needs) => revocationAnswers(registry, needs);
const each =
  (change: (data: RevocationData) => RevocationData): Answer =>
  (needs) =>
    honest(needs).map(change);
const octets = (text: string) => new TextEncoder().encode(text);
const pem = (der: Uint8Array) =>
  octets(`-----BEGIN X509 CRL-----\n${Buffer.from(der).toString('base64')}\n-----END X509 CRL-----\n`);
const all =
  (change: (der: Uint8Array) => Uint8Array) =>
  ({ crls, ocsp }: RevocationData) => ({
    crls: crls.map(change),
    ocsp: ocsp.map(change),
  });
const path = (policy: ValidationPolicy, change: Partial<ValidationPolicy['path']>) => ({
  policy: { ...policy, path: { ...policy.path, ...change } },
});
const DAY = 86_400_000;
const CLOCKS = [-20 * 365, -5 * 365, -365, -30, 30, 365, 5 * 365, 20 * 365];
const SHIFTS = [-3650, -365, -30, -3, 3, 30, 365, 3650];

/** What an operator, a list, a responder or a clock can get wrong. */
const FAULTS: readonly Fault[] = [
  { name: 'no anchor at all', change: () => ({ trustAnchors: [] }) },
  { name: 'the newest generation is missing', change: () => ({ trustAnchors: previous }) },
  { name: 'the previous generation is missing', change: () => ({ trustAnchors: newest }) },
  { name: 'the anchors of another world', change: () => ({ trustAnchors: stranger }) },
  { name: 'the policy table is behind', change: (policy) => path(policy, { initialPolicySet: ['1.2.3.4'] }) },
  { name: 'no policy is accepted', change: (policy) => path(policy, { initialPolicySet: [] }) },
  {
    name: 'the other environment',
    change: ({ method }) => ({ policy: jpkiSigningPolicy('production', method) }),
  },
  { name: 'no data', answer: each(() => ({ crls: [], ocsp: [] })) },
  { name: 'an HTML page', answer: each(all(() => octets('<html>busy</html>'))) },
  { name: 'nothing in the answer', answer: each(all(() => new Uint8Array(0))) },
  { name: 'half of it', answer: each(all((der) => der.subarray(0, der.length >> 1))) },
  { name: 'in PEM', answer: each(all(pem)) },
  { name: 'a stray line end', answer: each(all((der) => new Uint8Array([...der, 0x0a]))) },
  {
    name: 'one bit is wrong',
    answer: each(all((der) => der.map((octet, index) => (index === der.length - 9 ? octet ^ 1 : octet)))),
  },
  {
    name: 'the lists of the other method only',
    answer: each(({ crls, ocsp }) => ({ crls: ocsp, ocsp: crls })),
  },
  {
    name: 'the answers of another world',
    answer: (needs) => revocationAnswers(makeRegistry('another', NOW), needs),
  },
  { name: 'another nonce', change: () => ({ nonce: new Uint8Array(16).fill(8) }), answer: honest },
  ...CLOCKS.map((days) => ({
    name: `our clock is ${days} days off`,
    change: () => ({ at: (NOW + days * DAY) as EpochMillis }),
  })),
  ...SHIFTS.map((days) => ({
    name: `the source's clock is ${days} days off`,
    answer: ((needs) => revocationAnswers(registry, needs, { at: NOW + days * DAY })) satisfies Answer,
  })),
];

function judge(
  citizen: string,
  profile: XmlSignatureProfileName,
  method: 'OCSP' | 'CRL',
  fault: Fault,
): ValidationOutcome {
  const signed = signXml(registry, citizen, profile);
  const policy = jpkiSigningPolicy('test', method);
  const started = startValidation({
    subject: { kind: 'skeleton', ...signed },
    mode: 'digest-info',
    data: signed.prepared.data,
    trustAnchors: anchors,
    at: NOW,
    policy,
    nonce: new Uint8Array(16).fill(7),
    ...fault.change?.(policy),
  });
  return started.kind === 'decided'
    ? started.outcome
    : started.finish((fault.answer ?? honest)(started.needs));
}

const rows = FAULTS.flatMap((fault) =>
  CITIZENS.flatMap((citizen) =>
    PROFILES.flatMap((profile) => METHODS.map((method) => ({ fault, citizen, profile, method }))),
  ),
);

describe('no setting, list, key, clock or outage of ours ends an application as the citizen’s fault', () => {
  it('200 faults and more are tried, over citizens of both generations', () => {
    expect(rows.length).toBeGreaterThan(200);
    expect(
      new Set(
        CITIZENS.map(
          (id) => registry.cards.find(({ resident }) => resident.id === id)?.signCertificate.issuer,
        ),
      ).size,
    ).toBe(2);
    for (const citizen of CITIZENS)
      expect(judge(citizen, 'enveloped', 'OCSP', { name: 'none' }).result).toBe('OK');
  });

  it.each(FAULTS.map((fault) => [fault.name, fault] as const))('%s', (_name, fault) => {
    const ends = rows
      .filter((row) => row.fault === fault)
      .map(({ citizen, profile, method }) => {
        const { report, result } = judge(citizen, profile, method, fault);
        return { result, class: report.class, code: decisiveCheck(report)?.code };
      });
    // Good in spite of the fault (another generation's card, the other method), or open on our side: nothing else.
    for (const end of ends) {
      if (end.result === 'OK') continue;
      expect(end).toMatchObject({
        result: 'INDETERMINATE',
        class: expect.stringMatching(/^(?:hold|retry)$/),
      });
    }
  });

  it('a changed document stays proved wrong beside every fault', () => {
    for (const fault of FAULTS) {
      const signed = signXml(registry, 'taro', 'enveloped');
      const damaged = {
        ...signed,
        signatureValue: signed.signatureValue.map((octet, index) => (index === 9 ? octet ^ 1 : octet)),
      };
      const policy = jpkiSigningPolicy('test', 'CRL');
      const started = startValidation({
        subject: {
          kind: 'skeleton',
          ...damaged,
          signatureValue: damaged.signatureValue as typeof signed.signatureValue,
        },
        mode: 'digest-info',
        data: signed.prepared.data,
        trustAnchors: anchors,
        at: NOW,
        policy,
        ...fault.change?.(policy),
      });
      expect(started.kind === 'decided' && started.outcome.result, fault.name).toBe('SIGNATURE_MISMATCH');
    }
  });
});
