import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import type { Application } from '../core/sign-transaction/application.ts';
import { readDetachedState, readPreparedState, shownOf } from '../core/xmldsig/prepared-state.ts';
import type { StartSignatureRequest } from '../ports/auth-and-sign.ts';
import { proofOfData } from './data-proof.ts';
import { prepare } from './prepare.ts';

/**
 * What the card will sign, from what is sealed: `data` is made from the document once more, name and code are those
 * that were sealed with it. The clear columns beside them, which the page shows, must say the same: who can write
 * the database could otherwise have a citizen sign something else than what the page showed.
 * @throws JitsuinError `seal.integrity` where they differ; `transaction.state` when the document is purged
 */
export function agreedSignature(application: Application): StartSignatureRequest {
  const { secrets, profile, mode, data, displayName, identificationCode } = application;
  if (secrets === undefined) {
    throw new JitsuinError('transaction.state', 'The document of this application is no longer there.');
  }
  proofOfData(data, mode);
  const { prepared, document } = secrets;
  const stored =
    profile === 'detached'
      ? { profile, ...readDetachedState(prepared) }
      : { mode: 'digest-info', ...readPreparedState(secrets) };
  const { signedElement, algorithm } =
    'digest' in stored
      ? { algorithm: stored.digest.length === SHA384_LENGTH ? ('ecdsa-sha384' as const) : undefined }
      : stored;
  const again = prepare(document, defined({ profile, mode, signedElement, algorithm }));
  const shown = shownOf(prepared) ?? { displayName, identificationCode };
  expectSame('profile', stored.profile, profile);
  expectSame('mode', stored.mode, mode);
  expectSame('data', stored.data, data);
  expectSame('data', again.data, data);
  expectSame('display_name', shown.displayName, displayName);
  expectSame('identification_code', shown.identificationCode, identificationCode);
  return { ...shown, data: again.data };
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
