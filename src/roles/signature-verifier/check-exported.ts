import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { type OperatorKeys, operatorSealCheck } from '../../verifier/evidence/operator-seal.ts';
import { type ExportTrust, verifyExportedEvidence } from '../../verifier/evidence/verify-exported.ts';
import type { ShownExportJudgement } from '../../web/console/console-ports.ts';

/** What the console says of an exported file: the very answer of `jitsuin evidence verify`, asked for now. */
export async function checkExported(
  octets: Uint8Array,
  trust: Omit<ExportTrust, 'operatorSeal' | 'asked'>,
  now: EpochMillis,
  operatorKeys?: OperatorKeys,
): Promise<ShownExportJudgement> {
  const operatorSeal = operatorKeys === undefined ? undefined : await operatorSealCheck(octets, operatorKeys);
  // A record from before the signatures has none: its other proofs count.
  const seal = operatorSeal?.result === 'indeterminate' ? undefined : operatorSeal;
  const { id, outcome, basis, integrity, verdict, result, time, signedOctetsSha256 } = verifyExportedEvidence(
    octets,
    defined({ ...trust, operatorSeal: seal, asked: now }),
  );
  const { provenAt, validUntil } = time;
  return defined({
    id,
    outcome,
    basis,
    integrity,
    verdict,
    result,
    time,
    signedOctetsSha256,
    provenAt,
    validUntil,
  });
}
