import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { formCatalogue } from '../../core/forms/catalogue.ts';
import type { FormIdentity } from '../../core/forms/form.ts';
import type { UncoveredPart } from '../../core/forms/uncovered.ts';
import type { Report } from '../../core/report.ts';
import { startValidation } from '../validate.ts';
import type {
  RevocationData,
  RevocationNeed,
  ValidationOutcome,
  ValidationPolicy,
} from '../validation-types.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import type { CoveredPart, FormSigner, GivenFile } from './form-validation.ts';
import { type JudgedSigner, reportOfAll } from './judge-form.ts';
import { verifyForm } from './verify-form.ts';

/** A receiver's form by its name, and the files beside the document: their digests, never their octets. */
export interface UploadInForm {
  readonly name: string;
  readonly documentName?: string;
  readonly files: readonly GivenFile[];
}

interface FormUploadRules {
  readonly trustAnchors: readonly Certificate[];
  readonly intermediates?: readonly Certificate[];
  readonly at: EpochMillis;
  readonly policy: ValidationPolicy;
  readonly crls: (need: RevocationNeed) => Promise<RevocationData>;
}

/** The report as anyone may read it, with what is covered and what is not. */
interface FormUploadJudgement {
  readonly report: Report;
  readonly form: FormIdentity;
  readonly covered?: readonly Omit<CoveredPart, 'octets'>[];
  readonly unsigned: readonly UncoveredPart[];
  readonly uncoveredFiles: readonly string[];
  readonly namedFiles: readonly string[];
}

/**
 * Judges every signer of a document in one form.
 * @throws JitsuinError `xmldsig.profile` for a form that is not known
 */
export async function judgeFormUpload(
  document: Uint8Array,
  { name, documentName, files }: UploadInForm,
  rules: FormUploadRules,
): Promise<FormUploadJudgement> {
  const form = formCatalogue().get(name);
  if (form === undefined) throw new JitsuinError('xmldsig.profile', 'There is no form of this name.');
  const validation = verifyForm(defined({ form, document, documentName, files }));
  const signers = await Promise.all(
    validation.signers.map(
      async (signer): Promise<JudgedSigner> => ({ signer, outcome: await judgedSigner(signer, rules) }),
    ),
  );
  const { form: identity, covered, unsigned, uncoveredFiles, namedFiles } = validation;
  return defined({
    report: reportOfAll(signers, rules.at),
    form: identity,
    covered: covered?.map(({ octets: _not, ...part }) => part),
    unsigned,
    uncoveredFiles,
    namedFiles,
  });
}

async function judgedSigner(
  signer: FormSigner,
  { trustAnchors, intermediates = [], at, policy, crls }: FormUploadRules,
): Promise<ValidationOutcome> {
  const started = startValidation({
    subject: { kind: 'signer', signer },
    mode: 'digest-info',
    trustAnchors,
    intermediates: [...intermediates, ...signer.others],
    at,
    policy,
  });
  return started.kind === 'decided'
    ? started.outcome
    : started.finish(await Promise.all(started.needs.map(crls)));
}
