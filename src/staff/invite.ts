import type { EpochMillis } from '../core/brand.ts';
import { JitsuinError } from '../core/errors.ts';
import { normalizedText } from '../core/normalized-text.ts';
import type { StaffMember, StaffRole } from '../ports/staff-store.ts';
import { newSecret, secretHash } from './secrets.ts';
import type { StaffPorts } from './staff-ports.ts';

type Ports = Pick<StaffPorts, 'operators' | 'clock' | 'random'>;

export interface Invited {
  readonly operator: StaffMember;
  /** Goes to the operator and is kept nowhere. */
  readonly code: string;
  readonly expiresAt: EpochMillis;
}

const HANDLE_OCTETS = 32;
/** Letters, marks, digits and simple punctuation: nothing invisible, nothing that turns the reading direction. */
const NAME = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} .,'’()・ー-]{0,63}$/u;

/**
 * A new operator with an invitation that works once within `life` milliseconds.
 * @throws JitsuinError `usage.arguments` for a name that cannot be shown safely, `store.*`
 */
export async function inviteStaff(
  ports: Ports,
  wish: { readonly name: string; readonly role: StaffRole; readonly life: number },
): Promise<Invited> {
  const name = (normalizedText(wish.name, 'NFC') ?? '').trim();
  if (!NAME.test(name)) {
    throw new JitsuinError(
      'usage.arguments',
      'A name has 1 to 64 letters, digits, spaces and . , - ( ) only.',
      {
        at: 'name',
      },
    );
  }
  const now = ports.clock.now();
  const { random } = ports;
  const operator: StaffMember = {
    id: random.id(),
    name,
    role: wish.role,
    state: 'invited',
    handle: random.octets(HANDLE_OCTETS),
    createdAt: now,
    updatedAt: now,
  };
  return invite(ports, operator, wish.life);
}

/**
 * Another passkey for an operator who is there: a second device, or a lost one.
 * @throws JitsuinError `record.not-found` (unknown or disabled), `store.*`
 */
export async function inviteAgain(ports: Ports, id: string, life: number): Promise<Invited> {
  const operator = await ports.operators.get(id);
  if (operator === undefined || operator.state === 'disabled')
    throw new JitsuinError('record.not-found', 'No member of the staff has this id, or they are disabled.', {
      at: id,
    });
  return invite(ports, operator, life);
}

async function invite(ports: Ports, operator: StaffMember, life: number): Promise<Invited> {
  const code = newSecret(ports.random);
  const at = ports.clock.now();
  const expiresAt = (at + life) as EpochMillis;
  const invitation = { secretHash: secretHash(code) ?? '', operatorId: operator.id, expiresAt };
  const facts = { role: operator.role };
  const audit = { event: 'operator.invited', subject: operator.id, tenant: '', at, facts };
  await ports.operators.invite(operator, invitation, audit);
  return { operator, code, expiresAt };
}
