import { hexSha256 } from '../../core/digest/sha256.ts';
import { judgeCertificate } from '../judge-certificate.ts';
import { judgeRevocation } from '../judge-revocation.ts';
import type { RevocationData, ValidationOutcome, ValidationRequest } from '../validation-types.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { sameOctets } from '../x509/octets.ts';

/** What besides the signature a judgement stood on. */
export interface UsedMaterial {
  readonly intermediates: readonly Certificate[];
  readonly data: readonly RevocationData[];
}

/**
 * Of what was at hand only what the judgement needs: where the certificates of the path and the one list or answer
 * that decided give the very same path and results, they are all; else everything stays. So what decided nothing is
 * foreign in a record.
 */
export function usedMaterial(
  request: ValidationRequest,
  outcome: ValidationOutcome,
  data: readonly RevocationData[],
): UsedMaterial {
  const given = { intermediates: request.intermediates ?? [], data };
  if (outcome.certificate === undefined || outcome.path.length < 2) return given;
  // several signers have several paths, and the outcome tells one
  if ((outcome.inForm?.signers.length ?? 1) > 1) return given;
  const least: UsedMaterial = {
    intermediates: given.intermediates.filter(({ der }) =>
      outcome.path.slice(1, -1).some((certificate) => sameOctets(certificate.der, der)),
    ),
    data: data.map((one, need) => decidingData(one, outcome, need)),
  };
  if (sizeOf(least) === sizeOf(given)) return given;
  return givesTheSame(request, outcome, least) ? least : given;
}

function decidingData(one: RevocationData, { revocation }: ValidationOutcome, need: number): RevocationData {
  const sha256 = revocation[need]?.source?.sha256;
  if (sha256 === undefined) return one;
  const decided = (der: Uint8Array) => hexSha256(der) === sha256;
  return { crls: firstOf(one.crls, decided), ocsp: firstOf(one.ocsp, decided) };
}

function firstOf(ders: readonly Uint8Array[], decided: (der: Uint8Array) => boolean): readonly Uint8Array[] {
  const found = ders.find(decided);
  return found === undefined ? [] : [found];
}

function sizeOf({ intermediates, data }: UsedMaterial): number {
  return data.reduce((sum, { crls, ocsp }) => sum + crls.length + ocsp.length, intermediates.length);
}

function givesTheSame(
  request: ValidationRequest,
  { certificate, path, revocation, xml }: ValidationOutcome,
  { intermediates, data }: UsedMaterial,
): boolean {
  if (certificate === undefined) return false;
  const less: ValidationRequest = { ...request, intermediates };
  const found = judgeCertificate(certificate, less, xml?.hashes ?? ['sha256']).found.path;
  const samePath =
    found.length === path.length &&
    found.every(({ der }, place) => sameOctets(der, path[place]?.der ?? new Uint8Array(0)));
  if (!samePath) return false;
  return JSON.stringify(judgeRevocation(path, less, data).results) === JSON.stringify(revocation);
}
