import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { Form } from '../../core/forms/form.ts';
import { parseXml } from '../../core/xml/parse.ts';
import { signatureCandidates } from '../../core/xmldsig/signature-candidates.ts';
import type { FormSubject, FormValidation } from './form-validation.ts';
import { verifyForm } from './verify-form.ts';

/**
 * How many have signed a document that shall take one Signature more (連署). Values and digests are judged here; paths
 * and revocation are, for every signer, when it is assembled.
 * @throws JitsuinError `xmldsig.already-signed` where the form takes no more, `xmldsig.signature` where one that stands
 * there is not right
 */
export function expectRightSignatures(
  form: Form,
  { document, documentName, files }: Pick<FormSubject, 'document' | 'documentName' | 'files'>,
): number {
  const present = signatureCandidates(parseXml(document)).length;
  if (present === 0) return 0;
  if (present >= form.signers.max) {
    const message = `The document has ${present} Signatures; form ${form.name} has at most ${form.signers.max}.`;
    throw new JitsuinError('xmldsig.already-signed', message);
  }
  const validation = verifyForm(defined({ form, document, documentName, files }));
  if (validation.covered !== undefined) return present;
  const { code, detail } = reasonOf(validation) ?? {};
  const why = [code, detail].filter((part) => part !== undefined).join(': ');
  throw new JitsuinError('xmldsig.signature', `A Signature that stands there already is not right (${why}).`);
}

/** The first check that is not right. */
export function reasonOf({ signers }: Pick<FormValidation, 'signers'>) {
  return signers.flatMap(({ checks }) => checks).find(({ code }) => code !== undefined);
}
