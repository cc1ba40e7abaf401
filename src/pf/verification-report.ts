import { JitsuinError } from '../core/errors.ts';
import type { Verification } from '../core/sign-transaction/verification.ts';
import { etsiReport, type ReportFacts } from '../core/validation-report/etsi-report.ts';
import { sealedReport, validatorOf } from '../core/validation-report/seal-report.ts';
import { plainReportFacts, withoutSigner } from '../verifier/report/report-facts.ts';
import type { PlatformOperator } from './platform-operator.ts';

type Ports = Pick<PlatformOperator, 'evidence' | 'receipts' | 'publicUrl'>;

/** A verdict for others: what is said, and as XML under the operator's signature. */
interface SealedVerificationReport {
  readonly facts: ReportFacts;
  readonly xml: { readonly text: string; readonly seal: { readonly by: string; readonly kid: string } };
}

/**
 * What a report of a decided verification says, without anything by which two of them could be told to be of one
 * person.
 * @throws JitsuinError `transaction.state` (no verdict yet, or none ever)
 */
export async function verificationReport(
  { evidence }: Pick<Ports, 'evidence'>,
  { id, tenant, report, signedOctetsSha256 }: Verification,
): Promise<ReportFacts> {
  if (report === undefined)
    throw new JitsuinError('transaction.state', 'The verification is not decided, so there is no report.');
  const octets = await evidence.get(id, tenant);
  return octets === undefined ? withoutSigner(id, report, signedOctetsSha256) : plainReportFacts(id, octets);
}

/** The same as ETSI TS 119 102-2 writes it, sealed by the key of the receipts. */
export async function sealedVerificationReport(
  ports: Ports,
  verification: Verification,
): Promise<SealedVerificationReport> {
  const facts = await verificationReport(ports, verification);
  const { active: jwk, signOctets } = ports.receipts;
  const text = await sealedReport(etsiReport([facts], validatorOf(jwk)), { jwk, signOctets });
  return { facts, xml: { text, seal: { by: ports.publicUrl, kid: jwk['kid'] ?? '' } } };
}
