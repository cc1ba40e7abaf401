import type { CertificateContent } from '../../contracts/verification.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { Verification } from '../../core/sign-transaction/verification.ts';
import { applyVerificationEvent } from '../../core/sign-transaction/verification-machine.ts';
import { evidencePart } from '../../verifier/evidence/evidence-part.ts';
import { parseCertificate } from '../../verifier/x509/certificate.ts';
import { readFourAttributes } from '../../verifier/x509/four-attributes.ts';
import type { SubstitutableText } from '../../verifier/x509/jpki-types.ts';
import type { PlatformOperator } from './platform-operator.ts';

/**
 * 基本4情報 of a certificate that was found good, once in the life of the verification: who comes second, or after a lost
 * answer, gets nothing. Member by member, so that nothing else of the certificate has a way out.
 * @throws JitsuinError `http.forbidden` (not in the contract), `transaction.state` (not OK), `verification.content-taken`
 */
export async function takeContent(
  operator: PlatformOperator,
  verification: Verification,
): Promise<CertificateContent> {
  const { id, tenant, result, contentTakenAt } = verification;
  if (!operator.tenants.mayHave(tenant, 'basic-attributes'))
    throw new JitsuinError(
      'http.forbidden',
      'The contract of this tenant does not have the content of certificates.',
    );
  if (result !== 'OK')
    throw new JitsuinError('transaction.state', 'Only a verification that is OK has content.');
  if (contentTakenAt !== undefined) throw taken();
  const octets = await operator.evidence.get(id, tenant);
  const der = octets === undefined ? undefined : evidencePart(octets, 'certificate');
  if (der === undefined)
    throw new JitsuinError('transaction.state', 'There is no evidence of this verification.');
  const { name, sex, dateOfBirth, address } = readFourAttributes(parseCertificate(der));
  const now = operator.clock.now();
  const next = applyVerificationEvent(verification, { kind: 'content-taken' }, now);
  const audit = [{ event: 'verification.content-taken', subject: id, tenant, at: now }];
  if (!(await operator.verifications.update(next, { audit }))) throw taken();
  return {
    verification_id: id,
    ...(name === undefined ? {} : { name: textOf(name) }),
    ...(sex === undefined ? {} : { sex }),
    ...(dateOfBirth === undefined ? {} : { date_of_birth: partsOf(dateOfBirth) }),
    ...(address === undefined ? {} : { address: textOf(address) }),
  };
}

function textOf({ text, substituted }: SubstitutableText) {
  return { text, substituted: [...substituted] };
}

function partsOf({ era, year, month, day }: Record<'era' | 'year' | 'month' | 'day', string>) {
  return { era, year, month, day };
}

function taken(): JitsuinError {
  return new JitsuinError(
    'verification.content-taken',
    'The content of this certificate was handed out before.',
  );
}
