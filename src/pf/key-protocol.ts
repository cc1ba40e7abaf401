import { createPublicKey, verify } from 'node:crypto';
import {
  type KeyProtocol,
  keyProtocolSchema,
  type SignedKeyProtocol,
  signedKeyProtocolSchema,
} from '../contracts/key-protocol.ts';
import type { PfPublicJwk } from '../contracts/pf-public-jwk.ts';
import type { EpochMillis } from '../core/brand.ts';
import { fromBase64, toBase64, toUtf8 } from '../core/encoding.ts';
import { JitsuinError } from '../core/errors.ts';
import { parseStrictJson } from '../core/json/strict-json.ts';
import type { Approval, ApprovalStore } from '../ports/approval-store.ts';
import type { AuditLog, AuditTrail } from '../ports/audit.ts';
import type { StaffStore } from '../ports/staff-store.ts';
import type { PlatformOperator } from './platform-operator.ts';

/** A decryption key as the place that holds it lists it. */
export interface ListedKey {
  readonly kid: string;
  readonly service: string;
  readonly environment: 'test' | 'production';
  readonly state: KeyProtocol['key']['state_now'];
  readonly publicJwk: PfPublicJwk;
  /** The approved change that it was made for. */
  readonly change?: string | undefined;
}

export interface ProtocolPorts {
  readonly operator: Pick<PlatformOperator, 'publicUrl' | 'version' | 'clock' | 'receipts'>;
  readonly approvals: Pick<ApprovalStore, 'get' | 'list'>;
  readonly staff: Pick<StaffStore, 'get'>;
  readonly audit: AuditLog & AuditTrail;
  readonly keys: readonly ListedKey[];
  readonly heldIn: KeyProtocol['key']['held_in'];
}

const KINDS: readonly string[] = keyProtocolSchema.shape.change.shape.kind.options;
const RECORDS = 100;
const LISTED = 200;

/** The changes of decryption keys that two administrators carried out, newest first. */
export async function keyChanges({
  approvals,
}: Pick<ProtocolPorts, 'approvals'>): Promise<readonly Approval[]> {
  const done = await approvals.list({ states: ['done'], limit: LISTED });
  return done.filter(({ kind }) => KINDS.includes(kind));
}

/**
 * The protocol of one change of a decryption key that two people carried out, signed by the key of the receipts.
 * @throws JitsuinError `record.not-found` (no such change of a key, or its key is not here), `approval.state` (it is
 * not done), `audit.broken` (what the protocol would stand on is not whole)
 */
export async function keyProtocol(ports: ProtocolPorts, id: string): Promise<SignedKeyProtocol> {
  const approval = await ports.approvals.get(id);
  if (approval === undefined || !KINDS.includes(approval.kind))
    throw new JitsuinError('record.not-found', 'No change of a decryption key has this id.', { at: id });
  const { state, requestedBy, requestedAt, decidedBy, decidedAt } = approval;
  if (state !== 'done' || decidedBy === undefined || decidedAt === undefined)
    throw new JitsuinError('approval.state', `The change is not carried out: its state is "${state}".`, {
      at: id,
    });
  const { operator, audit, heldIn } = ports;
  const key = keyOf(ports, approval);
  const walked = await audit.verify();
  if (walked.brokenAt !== undefined || walked.brokenSeal !== undefined)
    throw new JitsuinError('audit.broken', 'The audit log is not whole: no protocol is made of it.');
  const records = await audit.page({ subject: id, limit: RECORDS });
  const protocol: KeyProtocol = {
    format: 'jitsuin-key-protocol/1',
    operator: operator.publicUrl,
    program: `jitsuin ${operator.version}`,
    made_at: instant(operator.clock.now()),
    change: {
      id,
      kind: keyProtocolSchema.shape.change.shape.kind.parse(approval.kind),
      requested_by: await person(ports, requestedBy, requestedAt),
      approved_by: await person(ports, decidedBy, decidedAt),
    },
    key: {
      kid: key.kid,
      service: key.service,
      environment: key.environment,
      held_in: heldIn,
      state_now: key.state,
      public_jwk: key.publicJwk,
    },
    audit: records
      .map(({ event, at, chain, seq, hash }) => ({ event, at: instant(at), chain, seq, hash }))
      .reverse(),
    audit_head: walked.head,
  };
  const text = `${JSON.stringify(protocol, undefined, 2)}\n`;
  const signature = await operator.receipts.signOctets(toUtf8(text));
  return { protocol: text, kid: operator.receipts.active['kid'] ?? '', signature: toBase64(signature) };
}

/** What was made is found by the change it was made for, everything else by its kid. */
function keyOf({ keys }: ProtocolPorts, { id, kind, subject }: Approval): ListedKey {
  const found = keys.find(({ kid, change }) => (kind === 'key.generate' ? change === id : kid === subject));
  if (found !== undefined) return found;
  throw new JitsuinError(
    'record.not-found',
    'The key of this change is not in the keystore or token of the settings.',
    {
      at: subject,
    },
  );
}

async function person({ staff }: ProtocolPorts, id: string, at: EpochMillis) {
  const found = await staff.get(id);
  return { id, name: found?.name ?? '', at: instant(at) };
}

function instant(at: EpochMillis): string {
  return new Date(at).toISOString();
}

/**
 * Reads a protocol and judges its signature by the published keys of the operator's receipts.
 * @param file the JSON text of the file
 * @throws JitsuinError `evidence.invalid` naming what is wrong: its form, an unknown key, the signature, one person
 * for two
 */
export function readKeyProtocol(
  file: string,
  keys: readonly Readonly<Record<string, string | undefined>>[],
): KeyProtocol {
  const signed = parsed(file, signedKeyProtocolSchema, 'file');
  const key = keys.find(({ kid }) => kid === signed.kid);
  if (key === undefined) throw refused(`none of the operator's keys is "${signed.kid}"`, 'kid');
  const publicKey = createPublicKey({ key: { ...key }, format: 'jwk' });
  const octets = toUtf8(signed.protocol);
  const signature = fromBase64(signed.signature);
  if (!verify('sha256', octets, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature))
    throw refused('the signature is not of this text', 'signature');
  const protocol = parsed(signed.protocol, keyProtocolSchema, 'protocol');
  const { requested_by, approved_by } = protocol.change;
  if (requested_by.id === approved_by.id) throw refused('one person asked and allowed', 'change');
  return protocol;
}

interface Parser<T> {
  safeParse(value: unknown): { readonly success: true; readonly data: T } | { readonly success: false };
}

function parsed<T>(text: string, schema: Parser<T>, at: string): T {
  let value: unknown;
  try {
    value = parseStrictJson(text);
  } catch {
    throw refused('it is not JSON', at);
  }
  const found = schema.safeParse(value);
  if (!found.success) throw refused('it has not the form of a jitsuin-key-protocol/1', at);
  return found.data;
}

function refused(why: string, at: string): JitsuinError {
  return new JitsuinError('evidence.invalid', `The key protocol is not acceptable: ${why}.`, { at });
}
