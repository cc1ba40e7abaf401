import type { EpochMillis } from '../core/brand.ts';
import type { AuditEvent } from './audit.ts';
import type { Passkey } from './passkey-ceremony.ts';

/**
 * `viewer` looks on; `operator` works; `auditor` examines what others did; `administrator` changes keys, tenants,
 * people.
 */
export const STAFF_ROLES = ['viewer', 'operator', 'auditor', 'administrator'] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** A person who works with the console. */
export interface StaffMember {
  /** UUIDv7. */
  readonly id: string;
  /** As colleagues know them; shown in the console, never in the audit chain. */
  readonly name: string;
  readonly role: StaffRole;
  readonly state: 'invited' | 'active' | 'disabled';
  /** 32 random octets, the passkeys' user handle. */
  readonly handle: Uint8Array;
  readonly createdAt: EpochMillis;
  readonly updatedAt: EpochMillis;
}

/** Lets its operator make one passkey, once. The secret itself is with the operator only. */
export interface StaffInvitation {
  /** Hex SHA-256 of the secret. */
  readonly secretHash: string;
  readonly operatorId: string;
  readonly expiresAt: EpochMillis;
}

export interface StaffPasskey extends Passkey {
  readonly operatorId: string;
  readonly createdAt: EpochMillis;
  readonly usedAt?: EpochMillis;
}

/** A logged-in browser. The cookie holds the secret id, the store its SHA-256. */
export interface StaffSession {
  /** Hex SHA-256 of the cookie's value. */
  readonly idHash: string;
  readonly operatorId: string;
  /** Sealed at rest. */
  readonly csrf: string;
  readonly createdAt: EpochMillis;
  /** Of its newest request, to within a minute: the idle clock. */
  readonly seenAt: EpochMillis;
  /** The absolute clock. */
  readonly expiresAt: EpochMillis;
}

/**
 * Operators of one role's console with their invitations, passkeys and sessions. Changes carry their audit record
 * along.
 */
export interface StaffStore {
  /** A new operator, or a new invitation of one who is there. */
  invite(operator: StaffMember, invitation: StaffInvitation, audit: AuditEvent): Promise<void>;
  get(id: string): Promise<StaffMember | undefined>;
  /** Oldest first. */
  list(): Promise<readonly StaffMember[]>;
  findInvitation(secretHash: string): Promise<StaffInvitation | undefined>;
  /**
   * Uses up the invitation, keeps the passkey, makes the operator active; false (and nothing) when it was used up
   * or ended before.
   */
  enrol(
    invitation: StaffInvitation,
    passkey: StaffPasskey,
    now: EpochMillis,
    audit: AuditEvent,
  ): Promise<boolean>;
  passkeysOf(operatorId: string): Promise<readonly StaffPasskey[]>;
  findPasskey(id: string): Promise<StaffPasskey | undefined>;
  /** A login: the passkey's new counter by compare-and-set, and the session; false when somebody else was first. */
  login(
    passkey: StaffPasskey,
    counterBefore: number,
    session: StaffSession,
    audit: AuditEvent,
  ): Promise<boolean>;
  putSession(session: StaffSession): Promise<void>;
  getSession(idHash: string): Promise<StaffSession | undefined>;
  touchSession(idHash: string, seenAt: EpochMillis): Promise<void>;
  endSession(idHash: string, audit: AuditEvent): Promise<void>;
  /**
   * Ends every session and invitation of the operator too; false when there is no such operator or they are
   * disabled already.
   */
  disable(id: string, now: EpochMillis, audit: AuditEvent): Promise<boolean>;
  /** Sessions and invitations whose absolute clock ran out. */
  purge(now: EpochMillis): Promise<number>;
}
