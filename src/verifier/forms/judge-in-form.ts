import type { SignatureValue } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { type AttachedFile, digestedFile, documentNameOf } from '../../core/forms/attached-files.ts';
import type { Form } from '../../core/forms/form.ts';
import { type Check, conclude, isRetryable } from '../../core/report.ts';
import { verificationResult } from '../validation-result.ts';
import type { RevocationData, ValidationOutcome, ValidationStart } from '../validation-types.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { completeForm } from './complete-form.ts';
import type { FormSigner, FormValidation } from './form-validation.ts';

/** A skeleton in a receiver's form with the files beside it. */
interface SkeletonInForm {
  readonly form: Form;
  readonly skeleton: Uint8Array;
  readonly files: readonly AttachedFile[];
  readonly signatureValue: SignatureValue;
}

interface FormJudged {
  /** Who signs now. */
  readonly own: FormSigner;
  /** Who has signed the document before. */
  readonly others: readonly FormSigner[];
  /** Of all signers. */
  readonly validation: FormValidation;
  /** The finished document, once all of it was right. */
  readonly document?: Uint8Array;
}

/**
 * Assembles a skeleton and verifies every Signature of it: the one that was made now, and those that stood there.
 * @throws JitsuinError `xmldsig.*`, `xml.*` for what no prepared signature could be
 */
export function judgeInForm(
  { form, skeleton, files, signatureValue }: SkeletonInForm,
  leaf: Certificate,
): FormJudged {
  const digested = files.map((file) => digestedFile(file, form));
  const subject = defined({
    form,
    document: skeleton,
    documentName: documentNameOf(form, files),
    files: digested,
  });
  const { document, validation, number } = completeForm(subject, signatureValue, leaf);
  const own = validation.signers.find((signer) => signer.number === number) ?? validation.signers[0];
  if (own === undefined) throw new TypeError('A document in a form has a signer.');
  return defined({
    own,
    others: validation.signers.filter((signer) => signer !== own),
    validation,
    document,
  });
}

interface StartedSigner {
  readonly number: number;
  readonly start: ValidationStart;
}

/**
 * The judgements of all signers as one: each with a path and revocation of its own, every check says whose it is, and
 * one that is wrong decides the whole. What is found is that of the first of them.
 */
export function severalSigners(own: StartedSigner, others: readonly StartedSigner[]): ValidationStart {
  const all = [own, ...others];
  const together = (data: readonly RevocationData[]): ValidationOutcome => {
    let at = 0;
    const outcomes = all.map(({ number, start }) => {
      if (start.kind === 'decided') return { number, outcome: start.outcome };
      const mine = data.slice(at, at + start.needs.length);
      at += start.needs.length;
      return { number, outcome: start.finish(mine) };
    });
    return combined(outcomes);
  };
  const needs = all.flatMap(({ start }) => (start.kind === 'decided' ? [] : start.needs));
  if (needs.length === 0) return { kind: 'decided', outcome: together([]) };
  return { kind: 'needs-revocation', needs, finish: together };
}

function combined(
  outcomes: readonly { readonly number: number; readonly outcome: ValidationOutcome }[],
): ValidationOutcome {
  const [own] = outcomes;
  if (own === undefined) throw new TypeError('Nobody signed.');
  const checks = outcomes.flatMap(({ number, outcome }) =>
    outcome.report.checks.map((check) => ofSigner(check, number, outcomes.length)),
  );
  const report = conclude(checks, own.outcome.report.validationTime);
  return {
    ...own.outcome,
    report,
    result: verificationResult(report),
    retryable: isRetryable(report),
    revocation: outcomes.flatMap(({ outcome }) => outcome.revocation),
  };
}

/** The check with whose it is. */
export function ofSigner(check: Check, number: number, of: number): Check {
  const detail = `Signer ${number} of ${of}${check.detail === undefined ? '.' : `: ${check.detail}`}`;
  return { ...check, detail };
}
