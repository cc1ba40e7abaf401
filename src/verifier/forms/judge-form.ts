import type { EpochMillis } from '../../core/brand.ts';
import { conclude, type Report } from '../../core/report.ts';
import type { OfflineRules } from '../judge-offline.ts';
import { judgeOffline } from '../judge-offline.ts';
import type { ValidationOutcome } from '../validation-types.ts';
import type { FormSigner, FormSubject, FormValidation } from './form-validation.ts';
import { ofSigner } from './judge-in-form.ts';
import { verifyForm } from './verify-form.ts';

export interface JudgedSigner {
  readonly signer: FormSigner;
  readonly outcome: ValidationOutcome;
}

/** The judgement of a document in a receiver's form: one report for each signer, and one over all. */
export interface FormJudgement {
  readonly report: Report;
  readonly validation: FormValidation;
  readonly signers: readonly JudgedSigner[];
}

/**
 * The whole judgement in one form with the data at hand: each signer with a certification path and revocation of their
 * own. One that
 * is wrong decides the whole, one that is open leaves the whole open.
 */
export function judgeFormOffline(subject: FormSubject, rules: OfflineRules): FormJudgement {
  const validation = verifyForm(subject);
  const signers = validation.signers.map((signer): JudgedSigner => {
    const intermediates = [...rules.intermediates, ...signer.others];
    const outcome = judgeOffline({ kind: 'signer', signer }, 'digest-info', { ...rules, intermediates });
    return { signer, outcome };
  });
  return { report: reportOfAll(signers, rules.at), validation, signers };
}

/** Where several signed, each check says whose it is. */
export function reportOfAll(signers: readonly JudgedSigner[], at: EpochMillis): Report {
  const [only, second] = signers;
  if (only !== undefined && second === undefined) return only.outcome.report;
  const checks = signers.flatMap(({ signer, outcome }) =>
    outcome.report.checks.map((check) => ofSigner(check, signer.number, signers.length)),
  );
  return conclude(checks, at);
}
