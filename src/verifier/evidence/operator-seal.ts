import { createLocalJWKSet } from 'jose/jwks/local';
import { compactVerify } from 'jose/jws/compact/verify';
import { defined } from '../../core/defined.ts';
import { fromUtf8 } from '../../core/encoding.ts';
import { EVIDENCE_SEAL_CLAIMS, EVIDENCE_SEAL_TYPE } from '../../core/evidence/seal-claims.ts';
import { fits } from '../../core/json/shape.ts';
import { parseStrictJson } from '../../core/json/strict-json.ts';
import { type Check, finding } from '../../core/report.ts';
import { readExport } from './evidence-export.ts';
import { sha256Hex } from './evidence-record.ts';

/** The operator's published JWK Set: public EC keys. */
export interface OperatorKeys {
  readonly keys: readonly Readonly<Record<string, string | undefined>>[];
}

const name = 'operator-seal';

/**
 * Whether the operator signed this record's hash: what cannot be derived (the id, the source of the instant, the
 * software's version, and that it was this operator) stands on nothing else. A file without the signature is
 * INDETERMINATE, a wrong one is altered.
 * @param file of `jitsuin evidence export`
 * @param keys the operator's published JWK Set (ES256)
 */
export async function operatorSealCheck(file: Uint8Array, keys: OperatorKeys): Promise<Check> {
  const { seal, record } = readExport(file);
  if (seal === undefined)
    return finding(name, 'evidence.invalid', { detail: 'the file has no signature of the operator' });
  const payload = await signedPayload(seal, keys);
  if (payload === undefined) return failed('HASH_FAILURE', 'not signed by one of the keys given');
  const claims = parseStrictJson(payload);
  if (!fits(EVIDENCE_SEAL_CLAIMS, claims)) return failed('FORMAT_FAILURE', 'not the claims of a seal');
  const octets = record.at(-1) === 0x0a ? record.subarray(0, -1) : record;
  if (claims.evidence_sha256 !== sha256Hex(octets))
    return failed('HASH_FAILURE', 'signed for another record');
  return { name, result: 'passed' };
}

async function signedPayload(seal: string, { keys }: OperatorKeys): Promise<string | undefined> {
  try {
    const set = keys.map(({ kty, crv, x, y, kid }) => defined({ kty: kty ?? '', crv, x, y, kid }));
    const options = { algorithms: ['ES256'] };
    const { payload, protectedHeader } = await compactVerify(seal, createLocalJWKSet({ keys: set }), options);
    return protectedHeader.typ === EVIDENCE_SEAL_TYPE ? fromUtf8(payload) : undefined;
  } catch {
    return undefined;
  }
}

function failed(sub: 'HASH_FAILURE' | 'FORMAT_FAILURE', detail: string): Check {
  return finding(name, 'evidence.invalid', { sub, detail });
}
