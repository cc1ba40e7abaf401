import type { EpochMillis } from '../core/brand.ts';

/** Every job there is. The payload is an opaque id only: no token, name, document or certificate enters a queue. */
export type JobName =
  | 'start-signature' // sp, gov: a sign transaction that could not be opened at once; subject is an ApplicationId
  | 'fetch-result' // sp, gov: result of the sign transaction; subject is an ApplicationId
  | 'submit-verification' // sp: hand-off to the platform operator; subject is an ApplicationId
  | 'await-verification' // sp: ask for the verdict; subject is an ApplicationId
  | 'verify-application' // gov: verify inside; subject is an ApplicationId
  | 'verify' // pf: decrypt, check, assemble, keep evidence; subject is a VerificationId
  | 'deliver-webhook' // any: subject is a delivery id
  | 'sweep'; // any: find what is stuck or past its clock; subject is empty

export const JOB_PAYLOAD_VERSION = 1;

/** A job to be published in the same transaction as the state change that needs it (the outbox). */
export interface JobRequest {
  readonly name: JobName;
  readonly subject: string;
  /** Not before this instant; absent: at once. */
  readonly notBefore?: EpochMillis;
  /** Unique while kept in our own table: the same key is published once. */
  readonly key: string;
  /** Whose server the job may have to wait for, where that is not the same for all jobs of its name. */
  readonly lane?: JobLane;
}

/** Opaque ids; a queue keeps a few runs at most for each of them. */
interface JobLane {
  /** The server that is asked: a webhook endpoint, or a kind of revocation source. */
  readonly endpoint: string;
  readonly tenant?: string;
}

/** These race a clock that is not ours: they are always handed out before any other. */
export const JOBS_WITH_A_DEADLINE: readonly JobName[] = ['fetch-result'];

/** A job as a handler gets it. At least once: handlers are idempotent. */
export interface Job {
  readonly id: string;
  readonly name: JobName;
  readonly version: number;
  readonly subject: string;
  /** 1 for the first run. */
  readonly attempt: number;
  /** Aborted when the lease was lost or the process drains. */
  readonly signal: AbortSignal;
}

/** What a handler wants done. A thrown JitsuinError is mapped by `adapters/queue/retry-policy.ts`. */
export type JobOutcome = (
  | { readonly kind: 'done' }
  | { readonly kind: 'later'; readonly notBefore: EpochMillis }
) & {
  /** The server did not answer: no job of the same lane's endpoint starts before. */
  readonly endpointRestsUntil?: EpochMillis;
};

export type JobHandler = (job: Job) => Promise<JobOutcome>;

export type JobHandlers = Partial<Record<JobName, JobHandler>>;

/** How many runs of one job name a process may have at once. */
export interface JobSlots {
  /** Runs that hold a place. */
  readonly concurrency: number;
  /**
   * With lanes: a run that has taken longer than this waits for somebody else's server and gives its place back,
   * while it goes on; milliseconds. Absent: a run holds its place to its end.
   */
  readonly patienceMillis?: number;
  /** Runs in all, those that gave their place back included; default `concurrency`. */
  readonly most?: number;
  /** Runs in all for one endpoint; default `most`. */
  readonly perEndpoint?: number;
  /** Runs in all for one tenant; default `most`. */
  readonly perTenant?: number;
}

export interface WorkOptions {
  /** False while this process may take no job, for example because its clock is off. */
  mayTakeWork?(): boolean;
  /** Runs at once of each job name: every name has slots of its own, so that none waits for another. */
  readonly concurrency: number;
  /** Where a name has others. */
  readonly slots?: Partial<Record<JobName, JobSlots>>;
}

export interface DeadLetter {
  readonly id: string;
  readonly name: JobName;
  readonly subject: string;
  readonly attempts: number;
  /** Stable error code of the last failure. */
  readonly reason: string;
  /** HTTP status of who answered instead, and octets of the body that was sent where a proxy did. */
  readonly status?: number;
  readonly octets?: number;
  readonly failedAt: EpochMillis;
}

export interface JobCounts {
  readonly waiting: number;
  readonly delayed: number;
  readonly active: number;
  readonly dead: number;
}

export interface JobWorker {
  /** Stops claiming, waits for active handlers up to the deadline, releases leases. */
  close(deadlineMillis: number): Promise<void>;
}

/** A role's background jobs, running until closed: every job under way ends first, within the worker's deadline. */
export interface RunningWorker {
  close(): Promise<void>;
}

/**
 * At-least-once queue, fed from the outbox. Contract: not before `notBefore`, at most 1 s late; oldest due first
 * within a name.
 */
export interface JobQueue {
  /** Runs handlers for the named jobs until closed. Names without a handler stay in the queue. */
  work(handlers: JobHandlers, options: WorkOptions): JobWorker;
  /** Publishes outbox rows that wait; called after a commit and by the sweep. Returns how many. */
  relay(): Promise<number>;
  counts(): Promise<JobCounts>;
  /** Rejects while jobs can neither be handed on nor taken. */
  ready(): Promise<void>;
  deadLetters(limit: number): Promise<readonly DeadLetter[]>;
  /** Puts a dead letter back to work. False when there is none of that id. */
  retry(id: string): Promise<boolean>;
  drop(id: string): Promise<boolean>;
  close(): Promise<void>;
}
