import type { EpochMillis } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import type { AttachedFile } from '../core/forms/attached-files.ts';
import { formOf } from '../core/forms/kept-form.ts';
import type { Verification } from '../core/sign-transaction/verification.ts';
import { readSkeleton } from '../core/xmldsig/prepare.ts';
import { isXmlSignatureProfileName } from '../core/xmldsig/profile-table.ts';
import { ocspQuestion } from '../verification/revocation/ocsp-question.ts';
import type { OpenedResult } from '../verifier/jwe/open-result.ts';
import { policyOf } from '../verifier/policy/validation-policy.ts';
import type { ValidationRequest, ValidationSubject } from '../verifier/validation-types.ts';
import type { PlatformOperator } from './platform-operator.ts';

/**
 * What is judged, by which rules: everything from the record and the configuration, nothing guessed from the
 * document.
 */
export function validationRequest(
  operator: PlatformOperator,
  verification: Verification,
  opened: OpenedResult,
  at: EpochMillis,
  files: readonly AttachedFile[] = [],
): ValidationRequest {
  const { mode, data, checkMethod } = verification;
  return defined({
    subject: subjectOf(operator, verification, opened, files),
    mode,
    data,
    trustAnchors: operator.trustAnchors,
    intermediates: operator.intermediates,
    at,
    policy: policyOf(operator.policy, checkMethod),
    responderCache: operator.responderCache,
    ...ocspQuestion(checkMethod, operator.random, operator.ocsp),
  });
}

function subjectOf(
  { forms }: PlatformOperator,
  verification: Verification,
  opened: OpenedResult,
  files: readonly AttachedFile[],
): ValidationSubject {
  const { certificate, signatureValue } = opened;
  const skeleton = verification.secrets?.skeleton;
  if (skeleton === undefined) throw new JitsuinError('transaction.state', 'The skeleton is no longer there.');
  if (verification.profile === 'detached')
    return { kind: 'file', octets: skeleton, certificate, signatureValue };
  const { profile, signedElement } = verification;
  if (!isXmlSignatureProfileName(profile)) {
    const form = formOf(forms, profile);
    return { kind: 'form', form, skeleton, files, certificate, signatureValue };
  }
  const prepared = readSkeleton(skeleton, profile, signedElement === undefined ? {} : { signedElement });
  return { kind: 'skeleton', prepared, certificate, signatureValue };
}
