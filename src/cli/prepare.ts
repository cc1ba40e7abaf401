import { parseArgs } from 'node:util';
import type { SignatureProfileName, SigningInput, SigningMode } from '../core/brand.ts';
import { toBase64, toHex, toUtf8 } from '../core/encoding.ts';
import { prepareSignature } from '../core/xmldsig/prepare.ts';
import { prepareDetached } from '../core/xmldsig/prepare-detached.ts';
import type { PreparedDetached, PreparedSignature } from '../core/xmldsig/prepared-signature.ts';
import { type Command, UsageError } from './command.ts';
import {
  onlyFile,
  profileOption,
  readOctets,
  selectorOption,
  signedElementAsJson,
  writeOctets,
} from './document-arguments.ts';

const usage = `Usage: jitsuin prepare FILE [--profile NAME] [--element NAME | --id ID] [--mode MODE]
                       [--state OUT] [--skeleton OUT] [--signed-info OUT] [--json]

Makes what is needed to have FILE signed elsewhere, and prints \`data\`: the value of 署名対象ハッシュ値 for the start of the
sign transaction. FILE is - for standard input.

  --profile NAME     enveloped (default), by-id, guideline; detached for any file
  --element NAME     the element to sign, NAME or {namespace}NAME
  --id ID            the element to sign, by its Id (profile by-id)
  --mode MODE        digest-info (the only one for XML) or digest (the default for detached)
  --state OUT        write the resumable state for "jitsuin assemble" (it holds the document)
  --skeleton OUT     write the document with the empty Signature
  --signed-info OUT  write the canonical SignedInfo, the octets to be signed
  --json             print one JSON object
`;

/** `jitsuin prepare`: document in, `data` and state out. */
export const command: Command = {
  name: 'prepare',
  usage,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        profile: { type: 'string' },
        element: { type: 'string' },
        id: { type: 'string' },
        mode: { type: 'string' },
        state: { type: 'string' },
        skeleton: { type: 'string' },
        'signed-info': { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    const profile = profileOption(values.profile);
    const mode = modeOption(values.mode, profile);
    const octets = await readOctets(onlyFile(positionals));
    const prepared =
      profile === 'detached'
        ? prepareDetached(octets, mode)
        : prepareSignature(octets, { profile, mode, ...selectorOption(values) });
    if (values.state !== undefined) await writeOctets(values.state, toUtf8(prepared.state), io);
    if ('skeleton' in prepared) {
      if (values.skeleton !== undefined) await writeOctets(values.skeleton, prepared.skeleton, io);
      if (values['signed-info'] !== undefined)
        await writeOctets(values['signed-info'], prepared.signedInfoOctets, io);
    } else if (values.skeleton !== undefined || values['signed-info'] !== undefined) {
      throw new UsageError('--skeleton and --signed-info have no meaning for profile detached.');
    }
    const summary = summaryOf(prepared, mode);
    io.stdout(values.json === true ? `${JSON.stringify(summary, null, 2)}\n` : `${summary.data}\n`);
    return 0;
  },
};

function modeOption(text: string | undefined, profile: SignatureProfileName): SigningMode {
  if (text === undefined) return profile === 'detached' ? 'digest' : 'digest-info';
  if (text === 'digest-info') return text;
  if (text === 'digest') return text;
  throw new UsageError(`--mode ${text} is not known; it is digest-info or digest.`);
}

function summaryOf(
  prepared: PreparedSignature | PreparedDetached,
  mode: SigningMode,
): { readonly data: SigningInput } & Record<string, unknown> {
  const { profile, data, digest } = prepared;
  const common = { profile, mode, data, digest_sha256: toHex(digest) };
  if (!('skeleton' in prepared)) return common;
  return {
    ...common,
    signed_element: signedElementAsJson(prepared.signedElement),
    signed_octets_sha256: prepared.signedOctetsSha256,
    signed_info: toBase64(prepared.signedInfoOctets),
  };
}
