import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { decisiveCheck } from '../../../src/core/report.ts';
import { makeCrl } from '../../../src/simulator/jpki/crl.ts';
import { makeTsaCrl } from '../../../src/simulator/tsa/crl.ts';
import type { OfflineRules } from '../../../src/verifier/judge-offline.ts';
import { judgeStamped } from '../../../src/verifier/judge-stamped.ts';
import { shippedFor } from '../../../src/verifier/policy/shipped.ts';
import { policyOf } from '../../../src/verifier/policy/validation-policy.ts';
import type { ValidationPolicy, ValidationSubject } from '../../../src/verifier/validation-types.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { directoryNames } from '../../../src/verifier/x509/general-name.ts';
import { anchorsOf, cardOf, NOW, newRegistry, signFile } from '../../support/pf-signing.ts';
import { tokenOver, tsa, tsaAnchors } from './tsa-kit.ts';

const registry = newRegistry();
const HOUR = 3_600_000;
const octets = new TextEncoder().encode('A file with a time-stamp beside its signature.');
const signed = signFile(registry, 'taro', octets, 'digest-info');
const certificate = parseCertificate(signed.certificate);
const subject: ValidationSubject = { kind: 'file', ...signed };
const [name] = directoryNames(certificate.cRLDistributionPoints?.[0]?.fullName);
const crlOf = (at: number) => new Uint8Array(makeCrl(registry, Buffer.from(name?.der ?? []), at) ?? []);
const policy = policyOf(shippedFor('test'), 'EITHER');

interface Beside {
  readonly tokens?: readonly Uint8Array[];
  readonly at?: number;
  readonly crls?: readonly Uint8Array[];
  readonly policy?: ValidationPolicy;
  readonly trust?: OfflineRules['trustAnchors'];
}

function judged({ tokens = [], at = NOW, crls, policy: own = policy, trust = tsaAnchors() }: Beside) {
  const rules: OfflineRules = {
    trustAnchors: anchorsOf(registry),
    intermediates: [],
    data: { crls: crls ?? [crlOf(at), new Uint8Array(makeTsaCrl(tsa, at))], ocsp: [] },
    revocation: 'asked',
    policy: own,
    at: at as EpochMillis,
  };
  return judgeStamped(subject, 'digest-info', rules, { tokens, trustAnchors: trust });
}

function verdict(beside: Beside) {
  const { report } = judged(beside);
  return [report.indication, decisiveCheck(report)?.code, report.subIndication];
}

const PASSED = ['TOTAL-PASSED', undefined, undefined];
const stamp = (at: number) => tokenOver(signed.signatureValue, { at });
const AFTER_ITS_END = certificate.notAfter + 86_400_000;

describe('a time-stamp beside a signature', () => {
  it('proves when it was there, and the verdict is for that time', () => {
    const outcome = judged({ tokens: [stamp(NOW)], at: NOW + HOUR });
    expect([outcome.report.indication, outcome.provedAt, outcome.report.validationTime]).toEqual([
      'TOTAL-PASSED',
      NOW,
      NOW,
    ]);
    expect(outcome.report.checks.at(-1)).toMatchObject({ name: 'proof-of-time', result: 'passed' });
  });

  it('of several the earliest counts', () => {
    const { provedAt, timeStamps } = judged({ tokens: [stamp(NOW + HOUR), stamp(NOW)], at: NOW + 2 * HOUR });
    expect([provedAt, timeStamps.length]).toEqual([NOW, 2]);
  });

  it('lifts the end of the certificate: the list of its time speaks of it', () => {
    const crls = [crlOf(NOW), new Uint8Array(makeTsaCrl(tsa, NOW))];
    expect(verdict({ at: AFTER_ITS_END, crls })[2]).toBe('TRY_LATER');
    expect(verdict({ at: AFTER_ITS_END, crls, tokens: [stamp(NOW)] })).toEqual(PASSED);
  });

  it('a revocation after it is no obstacle, one before it is', () => {
    const { signCertificate } = cardOf(registry, 'taro');
    registry.revoke(signCertificate, { revokedAt: NOW + HOUR, reason: 'affiliationChanged' });
    const at = NOW + 5 * HOUR;
    const crls = [crlOf(at), new Uint8Array(makeTsaCrl(tsa, at))];
    expect(verdict({ at, crls })).toEqual(['INDETERMINATE', 'certificate.revoked', 'REVOKED_NO_POE']);
    expect(verdict({ at, crls, tokens: [stamp(NOW)] })).toEqual(PASSED);
    const late = [stamp(NOW + 2 * HOUR)];
    expect(verdict({ at, crls, tokens: late })).toEqual([
      'INDETERMINATE',
      'certificate.revoked',
      'REVOKED_NO_POE',
    ]);
    // An older list, from before the revocation, does not hide it.
    expect(verdict({ at, crls: [crlOf(NOW + HOUR / 2), ...crls], tokens: late })[1]).toBe(
      'certificate.revoked',
    );
  });

  it.each<[string, Beside, string]>([
    ['over something else', { tokens: [tokenOver(Uint8Array.of(1, 2, 3))] }, 'timestamp.imprint'],
    [
      'over the file alone, which says nothing of the signature',
      { tokens: [tokenOver(octets)] },
      'timestamp.imprint',
    ],
    [
      'of an authority that is not trusted',
      { tokens: [stamp(NOW)], trust: anchorsOf(registry) },
      'certificate.path',
    ],
    ['from after the instant judged', { tokens: [stamp(NOW + 2 * HOUR)] }, 'timestamp.order'],
    ['whose authority has no list', { tokens: [stamp(NOW)], crls: [crlOf(NOW)] }, 'revocation.issuer'],
    ['that is none', { tokens: [Uint8Array.of(0x30, 0x00)] }, 'timestamp.form'],
  ])('one %s proves nothing, and makes no signature wrong', (_name, beside, code) => {
    const { report, timeStamps, provedAt } = judged(beside);
    expect([report.indication, provedAt]).toEqual(['TOTAL-PASSED', undefined]);
    expect(timeStamps[0]?.checks.find((check) => check.code !== undefined)?.code).toBe(code);
    const demanded = { ...policy, timeStamp: 'demanded' } as const;
    expect(verdict({ ...beside, policy: demanded })).toEqual([
      'INDETERMINATE',
      'timestamp.unavailable',
      'NO_POE',
    ]);
  });

  it('a policy that demands one passes nothing without, and with it as any other', () => {
    const demanded = { ...policy, timeStamp: 'demanded' } as const;
    expect(verdict({ policy: demanded })).toEqual(['INDETERMINATE', 'timestamp.unavailable', 'NO_POE']);
    expect(verdict({ policy: demanded, tokens: [stamp(NOW)] })).toEqual(PASSED);
  });

  it('without one nothing is said of it', () => {
    expect(judged({}).report.checks.some(({ name: check }) => check === 'proof-of-time')).toBe(false);
  });
});
