import type { ApplicationId, EpochMillis, TenantId } from '../core/brand.ts';
import type { AttachedFile } from '../core/forms/attached-files.ts';
import type { Application, ApplicationState } from '../core/sign-transaction/application.ts';
import type { Effects } from './effects.ts';

export interface ApplicationQuery {
  readonly tenant?: TenantId;
  readonly states?: readonly ApplicationState[];
  /** The tenant's own id of it, or the id of the request that brought it. */
  readonly reference?: string;
  /** Received at or after this instant. */
  readonly from?: EpochMillis;
  /** Received before this instant. */
  readonly until?: EpochMillis;
  /** Exclusive; the id of the last record of the page before (newest first). */
  readonly after?: ApplicationId;
  readonly limit: number;
}

/**
 * What a tenant may look at again and again: an application without its secrets, but for the word of its
 * `sign_url`.
 */
export interface ApplicationGlance {
  readonly application: Application;
  readonly signLink?: string;
}

/** Applications of sp and gov. Fields under `secrets` are sealed at rest, column by column. */
export interface ApplicationStore {
  /** @param files those beside the document: kept with it, sealed one by one, and gone with it */
  insert(application: Application, effects: Effects, files?: readonly AttachedFile[]): Promise<void>;
  /** The files beside the document in their order; none once they were purged. @throws JitsuinError `seal.integrity` */
  files(id: ApplicationId, tenant: TenantId): Promise<readonly AttachedFile[]>;
  get(id: ApplicationId, tenant?: TenantId): Promise<Application | undefined>;
  /** As `get`, but the document stays where it is: nobody waits for its megabytes who needs none of them. */
  withoutDocument(id: ApplicationId, tenant?: TenantId): Promise<Application | undefined>;
  /** Neither reads the document nor opens what it does not give. */
  glance(id: ApplicationId, tenant: TenantId): Promise<ApplicationGlance | undefined>;
  /** By the SHA-256 (hex) of the `state` parameter of the authorization request; no document, as in all that follow. */
  findByStateHash(stateHash: string): Promise<Application | undefined>;
  /** In one of these states with this keyed hash of `sub`, over all tenants; for back-channel logout. */
  findBySubjectHash(
    subjectHash: string,
    states: readonly ApplicationState[],
  ): Promise<readonly Application[]>;
  list(query: ApplicationQuery): Promise<readonly Application[]>;
  /**
   * Compare-and-set: writes `next` only when the stored revision is `next.revision - 1`, with its effects, in one
   * transaction. False when somebody else was first (fencing: a late run cannot commit).
   */
  update(next: Application, effects: Effects): Promise<boolean>;
  /** Not yet ended and `deadline` passed, or `purgeAt` passed and secrets not yet purged; for the sweep. */
  due(now: EpochMillis, limit: number): Promise<readonly Application[]>;
  /** In one of these states and unchanged since before `before`; for the sweep that repairs lost jobs. */
  stuck(
    states: readonly ApplicationState[],
    before: EpochMillis,
    limit: number,
  ): Promise<readonly Application[]>;
  /** In this state with a deadline up to `deadline`, the earliest first, without secrets; for people who look at it. */
  standing(state: ApplicationState, deadline: EpochMillis, limit: number): Promise<readonly Application[]>;
}
