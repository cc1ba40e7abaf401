import type { ReceiptClaims, VerificationStatus } from '../contracts/verification.ts';
import type { SignatureProfileName } from '../core/brand.ts';
import { hexSha256 } from '../core/digest/sha256.ts';
import { toHex } from '../core/encoding.ts';
import { JitsuinError } from '../core/errors.ts';
import type { FormCatalogue } from '../core/forms/catalogue.ts';
import { resumeForm } from '../core/forms/kept-form.ts';
import { type Application, withDocument } from '../core/sign-transaction/application.ts';
import { resumePrepared } from '../core/xmldsig/prepare.ts';
import { preparedFacts } from '../core/xmldsig/prepared-state.ts';
import { isFormName } from './prepare.ts';

/**
 * Whether a receipt whose signature is right tells of this application and of the verdict that came with it: the same
 * submission, `data`, profile, mode and result, and, where the signature was right, the very octets that we had signed.
 * @throws JitsuinError `binding.transaction` with the claim's name in `at`
 */
export function requireReceiptOf(
  application: Application,
  forms: FormCatalogue,
  status: VerificationStatus,
  { jti, verification }: ReceiptClaims,
): void {
  const { id, profile, mode, data } = application;
  const expected: Readonly<Record<string, string | undefined>> = {
    id: status.id,
    submission_id: id,
    data,
    profile,
    mode,
    result: status.result,
    indication: status.indication,
    sub_indication: status.sub_indication,
    decided_at: status.decided_at,
    signed_octets_sha256: expectedOctets(application, forms, status),
  };
  const claims: Readonly<Record<string, string | undefined>> = verification;
  const wrong = Object.keys(expected).find((name) => claims[name] !== expected[name]);
  const at = jti === status.id ? wrong : 'jti';
  if (at === undefined) return;
  throw new JitsuinError('binding.transaction', 'The receipt tells of something else.', { at });
}

/** A right signature covers what we prepared; where it was not right, whatever the operator told with its verdict. */
function expectedOctets(
  application: Application,
  forms: FormCatalogue,
  status: VerificationStatus,
): string | undefined {
  return status.indication === 'TOTAL-PASSED' ? ownOctets(application, forms) : status.signed_octets_sha256;
}

/** Of several References, those of SignedInfo, which holds the digest of each. */
function ownOctets({ profile, secrets }: Application, forms: FormCatalogue): string | undefined {
  if (secrets === undefined) return undefined;
  const known = isXml(profile) ? preparedFacts(secrets.prepared)?.signedOctetsSha256 : undefined;
  if (known !== undefined) return known;
  const kept = withDocument(secrets);
  if (isFormName(profile)) return toHex(resumeForm(kept, forms).prepared.digest);
  if (profile !== 'detached') return resumePrepared(kept).signedOctetsSha256;
  return hexSha256(kept.document);
}

/** Whether a receipt of it can be judged without its document. */
export function knowsItsOctets({ profile, secrets }: Application): boolean {
  return secrets !== undefined && isXml(profile) && preparedFacts(secrets.prepared) !== undefined;
}

function isXml(profile: SignatureProfileName): boolean {
  return profile !== 'detached' && !isFormName(profile);
}
