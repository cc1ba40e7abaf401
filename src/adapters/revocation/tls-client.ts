import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { JitsuinError } from '../../core/errors.ts';

/** Certificate (with what is between, in order) and its private key, PEM. */
interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const VARIABLE = 'JITSUIN_REVOCATION_TLS_CLIENT_FILE';
const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const KEY = /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----[^-]+-----END (?:RSA |EC )?PRIVATE KEY-----/;

/** By which we are known to a TLS server. @throws as `readKeyPair` */
export function readTlsClient(file: string): KeyPair {
  return readKeyPair(file, VARIABLE);
}

/**
 * One PEM file with both, readable by its owner alone.
 * @throws JitsuinError `config.key-mode`; `config.invalid` (not readable, one of them missing, no pair)
 */
export function readKeyPair(file: string, variable: string): KeyPair {
  const text = textOf(file, variable);
  const cert = text.match(CERTIFICATES)?.join('\n');
  const key = KEY.exec(text)?.[0];
  if (cert === undefined || key === undefined)
    throw invalid(
      variable,
      'The file must hold a certificate and its private key, both as PEM and not encrypted.',
    );
  if (!isPair(cert, key)) throw invalid(variable, 'The private key is not the one of the first certificate.');
  return { cert, key };
}

function textOf(file: string, variable: string): string {
  try {
    if ((statSync(file).mode & 0o077) === 0) return readFileSync(file, 'latin1');
  } catch (cause) {
    throw invalid(variable, 'The file with our certificate cannot be read.', cause);
  }
  throw new JitsuinError('config.key-mode', `The key file can be read by others. Run: chmod 600 ${file}`, {
    at: variable,
  });
}

function isPair(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function invalid(variable: string, message: string, cause?: unknown): JitsuinError {
  return new JitsuinError('config.invalid', message, { at: variable, cause });
}
