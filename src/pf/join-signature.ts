import type { EpochMillis, TenantId, VerificationId } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import { type AttachedFile, digestedFile, documentNameOf } from '../core/forms/attached-files.ts';
import type { Form } from '../core/forms/form.ts';
import { prepareForm } from '../core/forms/prepare-form.ts';
import { evidencePart } from '../verifier/evidence/read-evidence.ts';
import { expectRightSignatures } from '../verifier/forms/co-signers.ts';
import type { PlatformOperator } from './platform-operator.ts';

interface Joining {
  /** The verification whose assembled document takes one Signature more. */
  readonly joins: VerificationId;
  readonly tenant: TenantId;
  readonly form: Form;
  readonly files: readonly AttachedFile[];
  readonly at: EpochMillis;
}

/**
 * 連署: the document that was assembled of an earlier verification, with one empty Signature more. The certificates in
 * it stay here: an sp never has them, and what it had signed is the same SignedInfo all the same.
 * @throws JitsuinError `record.not-found` for another tenant's, and where the document is no longer kept;
 * `xmldsig.profile` for another form, `transaction.state` before it is decided, `xmldsig.signature` where it did not
 * pass, `xmldsig.already-signed` where the form takes no more
 */
export async function joinedSkeleton(
  { verifications, evidence }: Pick<PlatformOperator, 'verifications' | 'evidence'>,
  { joins, tenant, form, files, at }: Joining,
): Promise<Uint8Array> {
  const first = await verifications.get(joins, tenant);
  if (first === undefined || first.deletedAt !== undefined) throw notKept();
  if (first.profile !== form.name)
    throw new JitsuinError('xmldsig.profile', `The verification to be joined is in form ${first.profile}.`, {
      at: 'joins',
    });
  if (first.state === 'received')
    throw new JitsuinError('transaction.state', 'The verification to be joined is not decided yet.', {
      at: 'joins',
    });
  if (first.result !== 'OK')
    throw new JitsuinError('xmldsig.signature', 'The verification to be joined did not pass.', {
      at: 'joins',
    });
  const record = await evidence.get(joins, tenant);
  const document = record === undefined ? undefined : evidencePart(record, 'finished-document');
  if (document === undefined) throw notKept();
  const digested = files.map((file) => digestedFile(file, form));
  expectRightSignatures(
    form,
    defined({ document, documentName: documentNameOf(form, files), files: digested }),
  );
  return prepareForm({ form, document, files: digested, at }).skeleton;
}

function notKept(): JitsuinError {
  return new JitsuinError('record.not-found', 'There is no assembled document of this verification here.', {
    at: 'joins',
  });
}
