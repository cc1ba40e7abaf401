import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochMillis } from '../../src/core/brand.ts';
import { fromUtf8 } from '../../src/core/encoding.ts';
import type { Report } from '../../src/core/report.ts';
import { judgeStamped } from '../../src/verifier/judge-stamped.ts';
import { JUDGEMENT_CHECKS } from '../../src/verifier/judgement-checks.ts';
import type { PolicyFile } from '../../src/verifier/policy/policy-file.ts';
import { shippedPolicies } from '../../src/verifier/policy/shipped.ts';
import { policyOf } from '../../src/verifier/policy/validation-policy.ts';
import { certificatesFromPem } from '../../src/verifier/x509/pem.ts';
import type { CaseNote, Suite } from './suite.ts';

/** One case of manifest.json; the rest of it is what EU DSS said. */
interface IndicationCase {
  readonly case: string;
  readonly document: string;
  readonly trust: readonly string[];
  readonly intermediate: readonly string[];
  readonly crl: readonly string[];
  readonly ocsp: readonly string[];
  readonly at: string;
  readonly expect: {
    readonly main: string;
    readonly sub: readonly string[];
    readonly alsoAllowed?: readonly (readonly [main: string, sub: string | null])[];
  };
}

const GENERAL: PolicyFile = shippedNamed('general');

/**
 * Documents with known answers after EN 319 102-1: the main indication and the sub-indication must be an expected
 * pair.
 */
export const indicationsSuite: Suite = {
  name: 'indications',
  folder: 'indications',
  run(directory) {
    const { cases } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as {
      readonly cases: readonly IndicationCase[];
    };
    const failed: CaseNote[] = [];
    const listed: CaseNote[] = [];
    for (const row of cases) {
      const { indication, subIndication = null, checks } = judged(row, directory);
      const stray = checks.find(({ name, code }) => code !== undefined && !isListed(name, code));
      if (stray !== undefined)
        failed.push({ case: row.case, reason: `${stray.name} ${stray.code} is not in the list of checks` });
      const found = `${indication} ${subIndication}`;
      if (isExpected(row, indication, subIndication)) continue;
      const allowed = row.expect.alsoAllowed?.some(
        ([main, sub]) => main === indication && sub === subIndication,
      );
      const wanted = `${row.expect.main} ${row.expect.sub.join(' or ')}`;
      if (allowed === true) listed.push({ case: row.case, reason: `${found} is allowed; best is ${wanted}` });
      else failed.push({ case: row.case, reason: `${found} instead of ${wanted}` });
    }
    return { passed: cases.length - failed.length, failed, listed };
  },
};

function judged(row: IndicationCase, directory: string): Report {
  const read = (name: string) => readFileSync(join(directory, name));
  const certificates = (names: readonly string[]) =>
    names.flatMap((name) => certificatesFromPem(fromUtf8(read(name))));
  const subject = { kind: 'document', document: read(row.document), profile: 'enveloped' } as const;
  const rules = {
    trustAnchors: certificates(row.trust),
    intermediates: certificates(row.intermediate),
    data: { crls: row.crl.map(read), ocsp: row.ocsp.map(read) },
    revocation: 'asked',
    policy: policyOf(GENERAL, 'EITHER'),
    at: Date.parse(row.at) as EpochMillis,
  } as const;
  return judgeStamped(subject, 'digest-info', rules, { tokens: [], trustAnchors: rules.trustAnchors }).report;
}

function isListed(name: string, code: string): boolean {
  const listed = JUDGEMENT_CHECKS.find((check) => check.name === name);
  return listed?.codes.some((candidate) => candidate === code) === true;
}

function isExpected({ expect }: IndicationCase, main: string, sub: string | null): boolean {
  if (main !== expect.main) return false;
  return expect.sub.length === 0 ? sub === null : sub !== null && expect.sub.includes(sub);
}

function shippedNamed(name: string): PolicyFile {
  const found = shippedPolicies().find(({ called }) => called === name);
  if (found === undefined) throw new Error(`No shipped policy "${name}".`);
  return found;
}
