import { makeCard, type SimulatedCard } from '../card/card.ts';
import { deriveUuid } from '../derive.ts';
import { type Journal, makeJournal } from '../journal.ts';
import type { JpkiRegistry } from '../jpki/registry.ts';
import type { SimulatorClient, SimulatorOptions } from '../options.ts';
import { ExpiringMap } from './expiring-map.ts';
import { type FaultQueue, makeFaultQueue } from './fault-queue.ts';
import type { Fault } from './faults.ts';
import type { ServiceKeys } from './service-keys.ts';
import type { ServiceMode } from './signing-input.ts';

/** An authorization request that was found in order and waits for its citizen. */
export interface Interaction {
  readonly id: string;
  /** Value of the browser's cookie; the form counts only with it. */
  readonly cookie: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly scope: readonly string[];
  readonly codeChallenge: string;
  readonly signTransactionId: string | undefined;
  readonly fault: Fault | undefined;
}

/** Who authenticated where. */
export interface CitizenSession {
  readonly clientId: string;
  readonly personId: string;
  readonly sub: string;
  readonly sid: string;
  /** Epoch seconds. */
  readonly authTime: number;
}

/** What stands behind an access token. */
export type Grant =
  | { readonly kind: 'client'; readonly clientId: string; readonly scope: readonly string[] }
  | {
      readonly kind: 'citizen';
      readonly clientId: string;
      readonly scope: readonly string[];
      readonly session: CitizenSession;
    };

export interface AuthorizationCode {
  readonly interaction: Interaction;
  readonly session: CitizenSession;
}

/** Where a sign transaction stands. */
export type SignTransactionState =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'signed';
      readonly sub: string;
      readonly personId: string;
      readonly signatureValue: Buffer;
      readonly certificate: Buffer;
      /** Epoch milliseconds; the result goes an hour later. */
      readonly signedAt: number;
    }
  | { readonly kind: 'failed'; readonly sub: string; readonly row: string };

export interface SignTransaction {
  readonly id: string;
  readonly clientId: string;
  readonly displayName: string;
  readonly identificationCode: string;
  readonly data: Uint8Array;
  readonly mode: ServiceMode;
  readonly expiresAt: number;
  state: SignTransactionState;
}

interface RefreshGrant {
  readonly grant: Extract<Grant, { kind: 'citizen' }>;
  readonly expiresAt: number;
}

/** Everything the service remembers; all of it in memory. */
export interface World {
  readonly url: string;
  readonly issuer: string;
  readonly seed: string;
  readonly now: () => number;
  readonly registry: JpkiRegistry;
  readonly cards: ReadonlyMap<string, SimulatedCard>;
  readonly keys: ServiceKeys;
  readonly faults: FaultQueue;
  readonly journal: Journal;
  readonly observed: SimulatorOptions['observed'];
  readonly clients: Map<string, SimulatorClient>;
  /** Puts a client in, in the place of one of the same id, and tells who keeps them. */
  register(client: SimulatorClient): void;
  /** Whether there was one of that id. */
  unregister(clientId: string): boolean;
  readonly interactions: ExpiringMap<Interaction>;
  readonly codes: ExpiringMap<AuthorizationCode>;
  /** Used codes, with the tokens that they gave. */
  readonly usedCodes: ExpiringMap<readonly string[]>;
  readonly access: ExpiringMap<Grant>;
  readonly refresh: ExpiringMap<RefreshGrant>;
  readonly transactions: ExpiringMap<SignTransaction>;
  readonly assertionIds: ExpiringMap<true>;
  readonly sessions: ExpiringMap<CitizenSession>;
}

export const REALM_PATH = '/api/realms/main';

export function makeWorld(
  options: SimulatorOptions,
  url: string,
  registry: JpkiRegistry,
  keys: ServiceKeys,
): World {
  const now = options.now;
  const clients = new Map((options.clients ?? []).map((client) => [client.clientId, client]));
  const faults = makeFaultQueue();
  for (const { endpoint, name, ...more } of options.faults ?? []) faults.next(endpoint, name, more);
  return {
    url,
    issuer: url + REALM_PATH,
    seed: options.seed,
    now,
    registry,
    cards: new Map(registry.cards.map((issued) => [issued.resident.id, makeCard(issued)])),
    keys,
    faults,
    journal: makeJournal(options.heard),
    observed: options.observed,
    clients,
    register(client) {
      clients.set(client.clientId, client);
      options.registered?.([...clients.values()]);
    },
    unregister(clientId) {
      const there = clients.delete(clientId);
      if (there) options.registered?.([...clients.values()]);
      return there;
    },
    interactions: new ExpiringMap(now),
    codes: new ExpiringMap(now),
    usedCodes: new ExpiringMap(now),
    access: new ExpiringMap(now),
    refresh: new ExpiringMap(now),
    transactions: new ExpiringMap(now),
    assertionIds: new ExpiringMap(now),
    sessions: new ExpiringMap(now),
  };
}

/** PPID: differs from client to client, is the same after a restart with the same seed. */
export function pairwiseSubject(seed: string, clientId: string, personId: string): string {
  return deriveUuid(seed, `sub ${clientId} ${personId}`);
}
