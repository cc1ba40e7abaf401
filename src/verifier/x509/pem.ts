import { fromBase64 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { parseCertificate } from './certificate.ts';
import type { Certificate } from './certificate-types.ts';

const BLOCK = /-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\r\n]+?)-----END CERTIFICATE-----/g;

/**
 * All CERTIFICATE blocks of a PEM text (RFC 7468 section 5), in order; text around them is ignored.
 * @throws JitsuinError `certificate.syntax` when there is none or one is not a certificate
 */
export function certificatesFromPem(text: string): Certificate[] {
  const certificates = [...text.matchAll(BLOCK)].map(([, body = '']) => parseCertificate(decode(body)));
  if (certificates.length === 0)
    throw new JitsuinError('certificate.syntax', 'No CERTIFICATE block in the PEM text.');
  return certificates;
}

function decode(body: string): Uint8Array {
  try {
    return fromBase64(body.replace(/[\r\n]/g, ''));
  } catch (cause) {
    throw new JitsuinError('certificate.syntax', 'A CERTIFICATE block is not base64.', { cause });
  }
}
