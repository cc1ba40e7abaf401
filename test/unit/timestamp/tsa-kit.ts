import { createHash } from 'node:crypto';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { toPem } from '../../../src/simulator/jpki/certificate.ts';
import { makeTimeStampAuthority, type TimeStampAuthority } from '../../../src/simulator/tsa/authority.ts';
import { makeTsaCrl, type TsaRevocation } from '../../../src/simulator/tsa/crl.ts';
import { answerTimeStamp, type TimeStampOptions } from '../../../src/simulator/tsa/time-stamp.ts';
import type { TokenRevocation } from '../../../src/verifier/evidence/evidence-time.ts';
import { readTimeStampAnswer, timeStampRequest } from '../../../src/verifier/timestamp/time-stamp-request.ts';
import { certificatesFromPem } from '../../../src/verifier/x509/pem.ts';
import type { XadesStamp } from '../../../src/verifier/xades/xades-export.ts';
import { NOW } from '../../support/pf-signing.ts';

export const NONCE = Uint8Array.of(0x00, 0x81, 2, 3, 4, 5, 6, 7);
export const tsa = makeTimeStampAuthority('tsa-tests', NOW);
export const tsaAnchors = (authority: TimeStampAuthority = tsa) =>
  certificatesFromPem(toPem(authority.rootCertificate));

let serial = 1n;
/** A token of the simulated TSA over `stamped`. */
export function tokenOver(
  stamped: Uint8Array,
  options: {
    readonly at?: number;
    readonly authority?: TimeStampAuthority;
    readonly hash?: 'sha256' | 'sha512';
  } & Partial<TimeStampOptions> = {},
): Uint8Array {
  const { at = NOW, authority = tsa, hash = 'sha256', ...rest } = options;
  const imprint = createHash(hash).update(stamped).digest();
  serial += 1n;
  const response = answerTimeStamp(authority, timeStampRequest({ imprint, hash, nonce: NONCE }), at, {
    serial,
    ...rest,
  });
  const answer = readTimeStampAnswer(new Uint8Array(response));
  if (answer.kind !== 'granted') throw new Error('the simulated TSA refused');
  return answer.token;
}

/** A time-stamp with what its authority is judged by, as the XAdES export has it. */
export async function stampWithData(stamped: Uint8Array): Promise<XadesStamp> {
  const certificates = [tsa.certificate, tsa.rootCertificate];
  return { token: tokenOver(stamped), certificates, crls: [makeTsaCrl(tsa, NOW)], ocsp: [] };
}

/** The root's list as it was at an instant, as data about token number `token`. */
export function statusAt(
  token: number,
  at: number,
  revocation?: TsaRevocation,
  authority: TimeStampAuthority = tsa,
): TokenRevocation {
  return { token, at: at as EpochMillis, crls: [makeTsaCrl(authority, at, revocation)], ocsp: [] };
}
