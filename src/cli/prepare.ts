import type { SignatureProfileName, SigningInput, SigningMode } from '../core/brand.ts';
import { SHA256_LENGTH } from '../core/digest/sha256.ts';
import { toBase64, toHex, toUtf8 } from '../core/encoding.ts';
import { CARD_ALGORITHMS, type CardAlgorithm, isCardAlgorithm } from '../core/xmldsig/algorithms.ts';
import { prepareSignature } from '../core/xmldsig/prepare.ts';
import { prepareDetached } from '../core/xmldsig/prepare-detached.ts';
import type { PreparedDetached, PreparedSignature } from '../core/xmldsig/prepared-signature.ts';
import { type Command, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { onlyFile, profileOption, readOctets, selectorOption, writeOctets } from './document-arguments.ts';
import { formToSign, prepareInForm } from './prepare-form.ts';
import { FORM_OPTIONS } from './verify/form-options.ts';
import { signedElementAsJson } from './verify/output.ts';

/** `jitsuin prepare`: document in, `data` and state out. */
export const command: Command = declareCommand({
  name: 'prepare',
  operands: 'FILE',
  about: `Makes what is needed to have FILE signed elsewhere, and prints \`data\`: the value of 署名対象ハッシュ値 for the start
of the sign transaction. FILE is - for standard input. With --form one card operation signs the document and its files;
a document that others have signed in the same form takes one Signature more (連署).`,
  options: {
    profile: {
      type: 'string',
      value: 'NAME',
      means: 'enveloped (default), by-id, guideline; detached for any file',
    },
    ...FORM_OPTIONS,
    element: { type: 'string', value: 'NAME', means: 'the element to sign, NAME or {namespace}NAME' },
    id: { type: 'string', value: 'ID', means: 'the element to sign, by its Id (profile by-id)' },
    mode: {
      type: 'string',
      value: 'MODE',
      means: 'digest-info (the only one for XML) or digest (the default for detached)',
    },
    algorithm: {
      type: 'string',
      value: 'NAME',
      means: 'what the card signs with: rsa-sha256 (default), ecdsa-sha256, ecdsa-sha384 (the next card)',
    },
    state: {
      type: 'string',
      value: 'OUT',
      means: 'write the resumable state for "jitsuin assemble" (it holds the document)',
    },
    skeleton: { type: 'string', value: 'OUT', means: 'write the document with the empty Signature' },
    'signed-info': {
      type: 'string',
      value: 'OUT',
      means: 'write the canonical SignedInfo, the octets to be signed',
    },
    json: { type: 'boolean', means: 'print one JSON object' },
  },
  async run(values, operands, io) {
    const form = await formToSign(values, io);
    if (form !== undefined) {
      expectNoProfileOption(values, form.name);
      return prepareInForm(form, operands, values, io);
    }
    const profile = profileOption(values.form ?? values.profile);
    const mode = modeOption(values.mode, profile);
    const octets = await readOctets(onlyFile(operands));
    const algorithm = algorithmOption(values.algorithm);
    const prepared =
      profile === 'detached'
        ? prepareDetached(octets, mode, CARD_ALGORITHMS[algorithm].hash)
        : prepareSignature(octets, { profile, mode, algorithm, ...selectorOption(values) });
    if (values.state !== undefined) await writeOctets(values.state, toUtf8(prepared.state), io);
    if ('skeleton' in prepared) {
      if (values.skeleton !== undefined) await writeOctets(values.skeleton, prepared.skeleton, io);
      if (values['signed-info'] !== undefined)
        await writeOctets(values['signed-info'], prepared.signedInfoOctets, io);
    } else if (values.skeleton !== undefined || values['signed-info'] !== undefined) {
      throw new UsageError('--skeleton and --signed-info have no meaning for profile detached.');
    }
    const summary = summaryOf(prepared, mode);
    io.stdout(values.json ? `${JSON.stringify(summary, null, 2)}\n` : `${summary.data}\n`);
    return 0;
  },
});

/** @throws UsageError */
function expectNoProfileOption(values: Readonly<Record<string, unknown>>, form: string): void {
  const stray = ['profile', 'element', 'id', 'algorithm'].find((option) => values[option] !== undefined);
  if (stray !== undefined) throw new UsageError(`--${stray} has no meaning beside --form ${form}.`);
  if (values['mode'] !== undefined && values['mode'] !== 'digest-info')
    throw new UsageError(`--form ${form} is signed in --mode digest-info only.`);
}

function modeOption(text: string | undefined, profile: SignatureProfileName): SigningMode {
  if (text === undefined) return profile === 'detached' ? 'digest' : 'digest-info';
  if (text === 'digest-info') return text;
  if (text === 'digest') return text;
  throw new UsageError(`--mode ${text} is not known; it is digest-info or digest.`);
}

function algorithmOption(text = 'rsa-sha256'): CardAlgorithm {
  if (isCardAlgorithm(text)) return text;
  throw new UsageError(`--algorithm ${text} is not known: ${Object.keys(CARD_ALGORITHMS).join(', ')}.`);
}

function summaryOf(
  prepared: PreparedSignature | PreparedDetached,
  mode: SigningMode,
): { readonly data: SigningInput } & Record<string, unknown> {
  const { profile, data, digest } = prepared;
  const hash = digest.length === SHA256_LENGTH ? 'digest_sha256' : 'digest_sha384';
  const common = { profile, mode, data, [hash]: toHex(digest) };
  if (!('skeleton' in prepared)) return common;
  return {
    ...common,
    signed_element: signedElementAsJson(prepared.signedElement),
    signed_octets_sha256: prepared.signedOctetsSha256,
    signed_info: toBase64(prepared.signedInfoOctets),
  };
}
