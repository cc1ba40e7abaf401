/** `jitsuin/client`: typed callers of the HTTP API of each role, generated from its OpenAPI document. */
import { type Client, createClient } from './client.ts';
import { GOV_OPERATIONS, type GovOperations } from './generated/gov.ts';
import { PF_OPERATIONS, type PfOperations } from './generated/pf.ts';
import { SP_OPERATIONS, type SpOperations } from './generated/sp.ts';
import type { ClientOptions } from './options.ts';

export type { Answer } from './attempt.ts';
export {
  type BatchClient,
  type BatchDocument,
  type BatchOptions,
  endOfEach,
  type Submitted,
  submitEach,
  type WaitOptions,
} from './batch.ts';
export { type ClientKey, clientAssertions } from './client-assertions.ts';
export { each, type UntilOptions, until } from './each.ts';
export {
  type CallFacts,
  isProblem,
  JitsuinProblem,
  JitsuinUnreachable,
  type ProblemCode,
  type ProblemFacts,
} from './errors.ts';
export type * as gov from './generated/gov.ts';
export type * as pf from './generated/pf.ts';
export type * as sp from './generated/sp.ts';
export { hasEnded } from './has-ended.ts';
export type { Octets } from './operation-entry.ts';
export type { CallOptions, ClientOptions, Pacing } from './options.ts';
export { type FileBeside, type PackedBody, withFiles } from './with-files.ts';

export type SpClient = Client<SpOperations>;
export type GovClient = Client<GovOperations>;
export type PfClient = Client<PfOperations>;

/** A caller of a private relying party. */
export function createSpClient(options: ClientOptions): SpClient {
  return createClient<SpOperations>(SP_OPERATIONS, options);
}

/** A caller of an agency. */
export function createGovClient(options: ClientOptions): GovClient {
  return createClient<GovOperations>(GOV_OPERATIONS, options);
}

/** A caller of a platform operator; its bearer is `clientAssertions`. */
export function createPfClient(options: ClientOptions): PfClient {
  return createClient<PfOperations>(PF_OPERATIONS, options);
}
