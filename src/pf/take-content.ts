import type { CertificateContent, ConsentView, ContentRequest } from '../contracts/verification.ts';
import type { EpochMillis } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import type { Verification } from '../core/sign-transaction/verification.ts';
import { applyVerificationEvent } from '../core/sign-transaction/verification-machine.ts';
import { MINUTE_MILLIS } from '../core/spans.ts';
import type { Consent, ConsentItem } from '../ports/consent-store.ts';
import { evidencePart } from '../verifier/evidence/read-evidence.ts';
import { parseCertificate } from '../verifier/x509/certificate.ts';
import { readFourAttributes } from '../verifier/x509/four-attributes.ts';
import type { FourAttributes, SubstitutableText } from '../verifier/x509/jpki-types.ts';
import { uuidFrom } from './fees.ts';
import type { PlatformOperator } from './platform-operator.ts';

/** By how much a tenant's clock may be ahead of ours. */
const CLOCK_SKEW = 5 * MINUTE_MILLIS;

/**
 * What the citizen agreed to of 基本4情報 of a certificate that was found good, once in the life of the verification:
 * who comes second, or after a lost answer, gets nothing. The consent is kept in the same transaction. Member by
 * member, so that nothing else of the certificate has a way out.
 * @throws JitsuinError `right.missing` (not in the contract), `transaction.state` (not OK),
 * `verification.content-taken`,
 * `consent.time` (a consent of the future)
 */
export async function takeContent(
  operator: PlatformOperator,
  verification: Verification,
  { consent }: ContentRequest,
): Promise<CertificateContent> {
  const { id, tenant, result, contentTakenAt } = verification;
  if (!operator.tenants.mayHave(tenant, 'basic-attributes'))
    throw new JitsuinError(
      'right.missing',
      'The contract of this tenant does not have the item basic-attributes.',
    );
  if (result !== 'OK')
    throw new JitsuinError('transaction.state', 'Only a verification that is OK has content.');
  if (contentTakenAt !== undefined) throw taken();
  const octets = await operator.evidence.get(id, tenant);
  const der = octets === undefined ? undefined : evidencePart(octets, 'certificate');
  if (der === undefined)
    throw new JitsuinError('transaction.state', 'The evidence of this verification is not kept any more.');
  const attributes = readFourAttributes(parseCertificate(der));
  const now = operator.clock.now();
  const kept = await consentOf(operator, verification, consent, der, now);
  const next = applyVerificationEvent(verification, { kind: 'content-taken' }, now);
  const audit = [{ event: 'verification.content-taken', subject: id, tenant, at: now }];
  if (!(await operator.verifications.update(next, { audit, consents: [kept] }))) throw taken();
  return { verification_id: id, ...agreedOf(attributes, new Set(consent.items)) };
}

function agreedOf(
  { name, sex, dateOfBirth, address }: FourAttributes,
  agreed: ReadonlySet<ConsentItem>,
): Omit<CertificateContent, 'verification_id'> {
  return defined({
    name: name === undefined || !agreed.has('name') ? undefined : textOf(name),
    sex: sex === undefined || !agreed.has('sex') ? undefined : sex,
    date_of_birth:
      dateOfBirth === undefined || !agreed.has('date_of_birth') ? undefined : partsOf(dateOfBirth),
    address: address === undefined || !agreed.has('address') ? undefined : textOf(address),
  });
}

/** Whose it is stands there by a random id of this tenant alone, also where the contract does not show it. */
async function consentOf(
  { subjects, random, consentRetention }: PlatformOperator,
  { id, tenant }: Verification,
  { items, purpose, wording_sha256: wordingSha256, agreed_at }: ContentRequest['consent'],
  certificate: Uint8Array,
  now: EpochMillis,
): Promise<Consent> {
  const agreedAt = Date.parse(agreed_at) as EpochMillis;
  if (agreedAt > now + CLOCK_SKEW)
    throw new JitsuinError(
      'consent.time',
      'The consent was given later than now by our clock: look at agreed_at and at both clocks.',
      {
        at: '/consent/agreed_at',
      },
    );
  return {
    verificationId: id,
    tenant,
    items,
    purpose,
    wordingSha256,
    agreedAt,
    handedOutAt: now,
    subjectId: await subjects.idFor(tenant, certificate, uuidFrom(random.octets(16))),
    keepUntil: (now + consentRetention) as EpochMillis,
  };
}

/** A consent as its tenant may see it. */
export function consentView(consent: Consent): ConsentView {
  return {
    verification_id: consent.verificationId,
    items: [...consent.items],
    purpose: consent.purpose,
    wording_sha256: consent.wordingSha256,
    agreed_at: new Date(consent.agreedAt).toISOString(),
    handed_out_at: new Date(consent.handedOutAt).toISOString(),
    keep_until: new Date(consent.keepUntil).toISOString(),
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
