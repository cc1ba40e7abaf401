import type { EpochMillis, SignatureValue } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { toHex, toUtf8 } from '../core/encoding.ts';
import { JitsuinError } from '../core/errors.ts';
import { documentNameOf } from '../core/forms/attached-files.ts';
import { type Form, formIdentity } from '../core/forms/form.ts';
import { prepareForm } from '../core/forms/prepare-form.ts';
import { readPreparedForm, writePreparedForm } from '../core/forms/prepared-form-state.ts';
import { isXmlSignatureProfileName } from '../core/xmldsig/profile-table.ts';
import { expectRightSignatures, reasonOf } from '../verifier/forms/co-signers.ts';
import { completeForm } from '../verifier/forms/complete-form.ts';
import type { Certificate } from '../verifier/x509/certificate-types.ts';
import { type CommandIo, type ExitStatus, UsageError } from './command.ts';
import { writeOctets } from './document-arguments.ts';
import { formOption, formsOf } from './forms.ts';
import { type DocumentWithFiles, readFilesAlone, readWithFiles } from './verify/files-beside.ts';

interface FormOptions {
  readonly form: string | undefined;
  readonly file: readonly string[] | undefined;
  readonly folder: string | undefined;
  readonly zip: string | undefined;
  readonly state: string | undefined;
  readonly skeleton: string | undefined;
  readonly 'signed-info': string | undefined;
  readonly json: boolean;
}

/** The receiver's form that was asked for; undefined for none, and for one of the profiles. @throws UsageError */
export async function formToSign(
  { form: name, file, folder, zip }: FormOptions,
  io: CommandIo,
): Promise<Form | undefined> {
  const form = name === undefined ? undefined : formOption(name, await formsOf(io));
  if (form !== undefined && !isXmlSignatureProfileName(form.name)) return form;
  if (file !== undefined || folder !== undefined || zip !== undefined)
    throw new UsageError("--file, --folder and --zip are for --form with a receiver's form.");
  return undefined;
}

/**
 * `jitsuin prepare --form`. A document that others have signed in the same form takes one Signature more (連署), where
 * the form allows several and every one that stands there is right.
 */
export async function prepareInForm(
  form: Form,
  operands: readonly string[],
  values: FormOptions,
  io: CommandIo,
): Promise<ExitStatus> {
  if (form.use === 'verify')
    throw new JitsuinError('xmldsig.profile', `Only the receiver itself signs in form ${form.name}.`);
  const given = await readGiven(form, operands, values);
  const { document, documentName, files } = given;
  const signed =
    document === undefined ? 0 : expectRightSignatures(form, defined({ document, documentName, files }));
  const at = Date.now() as EpochMillis;
  const prepared = prepareForm(defined({ form, document, files, at }));
  const { data, skeleton, signedInfoOctets, digest } = prepared;
  if (values.state !== undefined) {
    const state = writePreparedForm(defined({ form, data, skeleton, documentName, files }));
    await writeOctets(values.state, toUtf8(state), io);
  }
  if (values.skeleton !== undefined) await writeOctets(values.skeleton, skeleton, io);
  if (values['signed-info'] !== undefined) await writeOctets(values['signed-info'], signedInfoOctets, io);
  const summary = {
    form: formIdentity(form),
    mode: 'digest-info',
    data,
    digest_sha256: toHex(digest),
    signer: signed + 1,
    files: files.map(({ name, length, digests: { sha256: hash } }) => ({
      name,
      length,
      sha256: hash === undefined ? undefined : toHex(hash),
    })),
  };
  io.stdout(values.json ? `${JSON.stringify(summary, null, 2)}\n` : `${data}\n`);
  return 0;
}

async function readGiven(
  form: Form,
  operands: readonly string[],
  { file = [], folder, zip }: FormOptions,
): Promise<Partial<DocumentWithFiles> & Pick<DocumentWithFiles, 'files'>> {
  const [document, second] = operands;
  if (second !== undefined) throw new UsageError(`"${second}" is one FILE too many; give exactly one.`);
  if (form.signature.in.length > 0) return readWithFiles(defined({ document, file, folder, zip }), form);
  if (document !== undefined || folder !== undefined || zip !== undefined)
    throw new UsageError(`Form ${form.name} signs files and no document: give them with --file NAME=PATH.`);
  return { files: await readFilesAlone(file, form) };
}

/** `jitsuin assemble` of a state of a form. */
export async function assembleInForm(
  state: string,
  { value, certificate }: { readonly value: SignatureValue; readonly certificate: Certificate },
  { out, json }: { readonly out: string | undefined; readonly json: boolean },
  io: CommandIo,
): Promise<ExitStatus> {
  const { form: stored, skeleton, documentName, files } = readPreparedForm(state);
  const form = formOption(stored.name, await formsOf(io));
  if (form.sha256 !== stored.sha256) {
    const message = `The file of form ${form.name} is not the one by which this was prepared.`;
    throw new JitsuinError('xmldsig.state', message, { at: 'form' });
  }
  const subject = defined({
    form,
    document: skeleton,
    documentName: documentName ?? documentNameOf(form, files),
    files,
  });
  const { document, validation } = completeForm(subject, value, certificate);
  const reason = reasonOf(validation);
  if (json) {
    const signers = validation.signers.map(({ number, checks }) => ({ number, checks }));
    io.stdout(`${JSON.stringify({ form: validation.form, signers }, null, 2)}\n`);
  }
  if (document === undefined) {
    io.stderr(
      `jitsuin assemble: ${reason?.code ?? 'refused'}: ${reason?.detail ?? 'The value was refused.'}\n`,
    );
    return 1;
  }
  if (out !== undefined) await writeOctets(out, document, io);
  else if (!json) await writeOctets('-', document, io);
  return 0;
}
