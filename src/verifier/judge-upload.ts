import type { EpochMillis } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { asJitsuinError } from '../core/errors.ts';
import { formCatalogue } from '../core/forms/catalogue.ts';
import type { FormIdentity } from '../core/forms/form.ts';
import { decisiveCheck, type Report } from '../core/report.ts';
import type { SignedElementSelector, XmlSignatureProfileName } from '../core/xmldsig/prepared-signature.ts';
import { type DigestExplanation, explainDigest } from './explain/explain.ts';
import type { CoveredPart } from './forms/form-validation.ts';
import { inspectDocument } from './forms/inspect.ts';
import { judgeFormUpload, type UploadInForm } from './forms/judge-form-upload.ts';
import { startValidation } from './validate.ts';
import type {
  RevocationData,
  RevocationNeed,
  ValidationOutcome,
  ValidationPolicy,
} from './validation-types.ts';
import type { Certificate } from './x509/certificate-types.ts';
import type { UnsignedPart } from './xmldsig/validation.ts';

/** A signed document that somebody brought, and how it is meant to be read; agreed beforehand, never read from it. */
export interface Upload {
  readonly octets: Uint8Array;
  readonly profile: XmlSignatureProfileName;
  readonly signedElement?: SignedElementSelector;
  /** A receiver's form instead of the profile. */
  readonly inForm?: UploadInForm;
}

interface UploadRules {
  readonly trustAnchors: readonly Certificate[];
  readonly intermediates?: readonly Certificate[];
  readonly at: EpochMillis;
  readonly policy: ValidationPolicy;
  /**
   * DER CRL of a distribution point; `revocation.unavailable` and no function at all end as INDETERMINATE. OCSP is not
   * asked: a stranger's upload may not cost a request at the authority.
   */
  readonly crl?: (distributionPoint: Uint8Array, authorityKeyIdentifier?: Uint8Array) => Promise<Uint8Array>;
}

/** The report as anyone may read it: nothing of the certificate is in it. */
export interface UploadJudgement {
  readonly report: Report;
  readonly signedOctetsSha256?: string;
  /** What the signature does not cover; present once the signature was right. */
  readonly unsigned?: readonly UnsignedPart[];
  /** The receiver's form in which it was judged, and what it covers. */
  readonly form?: FormIdentity;
  readonly covered?: readonly Omit<CoveredPart, 'octets'>[];
  /** Files that lie beside it without a Reference, and files that are only named. */
  readonly uncoveredFiles?: readonly string[];
  readonly namedFiles?: readonly string[];
  /** Forms in which it is written, where it is not written in the one that was asked for. Nothing is judged in them. */
  readonly writtenAs?: readonly string[];
  /** Why the digest differs, where that is what failed. */
  readonly explanation?: Pick<DigestExplanation, 'cause' | 'difference' | 'expectedDigest' | 'foundDigest'>;
}

/** The whole judgement of a document on its own, without a transaction to bind it to. A wrong one is a report. */
export async function judgeUpload(upload: Upload, rules: UploadRules): Promise<UploadJudgement> {
  const judgement = await judgedAsAsked(upload, rules);
  return defined({ ...judgement, writtenAs: writtenAs(upload, judgement.report) });
}

async function judgedAsAsked(upload: Upload, rules: UploadRules): Promise<UploadJudgement> {
  const { octets: document, profile, signedElement, inForm } = upload;
  const { trustAnchors, intermediates, at, policy } = rules;
  if (inForm !== undefined) {
    const crls = (need: RevocationNeed) => crlsFor(need, rules);
    return judgeFormUpload(document, inForm, defined({ trustAnchors, intermediates, at, policy, crls }));
  }
  const started = startValidation(
    defined({
      subject: defined({
        kind: 'document',
        document,
        profile,
        signedElement,
      }),
      mode: 'digest-info',
      trustAnchors,
      at,
      policy,
      intermediates,
    }),
  );
  const { report, signedOctetsSha256, unsigned }: ValidationOutcome =
    started.kind === 'decided'
      ? started.outcome
      : started.finish(await Promise.all(started.needs.map((need) => crlsFor(need, rules))));
  return defined({
    report,
    signedOctetsSha256,
    unsigned,
    ...explanationOf(upload, report),
  });
}

const ANOTHER_FORM: readonly string[] = ['shape', 'algorithm-policy'];

/** What "another form" may be, so that a wrong choice can be put right. */
function writtenAs({ octets }: Upload, report: Report): readonly string[] | undefined {
  const stopped = decisiveCheck(report);
  if (stopped === undefined || !ANOTHER_FORM.includes(stopped.name)) return undefined;
  try {
    const { forms } = inspectDocument(octets, formCatalogue());
    return forms.filter(({ fits }) => fits).map(({ name }) => name);
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return undefined;
  }
}

async function crlsFor(need: RevocationNeed, { crl }: UploadRules): Promise<RevocationData> {
  const { keyIdentifier } = need.certificate.authorityKeyIdentifier ?? {};
  const asked =
    crl === undefined ? [] : need.distributionPoints.map((name) => orNothing(crl(name, keyIdentifier)));
  const crls = (await Promise.all(asked)).filter((answer) => answer !== undefined);
  return { crls, ocsp: [] };
}

async function orNothing(answer: Promise<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    if (asJitsuinError(thrown).code !== 'revocation.unavailable') throw thrown;
    return undefined;
  }
}

function explanationOf(upload: Upload, report: Report): Pick<UploadJudgement, 'explanation'> {
  const digest = report.checks.find(({ name }) => name === 'reference-digest');
  if (digest?.result !== 'failed') return {};
  try {
    const { octets, ...options } = upload;
    const { cause, difference, expectedDigest, foundDigest } = explainDigest(octets, options);
    return {
      explanation: defined({
        expectedDigest,
        foundDigest,
        cause,
        difference,
      }),
    };
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return {};
  }
}
