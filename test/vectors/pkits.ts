import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochMillis } from '../../src/core/brand.ts';
import { JitsuinError } from '../../src/core/errors.ts';
import { decisiveCheck } from '../../src/core/report.ts';
import { type Crl, openCrl } from '../../src/verifier/revocation/crl.ts';
import { checkPathRevocation } from '../../src/verifier/revocation/path-revocation.ts';
import { parseCertificate } from '../../src/verifier/x509/certificate.ts';
import type { Certificate } from '../../src/verifier/x509/certificate-types.ts';
import type { KeyPolicy } from '../../src/verifier/x509/key-policy.ts';
import { ANY_POLICY } from '../../src/verifier/x509/oids.ts';
import { validateCertificationPath } from '../../src/verifier/x509/path.ts';
import { GENERAL_PATH_POLICY } from '../../src/verifier/x509/path-policy.ts';
import type { PathPolicy } from '../../src/verifier/x509/path-types.ts';
import type { Suite } from './suite.ts';
import { verdictsAgainst } from './support/verdicts.ts';

/** One row of cases.json. */
interface PkitsCase {
  readonly num: string;
  readonly title: string;
  readonly certs: readonly string[];
  readonly crls: readonly string[];
  readonly should_validate: boolean;
  readonly SetInitialPolicySet?: readonly string[];
  readonly SetInitialExplicitPolicy?: unknown;
  readonly SetInitialPolicyMappingInhibit?: unknown;
  readonly SetInitialInhibitAnyPolicy?: unknown;
}

/** Cases whose verdict differs from the suite's, each with the reason. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  [
    '4.1.5 Valid DSA Parameter Inheritance Test5',
    'DSA keys without parameters of their own are refused; DSA is no part of any policy here',
  ],
]);

const AT = Date.UTC(2015, 5, 1) as EpochMillis;

/** The suite is from 2011: SHA-1, RSA of 1024 bits, DSA. */
const KEY_POLICY: KeyPolicy = {
  ...GENERAL_PATH_POLICY.keyPolicy,
  rsa: { minimumBits: 1024, maximumBits: 8192, exponents: 'any-odd' },
  hashes: ['sha1', 'sha256', 'sha384', 'sha512'],
  dsa: 'allowed',
};

/** NIST PKITS: path validation with CRLs, RFC 5280 sections 6.1 and 6.3. */
export const pkitsSuite: Suite = {
  name: 'pkits',
  folder: 'pkits',
  run(directory) {
    const cases: readonly PkitsCase[] = JSON.parse(readFileSync(join(directory, 'cases.json'), 'utf8'));
    const verdicts = cases.map((row) => ({
      name: `${row.num} ${row.title}`,
      expected: row.should_validate,
      ...outcome(row, directory),
    }));
    return verdictsAgainst(verdicts, EXCEPTIONS);
  },
};

function outcome(row: PkitsCase, directory: string): { accepted: boolean; detail: string } {
  try {
    const certificates = row.certs.map((file) =>
      parseCertificate(readFileSync(join(directory, 'certs', `${file}.crt`))),
    );
    return judge(row, certificates, directory);
  } catch (thrown) {
    if (thrown instanceof JitsuinError) return { accepted: false, detail: thrown.code };
    throw thrown;
  }
}

function judge(row: PkitsCase, certificates: readonly Certificate[], directory: string) {
  const [anchor] = certificates;
  const leaf = certificates.at(-1);
  if (anchor === undefined || leaf === undefined) throw new Error(`No certificates in ${row.num}.`);
  const intermediates = certificates.slice(1, -1);
  const policy = pathPolicy(row);
  const found = validateCertificationPath({ leaf, intermediates, trustAnchors: [anchor], at: AT, policy });
  if (found.indication !== 'TOTAL-PASSED') {
    return { accepted: false, detail: decisiveCheck(found)?.code ?? '' };
  }
  const data = { crls: openAll(row, certificates, directory), ocsp: [] };
  const statuses = checkPathRevocation({
    path: found.path,
    data: () => data,
    at: AT,
    method: 'CRL',
    crlIssuers: {
      intermediates: certificates.slice(1),
      policy: { ...GENERAL_PATH_POLICY, keyPolicy: KEY_POLICY },
    },
  });
  const bad = statuses.find((status) => status.status !== 'good');
  return {
    accepted: bad === undefined,
    detail: bad?.status === 'indeterminate' ? bad.code : (bad?.status ?? ''),
  };
}

/** CRLs that cannot be opened are left out, as a source would leave them out. */
function openAll(row: PkitsCase, issuers: readonly Certificate[], directory: string): readonly Crl[] {
  return row.crls.flatMap((name) => {
    const file = join(directory, 'crls', `${name}.crl`);
    if (!existsSync(file)) throw new Error(`No CRL ${name}.`);
    try {
      return [openCrl(readFileSync(file), { issuers, keyPolicy: KEY_POLICY })];
    } catch (thrown) {
      if (thrown instanceof JitsuinError) return [];
      throw thrown;
    }
  });
}

function pathPolicy(row: PkitsCase): PathPolicy {
  const names = row.SetInitialPolicySet?.flatMap((text) => text.split(','));
  return {
    ...GENERAL_PATH_POLICY,
    keyPolicy: KEY_POLICY,
    caAsLeaf: 'allowed',
    initialPolicySet: names?.map(policyOid) ?? [ANY_POLICY],
    initialExplicitPolicy: Boolean(row.SetInitialExplicitPolicy),
    initialPolicyMappingInhibit: Boolean(row.SetInitialPolicyMappingInhibit),
    initialAnyPolicyInhibit: Boolean(row.SetInitialInhibitAnyPolicy),
  };
}

function policyOid(name: string): string {
  return `2.16.840.1.101.3.2.1.48.${/\d+$/.exec(name.trim())?.[0] ?? ''}`;
}
