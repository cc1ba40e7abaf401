import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defined } from '../../../src/core/defined.ts';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { decisiveCheck } from '../../../src/core/report.ts';
import { makeCrl } from '../../../src/simulator/jpki/crl.ts';
import { makeEvidence } from '../../../src/verifier/evidence/make-evidence.ts';
import { judgeEvidence } from '../../../src/verifier/evidence/verify-evidence.ts';
import {
  algorithmEndsOf,
  type PolicyFile,
  readPolicyFile,
} from '../../../src/verifier/policy/policy-file.ts';
import { policyOf } from '../../../src/verifier/policy/validation-policy.ts';
import { startValidation } from '../../../src/verifier/validate.ts';
import type { ValidationOutcome, ValidationRequest } from '../../../src/verifier/validation-types.ts';
import { anchorsOf, FILE, NOW, newRegistry, revocationAnswers, signFile } from '../../support/pf-signing.ts';

const registry = newRegistry();
const trustAnchors = anchorsOf(registry);
const signed = signFile(registry, 'taro', FILE, 'digest-info');

/** A policy file that a test is about to change; what it may become is the reader's to judge. */
interface Content {
  name: string;
  algorithms: {
    rsa: { minimumBits: number };
    hashes: readonly string[];
    ends: Readonly<Record<string, string>>;
    warnDaysBefore: number;
  };
  keyUsage: { all: readonly string[]; oneOf?: readonly string[] };
  certificatePolicies: { policy: string; medium: string }[];
  revocation: { maximumAgeSeconds?: number };
  warnOnly: readonly string[];
}

/** The shipped policy of the test environment with a change, as an operator would write it. */
function ownPolicy(change: (content: Content) => void = () => undefined): PolicyFile {
  const content = JSON.parse(readFileSync('samples/policies/jpki-test.json', 'utf8'));
  content.name = 'ours-1';
  change(content);
  return readPolicyFile(toUtf8(JSON.stringify(content)), 'ours.json');
}

/** The row of the test card's own OID made another. */
function other({ certificatePolicies }: Content, change: Partial<Content['certificatePolicies'][number]>) {
  return certificatePolicies.map((row) =>
    row.policy === '1.2.392.200149.8.5.1.0.20' ? { ...row, ...change } : row,
  );
}

function requestBy(file: PolicyFile, change: Partial<ValidationRequest> = {}): ValidationRequest {
  const { octets, certificate, signatureValue, data } = signed;
  const subject = { kind: 'file', octets, certificate, signatureValue } as const;
  const policy = policyOf(file, 'CRL');
  return {
    subject,
    mode: 'digest-info',
    data,
    trustAnchors,
    at: NOW,
    policy,
    ...change,
  } as ValidationRequest;
}

function judged(file: PolicyFile, change: Partial<ValidationRequest> = {}): ValidationOutcome {
  const started = startValidation(requestBy(file, change));
  return started.kind === 'decided'
    ? started.outcome
    : started.finish(revocationAnswers(registry, started.needs));
}

function verdict({ report, result }: ValidationOutcome) {
  const decisive = decisiveCheck(report);
  return [result, decisive?.name, decisive?.code, report.subIndication, report.class];
}

const PASSED = ['OK', undefined, undefined, undefined, undefined];
const HELD = [
  'INDETERMINATE',
  'policy-algorithms',
  'certificate.key-policy',
  'CRYPTO_CONSTRAINTS_FAILURE_NO_POE',
  'hold',
];

describe('what a policy file says is what is judged by', () => {
  it('passes by the file, and names it with its hash', () => {
    const file = ownPolicy();
    const outcome = judged(file);
    expect(verdict(outcome)).toEqual(PASSED);
    expect([outcome.policy, outcome.policySha256]).toEqual(['ours-1', file.sha256]);
  });

  it('an algorithm that ended is held, whichever it is: no word about the citizen', () => {
    for (const algorithm of ['rsa-2048', 'sha256']) {
      const ended = ownPolicy((content) => {
        content.algorithms.ends = { [algorithm]: '2026-11-21' };
      });
      expect(verdict(judged(ended))).toEqual(HELD);
      const lastDay = ownPolicy((content) => {
        content.algorithms.ends = { [algorithm]: '2026-11-22' };
      });
      expect(verdict(judged(lastDay))).toEqual(PASSED);
    }
    const others = ownPolicy((content) => {
      content.algorithms.ends = { 'p-384': '2026-01-01', sha512: '2026-01-01' };
    });
    expect(verdict(judged(others))).toEqual(PASSED);
  });

  it('an end that comes soon is said ahead, in the time that the file names', () => {
    const detail = (days: number) => {
      const file = ownPolicy((content) => {
        content.algorithms.ends = { 'rsa-2048': '2026-12-31' };
        content.algorithms.warnDaysBefore = days;
      });
      return judged(file).report.checks.find(({ name }) => name === 'policy-algorithms')?.detail;
    };
    expect(detail(30)).toBeUndefined();
    expect(detail(60)).toBe('By this policy these end soon: rsa-2048 on 2026-12-31.');
  });

  it('the ends of a file are told in their order', () => {
    const file = ownPolicy((content) => {
      content.algorithms.ends = { sha256: '2040-01-01', 'rsa-2048': '2030-12-31', 'p-256': 'none' };
    });
    expect(algorithmEndsOf(file).map(({ use }) => use)).toEqual(['algorithm-rsa-2048', 'algorithm-sha256']);
  });

  it.each<[string, (content: Content) => void, string, string]>([
    [
      'key sizes',
      (c) => {
        c.algorithms.rsa.minimumBits = 3072;
      },
      'certificate-key-policy',
      'certificate.key-policy',
    ],
    [
      'hashes',
      (c) => {
        c.algorithms.hashes = ['sha384'];
      },
      'certificate-key-policy',
      'certificate.key-policy',
    ],
    [
      'key usage, all',
      (c) => {
        c.keyUsage.all = ['keyAgreement'];
      },
      'key-usage',
      'certificate.usage',
    ],
    [
      'key usage, one of',
      (c) => {
        c.keyUsage = { all: [], oneOf: ['cRLSign'] };
      },
      'key-usage',
      'certificate.usage',
    ],
    [
      'policy OIDs',
      (c) => {
        c.certificatePolicies = other(c, { policy: '1.2.392.200149.8.5.1.0.99' });
      },
      'certificate-policies',
      'certificate.policy',
    ],
  ])('%s', (_name, change, check, code) => {
    expect(verdict(judged(ownPolicy(change))).slice(1, 3)).toEqual([check, code]);
  });

  it('the purpose and medium of an OID are what its row says', () => {
    expect(judged(ownPolicy()).kind).toMatchObject({ medium: 'card' });
    const phone = ownPolicy((c) => {
      c.certificatePolicies = other(c, { medium: 'phone' });
    });
    expect(judged(phone).kind).toMatchObject({ medium: 'phone' });
  });

  it('a list may be no older than the file says, whatever its nextUpdate', () => {
    const at = (NOW + 7_200_000) as typeof NOW;
    const oldList = (file: PolicyFile) => {
      const started = startValidation(requestBy(file, { at }));
      if (started.kind === 'decided') return started.outcome;
      return started.finish(
        started.needs.map(({ distributionPoints: [name] }) => ({
          crls: [new Uint8Array(makeCrl(registry, Buffer.from(name ?? []), NOW) ?? [])],
          ocsp: [],
        })),
      );
    };
    expect(
      verdict(
        oldList(
          ownPolicy((c) => {
            c.revocation.maximumAgeSeconds = 7200;
          }),
        ),
      ),
    ).toEqual(PASSED);
    const strict = oldList(
      ownPolicy((c) => {
        c.revocation.maximumAgeSeconds = 3600;
      }),
    );
    expect(verdict(strict).slice(1)).toEqual(['revocation-status', 'revocation.stale', 'TRY_LATER', 'retry']);
  });
});

describe('a nit of the JPKI profile', () => {
  // The authentication of a path does not ask for these: only the profile does.
  const lax = (warnOnly: readonly string[]) =>
    ownPolicy((c) => {
      c.warnOnly = warnOnly;
    });

  it('decides, or only warns where the file says so', async () => {
    const { lintJpkiProfile } = await import('../../../src/verifier/x509/jpki-profile.ts');
    const { parseCertificate } = await import('../../../src/verifier/x509/certificate.ts');
    const { cRLDistributionPoints: _none, ...leaf } = parseCertificate(signed.certificate);
    for (const [warnOnly, indication] of [
      [[], 'INDETERMINATE'],
      [['jpki-distribution-point'], 'TOTAL-PASSED'],
    ] as const) {
      const { environment, kinds, warnOnly: warns } = policyOf(lax(warnOnly), 'CRL');
      const expected = defined({ purpose: 'signing' as const, environment, kinds, warnOnly: warns, at: NOW });
      const report = lintJpkiProfile(leaf as never, expected);
      expect(report.indication).toBe(indication);
      const check = report.checks.find(({ name }) => name === 'jpki-distribution-point');
      if (warnOnly.length > 0) expect(check?.detail).toMatch(/^Only a warning by this policy: /);
    }
  });
});

describe('evidence by a policy of the operator’s own', () => {
  const file = ownPolicy((c) => {
    c.revocation.maximumAgeSeconds = 86_400;
  });
  const request = requestBy(file);
  const started = startValidation(request);
  const data = started.kind === 'decided' ? [] : revocationAnswers(registry, started.needs);
  const outcome = started.kind === 'decided' ? started.outcome : started.finish(data);
  const { octets } = makeEvidence({
    id: 'own',
    request,
    outcome,
    data,
    instantSource: 'test',
    validatorVersion: '0.1.0',
  });
  const faults = (policies: readonly PolicyFile[]) =>
    judgeEvidence(octets, trustAnchors, policies)
      .integrity.checks.filter(({ result }) => result !== 'passed')
      .map(({ name }) => name);

  it('is judged again by whoever has the file, and by nobody else', () => {
    expect(judgeEvidence(octets, trustAnchors, [file])).toMatchObject({
      integrity: { indication: 'TOTAL-PASSED' },
      decision: { indication: 'TOTAL-PASSED' },
      record: { policy: { name: 'ours-1', sha256: file.sha256 } },
    });
    expect(faults([])).toEqual(['evidence-policy']);
    const other = ownPolicy((c) => {
      c.revocation.maximumAgeSeconds = 86_401;
    });
    expect(faults([other])).toEqual(['evidence-policy']);
  });
});
