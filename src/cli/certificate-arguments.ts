import { fromBase64 } from '../core/encoding.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import { certificatesIn, crlsIn, valueIn } from '../verifier/given-files.ts';
import type { Certificate } from '../verifier/x509/certificate-types.ts';
import { UsageError } from './command.ts';
import { readOctets } from './document-arguments.ts';

/** The certificates of a file: one in DER, or any number in PEM. @throws UsageError naming the file that holds none */
export async function readCertificates(path: string): Promise<readonly Certificate[]> {
  const octets = await readOctets(path);
  try {
    return certificatesIn(octets);
  } catch (thrown) {
    const { message } = asJitsuinError(thrown);
    throw new UsageError(`"${path}" holds no certificate in PEM or DER: ${message}`);
  }
}

/**
 * The one certificate of a file. @throws JitsuinError `certificate.syntax` when it holds several, UsageError when
 * none
 */
export async function readCertificate(path: string): Promise<Certificate> {
  const [certificate, second] = await readCertificates(path);
  if (certificate === undefined || second !== undefined) {
    throw new JitsuinError(
      'certificate.syntax',
      'The file must hold exactly one certificate: the signer’s.',
      { at: path },
    );
  }
  return certificate;
}

/** The CRLs of a file as DER: one in DER, or any number in PEM. @throws JitsuinError `revocation.invalid` */
export async function readCrls(path: string): Promise<readonly Uint8Array[]> {
  return crlsIn(await readOctets(path), path);
}

const BASE64_TEXT = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;
/**
 * Characters of a signature value in base64: P-256, P-384, RSA-2048, 3072 and 4096. A path of exactly such a form
 * is unlikely.
 */
const VALUE_LENGTHS: readonly number[] = [88, 128, 344, 512, 684];

/** An ECDSA value in DER (SEQUENCE of two INTEGERs) of P-256 or P-384, in base64. */
const DER_VALUE = /^M[EG][A-Za-z0-9+/]{86,140}={0,2}$/;

/** Octets given as base64 on the command line, or in a file as base64 or as they are. */
export async function readValue(valueOrFile: string): Promise<Uint8Array> {
  const text64 = valueOrFile.replace(/\s/g, '');
  const known = VALUE_LENGTHS.includes(text64.length) || DER_VALUE.test(text64);
  if (BASE64_TEXT.test(valueOrFile) && known) return fromBase64(text64, 'signature value');
  return valueIn(await readOctets(valueOrFile));
}
