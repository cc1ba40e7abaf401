import type { WebhookEvent, WebhookType } from '../contracts/webhooks.ts';
import type { EpochMillis, TenantId } from '../core/brand.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { AuditEvent } from './audit.ts';

/** A state change that a tenant wants to hear of; written with the change itself. */
export interface WebhookNotice {
  readonly type: WebhookEvent;
  readonly tenant: TenantId;
  readonly at: EpochMillis;
  /** Ids and states only. */
  readonly data: { readonly id: string; readonly state: string };
}

export interface WebhookSecret {
  /** `whsec_` and base64 of 32 octets. Protected. */
  readonly value: string;
  /** Signs beside its successor until then. */
  readonly retiresAt?: EpochMillis;
}

export interface WebhookEndpoint {
  readonly id: string;
  readonly tenant: TenantId;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly state: 'enabled' | 'disabled' | 'gone';
  /** 1 at insert, +1 with every update (compare-and-set). */
  readonly revision: number;
  /** Newest first; sealed at rest. */
  readonly secrets: readonly WebhookSecret[];
  readonly createdAt: EpochMillis;
  readonly updatedAt: EpochMillis;
}

export type DeliveryState = 'waiting' | 'delivered' | 'failed' | 'dropped';

export interface WebhookDelivery {
  readonly id: string;
  readonly tenant: TenantId;
  readonly endpointId: string;
  readonly type: WebhookType;
  readonly subject: string;
  /** The very text that is signed and sent. */
  readonly payload: string;
  readonly state: DeliveryState;
  /** Attempts made so far, over all rounds. */
  readonly attempts: number;
  /** Attempts made before the last replay. */
  readonly replayedAt: number;
  readonly createdAt: EpochMillis;
  readonly updatedAt: EpochMillis;
}

export interface WebhookAttempt {
  readonly number: number;
  readonly at: EpochMillis;
  readonly status?: number;
  readonly code?: ErrorCode;
  readonly durationMillis: number;
}

export interface DeliveryQuery {
  readonly tenant: TenantId;
  readonly endpointId: string;
  readonly state?: DeliveryState;
  readonly after?: string;
  readonly limit: number;
}

export interface WebhookStore {
  /** Nothing is written when this tenant has an endpoint of that URL, or `most` already. */
  insertEndpoint(
    endpoint: WebhookEndpoint,
    most: number,
    audit: AuditEvent,
  ): Promise<'inserted' | 'exists' | 'too-many'>;
  /** Compare-and-set; false when somebody else was first. */
  updateEndpoint(next: WebhookEndpoint, audit: AuditEvent): Promise<boolean>;
  /** With all its deliveries. */
  deleteEndpoint(endpoint: WebhookEndpoint, audit: AuditEvent): Promise<void>;
  getEndpoint(id: string, tenant: TenantId): Promise<WebhookEndpoint | undefined>;
  listEndpoints(tenant: TenantId): Promise<readonly WebhookEndpoint[]>;
  getDelivery(id: string, tenant?: TenantId): Promise<WebhookDelivery | undefined>;
  listDeliveries(query: DeliveryQuery): Promise<readonly WebhookDelivery[]>;
  attempts(deliveryId: string): Promise<readonly WebhookAttempt[]>;
  /** The outcome of one attempt, or its end without one; compare-and-set by the number of attempts. */
  settle(
    delivery: WebhookDelivery,
    state: DeliveryState,
    now: EpochMillis,
    attempt?: WebhookAttempt,
  ): Promise<boolean>;
  /** Back to `waiting` with a job of its own; false when it waits already. */
  replay(delivery: WebhookDelivery, now: EpochMillis, audit: AuditEvent): Promise<boolean>;
  /** One delivery of `webhook.test` to this endpoint alone, with its job. Gives it. */
  test(endpoint: WebhookEndpoint, now: EpochMillis, audit: AuditEvent): Promise<WebhookDelivery>;
  /** Forgets deliveries that have ended before this instant, with their attempts. Gives how many. */
  purge(before: EpochMillis): Promise<number>;
}
