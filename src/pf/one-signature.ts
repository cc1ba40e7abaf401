import type { VerificationId } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import type { Verification } from '../core/sign-transaction/verification.ts';
import type { JobOutcome } from '../ports/job-queue.ts';
import type { SignatureOctets } from '../ports/signature-memory.ts';
import { keepAnswer } from './keep-verdict.ts';
import type { PlatformOperator } from './platform-operator.ts';

/**
 * One signature counts once, however often it is encrypted anew. `own`: it is this verification's to be judged. An
 * outcome: the same tenant and service had it judged before (PKCS #1 v1.5 is deterministic: the same text signed
 * twice gives the same value), and got that answer again, not judged and not charged. `wait`: that verification is
 * still being judged. `replay`: it is somebody else's.
 *
 * A tenant that its contract shows no `subject-id` never gets an answer again: an answer of an earlier time, a bill
 * without an entry or a wait would tell it that both are of one person. Its second verification is judged and
 * charged as that of anybody (decisions: platform-operator).
 */
type SignatureUse = 'own' | 'wait' | 'replay' | JobOutcome;

export async function useSignature(
  operator: PlatformOperator,
  verification: Verification,
  value: Uint8Array,
): Promise<SignatureUse> {
  const { id, environment } = verification;
  const signature: SignatureOctets = { environment, value };
  const owner = await operator.signatures.claim(signature, id, operator.clock.now());
  if (owner === id) return 'own';
  const first = await operator.verifications.glance(owner as VerificationId);
  const isFree = first === undefined || hasNoVerdict(first);
  const took = isFree && (await operator.signatures.takeOver(signature, owner, id));
  if (took) return 'own';
  if (first !== undefined && isOfTheSame(first, verification) && !mayKnowThePerson(operator, verification))
    return 'own';
  if (isFree) return 'wait';
  if (!isOfTheSame(first, verification) || first.deletedAt !== undefined)
    return replay(operator, first, verification);
  if (first.state === 'received') return 'wait';
  return keepAnswer(operator, verification, first);
}

/** Refused, expired, or undecided at its deadline: its signature is free. */
function hasNoVerdict({ state, result, deletedAt }: Verification): boolean {
  if (state === 'refused' || state === 'expired') return true;
  return state === 'decided' && deletedAt === undefined && result === 'INDETERMINATE';
}

function mayKnowThePerson({ tenants }: PlatformOperator, { tenant }: Verification): boolean {
  return tenants.mayHave(tenant, 'subject-id');
}

/** The same tenant, service and text. */
function isOfTheSame(first: Verification, { tenant, service, data, mode }: Verification): boolean {
  return first.tenant === tenant && first.service === service && first.data === data && first.mode === mode;
}

async function replay(
  operator: PlatformOperator,
  first: Verification,
  { tenant, service }: Verification,
): Promise<'replay'> {
  await operator.audit.append(
    defined({
      event: 'verification.replayed',
      subject: first.id,
      tenant,
      at: operator.clock.now(),
      code: 'binding.replay',
      facts: { service, by: 'signature-value' },
    }),
  );
  return 'replay';
}
