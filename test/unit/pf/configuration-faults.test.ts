import type { KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { decisiveCheck } from '../../../src/core/report.ts';
import type { XmlSignatureProfileName } from '../../../src/core/xmldsig/prepared-signature.ts';
import { toPem } from '../../../src/simulator/jpki/certificate.ts';
import { makeCrl } from '../../../src/simulator/jpki/crl.ts';
import { type Authority, authorityKey } from '../../../src/simulator/jpki/keys/simulator-keys.ts';
import { answerOcsp, type OcspOptions, ocspError } from '../../../src/simulator/jpki/ocsp.ts';
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
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { JPKI_KEY_POLICY } from '../../../src/verifier/x509/key-policy.ts';
import { certificatesFromPem } from '../../../src/verifier/x509/pem.ts';
import { anchorsOf, cardOf, NOW, newRegistry, revocationAnswers, signXml } from '../../support/pf-signing.ts';

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
const KEYS = JPKI_KEY_POLICY;
const keys = (policy: ValidationPolicy, change: Partial<typeof KEYS>) =>
  path(policy, { keyPolicy: { ...policy.path.keyPolicy, ...change } });
const authentication = certificatesFromPem(toPem(registry.authorities.auth.certificate));
const leafOf = (person: string) => parseCertificate(cardOf(registry, person).signCertificate.der);
/** Distribution points of signing certificates. */
const partitions = [
  ...new Map(
    registry.cards.map(({ signCertificate: { distributionPoint } }) => [
      distributionPoint.toString('hex'),
      distributionPoint,
    ]),
  ).values(),
];
const same = (one: Uint8Array, other: Uint8Array) => Buffer.compare(one, other) === 0;
const listOf = (name: Uint8Array, key?: KeyObject) =>
  new Uint8Array(makeCrl(registry, name, NOW, key === undefined ? {} : { key }) ?? Buffer.alloc(0));
const lists =
  (other: (name: Uint8Array) => Uint8Array): Answer =>
  (needs) =>
    needs.map(({ distributionPoints }) => ({
      ocsp: [],
      crls: distributionPoints.map((name) => listOf(other(name))),
    }));
const ocspOf =
  (options: OcspOptions): Answer =>
  (needs) =>
    revocationAnswers(registry, needs, options);
const signedBy = (authority: Authority): Answer => {
  const { privateKey: key } = authorityKey('pf-tests', authority);
  return (needs) =>
    needs.map(({ ocspRequest, distributionPoints }) => ({
      ocsp:
        ocspRequest === undefined ? [] : [new Uint8Array(answerOcsp(registry, ocspRequest, NOW, { key }))],
      crls: distributionPoints.map((name) => listOf(name, key)),
    }));
};
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
  { name: 'the anchors of user authentication', change: () => ({ trustAnchors: authentication }) },
  { name: 'the leaf of somebody for an anchor', change: () => ({ trustAnchors: [leafOf('hanako')] }) },
  { name: 'stray certificates between', change: () => ({ intermediates: [...stranger, leafOf('hanako')] }) },
  {
    name: 'the list of another partition',
    answer: lists((name) => partitions.find((other) => !same(other, name)) ?? name),
  },
  {
    name: 'the lists of all other partitions',
    answer: (needs) =>
      needs.map(({ distributionPoints: [own = new Uint8Array(0)] }) => ({
        ocsp: [],
        crls: partitions.filter((other) => !same(other, own)).map((name) => listOf(name)),
      })),
  },
  { name: 'a list that somebody else signed', answer: signedBy('stranger') },
  { name: 'a list or answer of the other generation’s key', answer: signedBy('previous-sign-ca') },
  { name: 'a list or answer of the authentication CA’s key', answer: signedBy('auth-ca') },
  { name: 'the responder knows nothing', answer: ocspOf({ answer: 'unknown' }) },
  { name: 'the responder answers about another', answer: ocspOf({ answer: 'other-serial' }) },
  { name: 'the responder leaves the nonce out', answer: ocspOf({ nonce: 'none' }) },
  ...(['malformed', 'internalError', 'tryLater', 'unauthorized'] as const).map((status) => ({
    name: `the responder says ${status}`,
    answer: each(({ crls }) => ({
      crls: crls.map(() => new Uint8Array(ocspError(status))),
      ocsp: [new Uint8Array(ocspError(status))],
    })),
  })),
  ...([3072, 4096, 8192] as const).map((minimumBits) => ({
    name: `RSA of ${minimumBits} bits at least`,
    change: (policy: ValidationPolicy) => keys(policy, { rsa: { ...KEYS.rsa, minimumBits } }),
  })),
  { name: 'RSA of 1024 bits at most', change: (p) => keys(p, { rsa: { ...KEYS.rsa, maximumBits: 1024 } }) },
  { name: 'SHA-384 and SHA-512', change: (policy) => keys(policy, { hashes: ['sha384', 'sha512'] }) },
  { name: 'elliptic keys alone', change: (p) => keys(p, { rsa: { ...KEYS.rsa, minimumBits: 99_999 } }) },
  { name: 'another exponent', change: (p) => keys(p, { rsa: { ...KEYS.rsa, exponents: [3] } }) },
  { name: 'no hash is accepted', change: (policy) => keys(policy, { hashes: [] }) },
  { name: 'SHA-512 alone', change: (policy) => keys(policy, { hashes: ['sha512'] }) },
  {
    name: 'RSA-2048 has ended',
    change: (policy) => ({
      policy: { ...policy, algorithmEnds: { last: { 'rsa-2048': NOW - DAY }, warnBefore: 0 } },
    }),
  },
  {
    name: 'SHA-256 has ended',
    change: (policy) => ({
      policy: { ...policy, algorithmEnds: { last: { sha256: NOW - DAY }, warnBefore: 0 } },
    }),
  },
  {
    name: 'a key usage that no card has',
    change: (policy) => path(policy, { requiredKeyUsage: ['keyAgreement'] }),
  },
  {
    name: 'an extended key usage that no card has',
    change: (policy) => path(policy, { extendedKeyUsage: 'required', acceptedExtendedKeyUsage: ['1.2.3'] }),
  },
  { name: 'no kind of certificate is known', change: (policy) => ({ policy: { ...policy, kinds: [] } }) },
  {
    name: 'nothing is fresh enough',
    change: (policy) => ({ policy: { ...policy, freshness: { maxAge: 0, skew: 0 } } }),
  },
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
