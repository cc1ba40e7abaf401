import type { AuditEvent } from './audit.ts';

/** A tenant's own random ids of citizens: never the same for two tenants, never derived from a certificate. */
export interface SubjectStore {
  /** The id of the citizen of this certificate (DER) for the tenant; `fresh` becomes it the first time. */
  idFor(tenant: string, certificate: Uint8Array, fresh: string): Promise<string>;
  /**
   * The citizen gets another id from now on, and nothing leads from the old one to a certificate. False when the
   * tenant has no such id.
   */
  forget(tenant: string, subject: string, audit: readonly AuditEvent[]): Promise<boolean>;
  /** After a renewal: whoever has the id `merged` has `kept` from now on. False when the tenant has no such ids. */
  link(tenant: string, kept: string, merged: string, audit: readonly AuditEvent[]): Promise<boolean>;
}
