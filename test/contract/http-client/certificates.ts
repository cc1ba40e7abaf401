import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { issueCertificate, toPem } from '../../../src/simulator/jpki/certificate.ts';
import { contextPrimitive, sequence } from '../../../src/simulator/jpki/der.ts';
import { basicConstraintsCa, extension, keyUsage } from '../../../src/simulator/jpki/extensions.ts';
import { distinguishedName } from '../../../src/simulator/jpki/names.ts';

const DAY = 86_400_000;

export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface Authority {
  readonly pem: string;
  /** A TLS server certificate for 127.0.0.1 (or `address`), good for a day (or until `notAfter`). */
  issue(changes?: { readonly notAfter?: number; readonly address?: readonly number[] }): ServerCertificate;
}

/** A root for tests, made anew each time. */
export function makeAuthority(commonName: string): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const name = distinguishedName([['CN', commonName]]);
  const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });
  const lifetime = { notBefore: Date.now() - 2 * DAY, notAfter: Date.now() + DAY };
  const root = issueCertificate(
    {
      serial: 1n,
      issuer: name,
      subject: name,
      ...lifetime,
      spki: spki(publicKey),
      extensions: [basicConstraintsCa(), keyUsage('ca')],
    },
    privateKey,
  );
  return {
    pem: toPem(root),
    issue: ({ notAfter, address } = {}) => {
      const server = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const certificate = issueCertificate(
        {
          serial: 2n,
          issuer: name,
          subject: distinguishedName([['CN', 'simulated server']]),
          notBefore: lifetime.notBefore,
          notAfter: notAfter ?? lifetime.notAfter,
          spki: spki(server.publicKey),
          extensions: [subjectAltAddress(address ?? [127, 0, 0, 1])],
        },
        privateKey,
      );
      return {
        cert: toPem(certificate),
        key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

function subjectAltAddress(address: readonly number[]) {
  return extension('2.5.29.17', sequence(contextPrimitive(7, Uint8Array.from(address))));
}
