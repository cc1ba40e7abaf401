import { sha256 } from '../../core/digest/sha256.ts';
import { toBase64, toHex, toUtf8 } from '../../core/encoding.ts';
import { type DetachedSignature, detachedSignatureIn } from '../../verifier/given-files.ts';
import { UsageError } from '../command.ts';
import { readOctets } from '../document-arguments.ts';

/** As `detachedSignatureIn`. @throws UsageError when the file is neither, JitsuinError as that */
export async function readDetachedResult(path: string): Promise<DetachedSignature> {
  const read = detachedSignatureIn(await readOctets(path));
  if (typeof read === 'string') throw new UsageError(`--result: "${path}" ${read}.`);
  return read;
}

/** The result as a file of its own, to be kept beside the signed file: canonical JSON with a line end, UTF-8. */
export function detachedResult(file: Uint8Array, signature: DetachedSignature): Uint8Array {
  const result = {
    format: 'jitsuin-detached-signature',
    version: 1,
    mode: signature.mode,
    file_sha256: toHex(sha256(file)),
    signature_value: toBase64(signature.value),
    certificate: toBase64(signature.certificate.der),
  };
  return toUtf8(`${JSON.stringify(result, undefined, 2)}\n`);
}
