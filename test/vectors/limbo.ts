import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochMillis } from '../../src/core/brand.ts';
import { JitsuinError } from '../../src/core/errors.ts';
import { decisiveCheck } from '../../src/core/report.ts';
import { openCrl } from '../../src/verifier/revocation/crl.ts';
import { checkPathRevocation } from '../../src/verifier/revocation/path-revocation.ts';
import { parseCertificate } from '../../src/verifier/x509/certificate.ts';
import type { Certificate } from '../../src/verifier/x509/certificate-types.ts';
import { KEY_PURPOSE } from '../../src/verifier/x509/oids.ts';
import { validateCertificationPath } from '../../src/verifier/x509/path.ts';
import { GENERAL_PATH_POLICY } from '../../src/verifier/x509/path-policy.ts';
import type { PathValidation } from '../../src/verifier/x509/path-types.ts';
import type { CaseNote, Suite, SuiteResult } from './suite.ts';
import { lintCertificationPath } from './support/rfc5280-lint.ts';
import { type Verdict, verdictsAgainst } from './support/verdicts.ts';

/** One line of cases.jsonl. */
interface LimboCase {
  readonly id: string;
  readonly trusted: readonly string[];
  readonly inter: readonly string[];
  readonly leaf: string;
  readonly crls: readonly string[];
  readonly date: string | null;
  readonly expect: boolean;
  readonly eku: readonly ('serverAuth' | 'clientAuth')[];
  readonly depth: number | null;
}

/** Verdicts of path and lint together that differ from the suite's, each with the reason. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  [
    'cve::cve-2024-0567',
    'the lint wants an authorityKeyIdentifier, as the suite itself does in its aki cases; the path verdict accepts',
  ],
  [
    'rfc5280::validity::expired-root',
    'the dates of an anchor are not judged (EN 319 102-1 section 5.2.6): it is trusted because the operator says so',
  ],
  ['rfc5280::ca-as-leaf-wrong-san', 'only the host name is wrong, and host names are not judged here'],
]);

/** Longer than this is a hang. */
const SLOW_MILLISECONDS = 1_000;

/** A fixed "now" within the suite's periods, so that the result does not change with the day. */
const NOW = Date.UTC(2026, 0, 1) as EpochMillis;

/** x509-limbo, the RFC 5280 part: refused by the path verdict or by the lint apart from it. */
export const limboSuite: Suite = {
  name: 'x509-limbo',
  folder: 'x509-limbo',
  run(directory): SuiteResult {
    const lines = readFileSync(join(directory, 'cases.jsonl'), 'utf8').trim().split('\n');
    const slow: CaseNote[] = [];
    const byLint: CaseNote[] = [];
    const verdicts = lines.map((line): Verdict => {
      const row: LimboCase = JSON.parse(line);
      const start = performance.now();
      const { accepted, detail, lintOnly } = outcome(row);
      if (performance.now() - start > SLOW_MILLISECONDS)
        slow.push({ case: row.id, reason: 'slower than a second' });
      if (lintOnly)
        byLint.push({ case: row.id, reason: `refused by the lint, not by the path verdict: ${detail}` });
      return { name: row.id, expected: row.expect, accepted, detail };
    });
    const result = verdictsAgainst(verdicts, EXCEPTIONS);
    const notes = byLint.filter(({ case: id }) => !EXCEPTIONS.has(id));
    return {
      passed: result.passed - notes.length,
      failed: [...result.failed, ...slow],
      listed: [...result.listed, ...notes],
    };
  },
};

interface Outcome {
  readonly accepted: boolean;
  readonly detail: string;
  readonly lintOnly?: boolean;
}

function outcome(row: LimboCase): Outcome {
  try {
    return judge(row);
  } catch (thrown) {
    if (thrown instanceof JitsuinError) return { accepted: false, detail: thrown.code };
    throw thrown;
  }
}

function judge(row: LimboCase): Outcome {
  const at = row.date === null ? NOW : (Date.parse(row.date) as EpochMillis);
  const found = validateCertificationPath({
    leaf: fromBase64(row.leaf),
    trustAnchors: row.trusted.map(fromBase64),
    intermediates: row.inter.map(fromBase64),
    at,
    policy: {
      ...GENERAL_PATH_POLICY,
      caAsLeaf: 'allowed',
      acceptedExtendedKeyUsage: row.eku.map((purpose) => KEY_PURPOSE[purpose]),
    },
    ...(row.depth === null ? {} : { budgets: { depth: row.depth } }),
  });
  const failed = decisiveCheck(found);
  if (failed !== undefined) return { accepted: false, detail: failed.code ?? '' };
  const unclear = row.crls.length > 0 ? revocationObstacle(row, found, at) : undefined;
  if (unclear !== undefined) return { accepted: false, detail: unclear };
  const broken = decisiveCheck(lintCertificationPath(found.path, at));
  return broken === undefined
    ? { accepted: true, detail: '' }
    : { accepted: false, detail: broken.name, lintOnly: true };
}

/** The status of the leaf alone: the suite gives CRLs for no other certificate. */
function revocationObstacle(row: LimboCase, found: PathValidation, at: EpochMillis): string | undefined {
  const issuers: Certificate[] = [...row.trusted, ...row.inter].map(fromBase64);
  const crls = row.crls.map((der) => openCrl(Buffer.from(der, 'base64'), { issuers }));
  const data = () => ({ crls, ocsp: [] });
  const [leaf] = checkPathRevocation({ path: found.path, data, at, method: 'CRL' });
  if (leaf === undefined || leaf.status === 'good') return undefined;
  return leaf.status === 'indeterminate' ? leaf.code : leaf.status;
}

function fromBase64(der: string): Certificate {
  return parseCertificate(Buffer.from(der, 'base64'));
}
