import type { JSONWebKeySet } from 'jose';
import type { TenantId } from '../core/brand.ts';

/** A tenant that signs its own bearer assertions (RFC 7523). */
export interface AssertionTenant {
  readonly tenant: TenantId;
  /** `iss` and `sub` of its assertions. */
  readonly clientId: string;
  /** Public keys; two while rotating. */
  readonly jwks: JSONWebKeySet;
}
