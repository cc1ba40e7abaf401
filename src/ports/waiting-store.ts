import type { ApplicationId, EpochMillis, TenantId } from '../core/brand.ts';

/** Who waits for the service's rate. */
interface WaitingPlace {
  readonly application: ApplicationId;
  readonly tenant: TenantId;
  readonly now: EpochMillis;
}

/**
 * The line of citizens, shared by all processes. Tenants take turns in it: the n-th of one stands beside the n-th of
 * another, whoever sends more people.
 */
export interface WaitingStore {
  /** Takes a place, at the end of its tenant's; one that has a place keeps it. */
  enter(place: WaitingPlace): Promise<void>;
  /** It was seen now. Undefined: it has no place. Else how many are before it who were seen since. */
  ahead(application: ApplicationId, now: EpochMillis, seenSince: EpochMillis): Promise<number | undefined>;
  leave(application: ApplicationId): Promise<void>;
  /** How many wait who were seen since. */
  size(seenSince: EpochMillis): Promise<number>;
  /** How far ahead of `now` the permits of a service are given out; milliseconds. */
  permitsAhead(service: string, now: EpochMillis): Promise<number>;
  /** Forgets who was not seen since. Gives how many. */
  purge(before: EpochMillis): Promise<number>;
}
