import type {
  ApplicationId,
  EpochMillis,
  SignatureProfileName,
  SigningInput,
  SigningMode,
  TenantId,
} from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import type { AttachedFile } from '../core/forms/attached-files.ts';
import { formOf } from '../core/forms/kept-form.ts';
import type { Application, ApplicationSecrets } from '../core/sign-transaction/application.ts';
import { clocksAtReceipt } from '../core/sign-transaction/machine.ts';
import { CARD_ALGORITHMS } from '../core/xmldsig/algorithms.ts';
import type { SignedElementSelector } from '../core/xmldsig/prepared-signature.ts';
import { withShown } from '../core/xmldsig/prepared-state.ts';
import { isXmlSignatureProfileName, signsWholeDocument } from '../core/xmldsig/profile-table.ts';
import type { Random } from '../ports/random.ts';
import { receiptEffects } from './effects.ts';
import { makeIdentificationCode } from './identification-code.ts';
import { isFormName, prepare, prepareInForm } from './prepare.ts';
import type { RelyingParty, RelyingPartySettings } from './relying-party.ts';
import { newSignLink } from './sign-link.ts';
import { requireNameElement } from './signer.ts';

export interface NewApplication {
  /** Of the request: received once more after a crash it is the same application. Absent: a fresh one. */
  readonly id?: ApplicationId;
  readonly tenant: TenantId;
  /** As received, byte for byte; it is never written anew. */
  readonly document: Uint8Array;
  readonly profile?: SignatureProfileName;
  /** Files beside the document, for a receiver's form that signs or names some. */
  readonly files?: readonly AttachedFile[];
  /** 連署 at an sp: the application of the same form whose document this one signs as the next signer. */
  readonly joins?: ApplicationId;
  /** As `joins`, for what was received before: the operator's verification. */
  readonly joined?: string;
  readonly mode?: SigningMode;
  /** 署名対象データ名; default: the local name of the signed element. At most 100 characters. */
  readonly displayName?: string;
  readonly externalId?: string;
  /** A path of ours or one that the tenant registered. */
  readonly returnTo?: string;
  /** Instead of the configured one; what does not fit the profile or the document is refused. */
  readonly signedElement?: SignedElementSelector;
  /** Hex SHA-256 of the cookie of the browser that hands it in itself; absent: it is handed over by a one-time link. */
  readonly browserHash?: string;
  /** Keyed hash of the `sub` that alone may sign; absent: whoever has the application. */
  readonly subjectHash?: string;
  /** UUID of the request. */
  readonly correlationId?: string;
}

const DISPLAY_NAME_MAX = 100;
const NOT_DISPLAYABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

/**
 * [03] Takes an application in: strict parse, canonical octets, SignedInfo, `data` proved, identification code, stored
 * with its audit event. Nothing has left us yet.
 * @throws JitsuinError `xml.*`, `c14n.*`, `xmldsig.*`, `digest.data`, `transaction.display-name`, `signer.name-element`
 */
export async function receiveApplication(ports: RelyingParty, input: NewApplication): Promise<Application> {
  const { settings, random } = ports;
  const before = input.id === undefined ? undefined : await ports.applications.get(input.id, input.tenant);
  if (before !== undefined) return before;
  const now = ports.clock.now();
  const joined = input.joins === undefined ? input.joined : await verificationToJoin(ports, input);
  const { profile, mode, data, prepared, signedName, files } = preparation(ports, input, now, joined);
  requireNameElement(ports, { profile, secrets: { document: input.document, prepared } });
  const shown = {
    displayName: displayable(input.displayName ?? signedName),
    identificationCode: makeIdentificationCode(random),
  };
  const application: Application = defined({
    id: input.id ?? (random.id() as ApplicationId),
    tenant: input.tenant,
    revision: 1,
    state: 'received',
    profile,
    mode,
    ...shown,
    externalId: input.externalId,
    returnTo: input.returnTo,
    correlationId: input.correlationId,
    subjectHash: input.subjectHash,
    data,
    createdAt: now,
    updatedAt: now,
    ...clocksAtReceipt(now, settings.clocks),
    secrets: { document: input.document, prepared: withShown(prepared, shown), ...ownerOf(input, random) },
  });
  await ports.applications.insert(application, receiptEffects(application), files);
  return application;
}

interface PreparedInput {
  readonly profile: SignatureProfileName;
  readonly mode: SigningMode;
  readonly data: SigningInput;
  readonly prepared: string;
  readonly signedName: string;
  readonly files: readonly AttachedFile[];
}

function preparation(
  ports: RelyingParty,
  input: NewApplication,
  at: EpochMillis,
  joins: string | undefined,
): PreparedInput {
  const { settings, forms } = ports;
  const { document, files = [] } = input;
  const profile = input.profile ?? settings.profile;
  const mode = modeOf(input, profile, settings);
  if (!isFormName(profile)) {
    if (files.length > 0)
      throw new JitsuinError('xmldsig.file', `Nothing beside the document is signed in "${profile}".`, {
        at: 'files',
      });
    const { algorithm } = settings;
    const what = defined({ profile, mode, algorithm, ...signedElementOf(input, profile, settings) });
    const made = prepare(document, what);
    return { profile, mode, files, ...made };
  }
  if (mode !== 'digest-info')
    throw new JitsuinError('xmldsig.mode', 'A form of XML Signature is signed in mode "digest-info".', {
      at: 'mode',
    });
  if (input.signedElement !== undefined)
    throw new JitsuinError('xmldsig.signed-element', 'The form says what is signed: leave out "element".', {
      at: 'element',
    });
  const form = formOf(forms, profile);
  const card = CARD_ALGORITHMS[settings.algorithm ?? 'rsa-sha256'];
  if (form.algorithms[0]?.uri !== card.uri)
    throw new JitsuinError(
      'xmldsig.profile',
      `Form ${form.name} is not signed by the algorithm of the card here.`,
      {
        at: 'form',
      },
    );
  return { profile, mode, ...prepareInForm(ports, form, defined({ document, files, at, joins })) };
}

/**
 * The operator has the document with the first one's certificate; an sp asks it to put the next signature beside.
 * @throws JitsuinError `xmldsig.profile`, `record.not-found`, `transaction.state`
 */
async function verificationToJoin(
  { applications, expectRightSignatures, settings }: RelyingParty,
  { joins, tenant, profile = settings.profile }: NewApplication,
): Promise<string | undefined> {
  if (joins === undefined) return undefined;
  const at = { at: 'joins' };
  if (expectRightSignatures !== undefined)
    throw new JitsuinError(
      'xmldsig.profile',
      'Here the next signer begins with the document as it was assembled.',
      at,
    );
  const first = await applications.get(joins, tenant);
  if (first === undefined) throw new JitsuinError('record.not-found', 'There is no application to join.', at);
  if (!isFormName(profile) || first.profile !== profile)
    throw new JitsuinError('xmldsig.profile', `The application to join is in "${first.profile}".`, at);
  if (first.verificationId === undefined || first.verdict?.indication !== 'TOTAL-PASSED')
    throw new JitsuinError('transaction.state', 'The application to join has no verdict that passed.', at);
  return first.verificationId;
}

/** A file is signed in mode `digest`, whatever is configured for XML; the other mode is the operator's exception. */
function modeOf(
  { mode }: NewApplication,
  profile: SignatureProfileName,
  settings: RelyingPartySettings,
): SigningMode {
  if (profile !== 'detached') return mode ?? settings.mode;
  if (mode === undefined || mode === 'digest') return 'digest';
  if (settings.filesInDigestInfo === 'allowed') return mode;
  throw new JitsuinError('xmldsig.mode', 'A file is signed in mode "digest" here.', { at: 'mode' });
}

/** Who may open it: the browser that brought it, or the first one that comes with the link. */
function ownerOf(
  { browserHash }: NewApplication,
  random: Random,
): Pick<ApplicationSecrets, 'browserHash' | 'signLink'> {
  return browserHash === undefined ? { signLink: newSignLink(random) } : { browserHash };
}

/** The request's own word is taken as it stands; the configured one only where its profile has a choice. */
function signedElementOf(
  input: NewApplication,
  profile: SignatureProfileName,
  settings: RelyingPartySettings,
): { readonly signedElement?: SignedElementSelector } {
  const asked = input.signedElement;
  if (asked !== undefined && profile === 'detached') {
    throw new JitsuinError('xmldsig.signed-element', 'A file has no elements: leave out "element".', {
      at: 'element',
    });
  }
  const whole = isXmlSignatureProfileName(profile) && signsWholeDocument(profile);
  const signedElement = asked ?? (whole ? undefined : settings.signedElement);
  return signedElement === undefined ? {} : { signedElement };
}

/**
 * The citizen reads it in the app: no control, format or unassigned characters, none that turn the reading
 * direction.
 */
function displayable(name: string): string {
  const length = [...name].length;
  if (length >= 1 && length <= DISPLAY_NAME_MAX && name.trim() !== '' && !NOT_DISPLAYABLE.test(name))
    return name;
  throw new JitsuinError(
    'transaction.display-name',
    `署名対象データ名 must have 1 to ${DISPLAY_NAME_MAX} characters, all of them visible.`,
    { at: 'name' },
  );
}
