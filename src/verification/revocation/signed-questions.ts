import type { RevocationSource } from '../../ports/revocation-source.ts';
import { type OcspSigner, signedOcspRequest } from '../../verifier/revocation/signed-ocsp-request.ts';

/** The source whose responder is asked under our signature; as it is where nobody signs. */
export function signedQuestions(source: RevocationSource, signer: OcspSigner | undefined): RevocationSource {
  const { ocsp } = source;
  if (signer === undefined || ocsp === undefined) return source;
  return { ...source, ocsp: async (request) => ocsp(signedOcspRequest(request, signer)) };
}
