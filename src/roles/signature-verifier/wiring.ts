import { readFile } from 'node:fs/promises';
import { createHttpClient } from '../../adapters/http-client/http-client.ts';
import { openRevocationSource } from '../../adapters/revocation/open-revocation-source.ts';
import { httpTimeStampSource } from '../../adapters/timestamp/http-time-stamp-source.ts';
import type { TsaConfig } from '../../config/time-stamping.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TimeStamping } from '../../verification/evidence/time-stamping.ts';
import type { Certificate } from '../../verifier/x509/certificate-types.ts';
import { certificatesFromPem } from '../../verifier/x509/pem.ts';

/** A TSA that takes longer is asked again in the next round. */
const TSA_TIMEOUT = 10_000;

interface TimeStampingConfig {
  readonly tsa?: TsaConfig;
  readonly loopbackHttp: 'refused' | 'allowed';
}

export interface OpenedTimeStamping {
  readonly timeStamping: TimeStamping;
  close(): void;
}

/** The TSA of the configuration; undefined when none is. @throws JitsuinError `config.invalid`, `certificate.syntax` */
export async function openTimeStamping(
  { tsa, loopbackHttp }: TimeStampingConfig,
  clock: Clock,
): Promise<OpenedTimeStamping | undefined> {
  if (tsa === undefined) return undefined;
  const { url, trustFile, revocation, ...rest } = tsa;
  const trustAnchors = await readTsaTrustAnchors(trustFile);
  const allowedHosts = [new URL(url).host];
  const http = createHttpClient({ allowedHosts, loopbackHttp, totalTimeoutMillis: TSA_TIMEOUT });
  const status = openRevocationSource({ ...revocation, loopbackHttp, clock, createHttpClient });
  return {
    timeStamping: {
      ...rest,
      trustAnchors,
      revocation: status.source,
      source: httpTimeStampSource(http, url),
      method: revocation.ocspUrl === undefined ? 'CRL' : 'OCSP',
    },
    close: () => {
      http.close();
      status.close();
    },
  };
}

/** The roots of the TSAs. @throws JitsuinError `config.invalid`, `certificate.syntax` */
export function readTsaTrustAnchors(trustFile: string): Promise<readonly Certificate[]> {
  return readCertificates(trustFile, 'JITSUIN_TSA_TRUST_FILE');
}

/** The certificates of a PEM file that the variable `at` names. @throws JitsuinError `config.invalid`, `certificate.syntax` */
export async function readCertificates(path: string, at: string): Promise<readonly Certificate[]> {
  let pem: string;
  try {
    pem = await readFile(path, 'utf8');
  } catch (cause) {
    throw new JitsuinError('config.invalid', `The file of ${at} cannot be read.`, { at, cause });
  }
  return certificatesFromPem(pem);
}
