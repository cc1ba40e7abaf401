import { createHash } from 'node:crypto';
import { toPem } from '../../../src/simulator/jpki/certificate.ts';
import { makeTimeStampAuthority, type TimeStampAuthority } from '../../../src/simulator/tsa/authority.ts';
import { answerTimeStamp, type TimeStampOptions } from '../../../src/simulator/tsa/time-stamp.ts';
import { readTimeStampAnswer, timeStampRequest } from '../../../src/verifier/timestamp/time-stamp-request.ts';
import { certificatesFromPem } from '../../../src/verifier/x509/pem.ts';
import { NOW } from '../../support/pf-signing.ts';

export const NONCE = Uint8Array.of(0x00, 0x81, 2, 3, 4, 5, 6, 7);
export const tsa = makeTimeStampAuthority('tsa-tests', NOW);
export const tsaAnchors = (authority: TimeStampAuthority = tsa) =>
  certificatesFromPem(toPem(authority.rootCertificate));

let serial = 1n;
/** A token of the simulated TSA over `stamped`. */
export function tokenOver(
  stamped: Uint8Array,
  options: { readonly at?: number; readonly authority?: TimeStampAuthority } & Partial<TimeStampOptions> = {},
): Uint8Array {
  const { at = NOW, authority = tsa, ...rest } = options;
  const imprint = createHash('sha256').update(stamped).digest();
  serial += 1n;
  const response = answerTimeStamp(authority, timeStampRequest({ imprint, nonce: NONCE }), at, {
    serial,
    ...rest,
  });
  const answer = readTimeStampAnswer(new Uint8Array(response));
  if (answer.kind !== 'granted') throw new Error('the simulated TSA refused');
  return answer.token;
}
