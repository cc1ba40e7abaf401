import type { FormName, SignatureProfileName, SigningInput, SigningMode } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import type { FormCatalogue } from '../core/forms/catalogue.ts';
import { resumeForm } from '../core/forms/kept-form.ts';
import { type Application, withDocument } from '../core/sign-transaction/application.ts';
import {
  factsOf,
  type KeptBeside,
  readDetachedState,
  readFormState,
  readPreparedState,
  shownOf,
} from '../core/xmldsig/prepared-state.ts';
import type { StartSignatureRequest } from '../ports/auth-and-sign.ts';
import { proofOfData } from './data-proof.ts';
import { isFormName, prepare } from './prepare.ts';

/**
 * What the card will sign, from what is sealed: `data` with the hash of the very document of which it was made, which
 * is compared (`data` is made once more where the state does not say of which), name and code. The clear columns
 * beside them, which the page shows, must say the same: who can write the database could otherwise have a citizen sign
 * something else than what the page showed.
 * @throws JitsuinError `seal.integrity` where they differ; `xmldsig.state` where the state is of another document;
 * `transaction.state` when the document is purged
 */
export function agreedSignature(application: Application, forms: FormCatalogue): StartSignatureRequest {
  const { profile, mode, data, displayName, identificationCode } = application;
  if (application.secrets === undefined) {
    throw new JitsuinError('transaction.state', 'The document of this application is no longer there.');
  }
  proofOfData(data, mode);
  const secrets = withDocument(application.secrets);
  const { prepared } = secrets;
  const { stored, again } = isFormName(profile) ? inForm(secrets, forms) : inProfile(secrets, profile, mode);
  const shown = shownOf(prepared) ?? { displayName, identificationCode };
  expectSame('profile', stored.profile, profile);
  expectSame('mode', stored.mode, mode);
  expectSame('data', stored.data, data);
  expectSame('data', again, data);
  expectSame('display_name', shown.displayName, displayName);
  expectSame('identification_code', shown.identificationCode, identificationCode);
  return { ...shown, data: again };
}

interface Agreed {
  /** What was sealed. */
  readonly stored: { readonly profile: string; readonly mode: string; readonly data: string };
  /** `data`, made again. */
  readonly again: SigningInput;
}

function inForm(secrets: KeptBeside, forms: FormCatalogue): Agreed {
  const { form, prepared } = resumeForm(secrets, forms);
  const { data } = readFormState(secrets.prepared);
  return { stored: { profile: form.name, mode: 'digest-info', data }, again: prepared.data };
}

function inProfile(
  secrets: KeptBeside,
  profile: Exclude<SignatureProfileName, FormName>,
  mode: SigningMode,
): Agreed {
  const { prepared, document } = secrets;
  if (profile === 'detached') {
    const stored = { profile, ...readDetachedState(prepared) };
    const algorithm = stored.digest.length === SHA384_LENGTH ? ('ecdsa-sha384' as const) : undefined;
    return { stored, again: prepare(document, defined({ profile, mode, algorithm })).data };
  }
  const { signedElement, algorithm, data, profile: sealed } = readPreparedState(secrets);
  // sealed with the very document that was prepared: nothing else can come of it
  if (factsOf(secrets) !== undefined)
    return { stored: { profile: sealed, mode: 'digest-info', data }, again: data as SigningInput };
  const again = prepare(document, defined({ profile, mode, signedElement, algorithm })).data;
  return { stored: { profile: sealed, mode: 'digest-info', data }, again };
}

const SHA384_LENGTH = 48;

function expectSame(at: string, sealed: string, clear: string): void {
  if (sealed === clear) return;
  throw new JitsuinError(
    'seal.integrity',
    'What is stored in clear is not what was sealed with the document.',
    {
      at,
    },
  );
}
