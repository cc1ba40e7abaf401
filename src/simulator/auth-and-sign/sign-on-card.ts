import type { SimulatedCard } from '../card/card.ts';
import type { CitizenOutcome } from '../people.ts';
import { cardInput } from './signing-input.ts';
import type { SignTransaction, SignTransactionState, World } from './world.ts';

/** Rows of the result table that a citizen's choice forces. */
const FORCED: Partial<Readonly<Record<CitizenOutcome, string>>> = {
  malformed: 'result-3',
  expired: 'result-4',
  revoked: 'result-5',
  'wrong-person': 'result-6',
  locked: 'result-7',
  'not-installed': 'result-8',
};

interface SigningScene {
  readonly transaction: SignTransaction;
  readonly sub: string;
  /** Who authenticated. */
  readonly personId: string;
  /** Whose card signs; another person's is `certificate_not_match`. */
  readonly signerId: string;
  readonly outcome: CitizenOutcome;
}

/** Step [10]: the state that the transaction is in after the citizen held a card to the phone. */
export function signOnCard(world: World, scene: SigningScene): SignTransactionState {
  const { transaction, sub } = scene;
  if (scene.outcome === 'not-signed') return transaction.state;
  const failed = (row: string): SignTransactionState => ({ kind: 'failed', sub, row });
  if (transaction.expiresAt <= world.now()) return failed('result-1');
  const forced = FORCED[scene.outcome];
  if (forced !== undefined) return failed(forced);
  if (scene.signerId !== scene.personId) return failed('result-6');
  const card = world.cards.get(scene.signerId);
  if (card === undefined) return failed('result-8');
  return useCard(world, scene, card, failed);
}

function useCard(
  world: World,
  { transaction, sub, personId }: SigningScene,
  card: SimulatedCard,
  failed: (row: string) => SignTransactionState,
): SignTransactionState {
  if (card.state === 'not-installed') return failed('result-8');
  if (card.enterPin('right') === 'locked') return failed('result-7');
  if (card.state === 'malformed') return failed('result-3');
  const refusal = checkCertificate(world, transaction, card);
  if (refusal !== undefined) return failed(refusal);
  const answer = card.sign(cardInput(transaction.data, transaction.mode));
  if (answer.kind === 'refused') return failed(answer.reason === 'locked' ? 'result-7' : 'result-8');
  return {
    kind: 'signed',
    sub,
    personId,
    signatureValue: answer.signatureValue,
    certificate: answer.certificate,
    signedAt: world.now(),
  };
}

/** Both variants have the period checked by the service, only government also revocation (guideline, step [10]). */
function checkCertificate(
  world: World,
  transaction: SignTransaction,
  card: SimulatedCard,
): string | undefined {
  const certificate = card.issued.signCertificate;
  const now = world.now();
  if (now > certificate.notAfter || now < certificate.notBefore) return 'result-4';
  const variant = world.clients.get(transaction.clientId)?.variant;
  const revoked = world.registry.revocationOf(certificate) !== undefined;
  return variant === 'government' && revoked ? 'result-5' : undefined;
}
