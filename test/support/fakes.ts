import { createHash } from 'node:crypto';
import type {
  ApplicationId,
  CompactJwe,
  EpochMillis,
  SignTransactionId,
  TenantId,
} from '../../src/core/brand.ts';
import { toUtf8 } from '../../src/core/encoding.ts';
import type { AttachedFile } from '../../src/core/forms/attached-files.ts';
import { formCatalogue } from '../../src/core/forms/catalogue.ts';
import type { Application, ApplicationState } from '../../src/core/sign-transaction/application.ts';
import { isFinal } from '../../src/core/sign-transaction/machine.ts';
import { CLOCKS } from '../../src/core/sign-transaction/machine-table.ts';
import type {
  ApplicationGlance,
  ApplicationQuery,
  ApplicationStore,
} from '../../src/ports/application-store.ts';
import type { AuditEvent, AuditLog } from '../../src/ports/audit.ts';
import type {
  AuthAndSign,
  AuthorizationRequest,
  ClearResult,
  EncryptedResult,
  StartSignatureRequest,
  TokenSet,
} from '../../src/ports/auth-and-sign.ts';
import type { Effects } from '../../src/ports/effects.ts';
import type { JobRequest } from '../../src/ports/job-queue.ts';
import type { Log, LogFields } from '../../src/ports/log.ts';
import type { Random } from '../../src/ports/random.ts';
import type { ReplayStore } from '../../src/ports/replay-store.ts';
import type { BrowserSession, SessionStore } from '../../src/ports/session-store.ts';
import type { RelyingParty } from '../../src/rp/relying-party.ts';
import { FakePasskeyStore } from './fake-passkey-store.ts';

/** A clock that a test moves. */
export class FakeClock {
  millis = 1_750_000_000_000;
  now(): EpochMillis {
    return this.millis as EpochMillis;
  }
  advance(millis: number): void {
    this.millis += millis;
  }
}

/** Deterministic octets and ids: the same seed, the same run. */
export class FakeRandom implements Random {
  private counter = 0;
  octets(count: number): Uint8Array {
    const blocks: Buffer[] = [];
    for (let length = 0; length < count; length += 32) {
      this.counter += 1;
      blocks.push(createHash('sha256').update(`fake ${this.counter}`).digest());
    }
    return new Uint8Array(Buffer.concat(blocks).subarray(0, count));
  }
  id(): string {
    this.counter += 1;
    return `00000000-0000-7000-8000-${String(this.counter).padStart(12, '0')}`;
  }
}

/** The document lies beside the record, and stays there while the record has secrets. */
function withDocumentOf({ secrets: before }: Application, next: Application): Application {
  const document = next.secrets?.document ?? before?.document;
  if (next.secrets === undefined || document === undefined) return next;
  return { ...next, secrets: { ...next.secrets, document } };
}

/** Applications in memory with compare-and-set; `failNextUpdates` loses the next races on purpose. */
export class FakeApplications implements ApplicationStore {
  readonly records = new Map<string, Application>();
  readonly audit: AuditEvent[] = [];
  readonly jobs: JobRequest[] = [];
  readonly states: ApplicationState[] = [];
  failNextUpdates = 0;
  /** Thrown by the next update: the process dies before the commit. */
  crashNextUpdate: Error | undefined;

  readonly beside = new Map<string, readonly AttachedFile[]>();
  async insert(
    application: Application,
    effects: Effects,
    files: readonly AttachedFile[] = [],
  ): Promise<void> {
    this.records.set(application.id, application);
    this.beside.set(application.id, files);
    this.commit(application, effects);
  }
  async files(id: ApplicationId): Promise<readonly AttachedFile[]> {
    return this.beside.get(id) ?? [];
  }
  async get(id: ApplicationId, tenant?: TenantId): Promise<Application | undefined> {
    const found = this.records.get(id);
    return tenant === undefined || found?.tenant === tenant ? found : undefined;
  }
  async withoutDocument(id: ApplicationId, tenant?: TenantId): Promise<Application | undefined> {
    const found = await this.get(id, tenant);
    if (found?.secrets === undefined) return found;
    const { document: _left, ...secrets } = found.secrets;
    return { ...found, secrets };
  }
  async glance(id: ApplicationId, tenant: TenantId): Promise<ApplicationGlance | undefined> {
    const found = await this.get(id, tenant);
    if (found === undefined) return undefined;
    const { secrets, ...application } = found;
    return { application, ...(secrets?.signLink === undefined ? {} : { signLink: secrets.signLink }) };
  }
  async findByStateHash(stateHash: string): Promise<Application | undefined> {
    return [...this.records.values()].find((record) => record.stateHash === stateHash);
  }
  async findBySubjectHash(subjectHash: string, states: readonly ApplicationState[]): Promise<Application[]> {
    return [...this.records.values()].filter(
      (record) => record.subjectHash === subjectHash && states.includes(record.state),
    );
  }
  async list(query: ApplicationQuery): Promise<Application[]> {
    return [...this.records.values()]
      .filter((record) => record.tenant === query.tenant)
      .slice(0, query.limit);
  }
  async update(next: Application, effects: Effects): Promise<boolean> {
    if (this.crashNextUpdate !== undefined) {
      const crash = this.crashNextUpdate;
      this.crashNextUpdate = undefined;
      throw crash;
    }
    if (this.failNextUpdates > 0) {
      this.failNextUpdates -= 1;
      return false;
    }
    const before = this.records.get(next.id);
    if (before?.revision !== next.revision - 1) return false;
    this.records.set(next.id, withDocumentOf(before, next));
    this.commit(next, effects);
    return true;
  }
  async due(now: EpochMillis, limit: number): Promise<Application[]> {
    return [...this.records.values()]
      .filter((record) =>
        isFinal(record.state)
          ? record.secrets !== undefined && record.purgeAt <= now
          : record.deadline <= now,
      )
      .slice(0, limit);
  }
  async stuck(
    states: readonly ApplicationState[],
    before: EpochMillis,
    limit: number,
  ): Promise<Application[]> {
    return [...this.records.values()]
      .filter((record) => states.includes(record.state) && record.updatedAt < before)
      .slice(0, limit);
  }
  async standing(state: ApplicationState, deadline: EpochMillis, limit: number): Promise<Application[]> {
    return [...this.records.values()]
      .filter((record) => record.state === state && record.deadline <= deadline)
      .sort((a, b) => a.deadline - b.deadline)
      .slice(0, limit);
  }
  /** The one record of a test. */
  only(): Application {
    const [record] = [...this.records.values()];
    if (record === undefined) throw new Error('no application was stored');
    return record;
  }
  private commit(application: Application, effects: Effects): void {
    this.audit.push(...effects.audit);
    this.jobs.push(...(effects.jobs ?? []));
    this.states.push(application.state);
  }
}

export class FakeAudit implements AuditLog {
  readonly events: AuditEvent[] = [];
  async append(event: AuditEvent): Promise<void> {
    this.events.push(event);
  }
  async verify() {
    return { records: this.events.length, head: '', chains: 0, seals: 0, unsealed: 0, unclosed: [] };
  }
}

export class FakeSessions implements SessionStore {
  readonly sessions = new Map<string, BrowserSession>();
  async put(session: BrowserSession): Promise<void> {
    this.sessions.set(session.idHash, session);
  }
  async get(idHash: string): Promise<BrowserSession | undefined> {
    return this.sessions.get(idHash);
  }
  async updateLogin(next: BrowserSession): Promise<boolean> {
    const stored = this.sessions.get(next.idHash);
    if ((stored?.login?.revision ?? -1) !== (next.login?.revision ?? 0) - 1) return false;
    this.sessions.set(next.idHash, next);
    return true;
  }
  async delete(idHash: string): Promise<void> {
    this.sessions.delete(idHash);
  }
  async endAll(subjectHash: string, sid?: string): Promise<number> {
    const ended = [...this.sessions.values()].filter(
      (session) => session.subjectHash === subjectHash && (sid === undefined || session.sid === sid),
    );
    for (const { idHash } of ended) this.sessions.delete(idHash);
    return ended.length;
  }
  async purge(): Promise<number> {
    return 0;
  }
}

/** Remembers event and fields of every line. */
export class FakeLog implements Log {
  readonly lines: { level: string; event: string; fields: LogFields }[] = [];
  info(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', event, fields });
  }
  warn(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', event, fields });
  }
  error(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', event, fields });
  }
}

export class FakeReplay implements ReplayStore {
  readonly seen = new Set<string>();
  async remember(use: string, value: string): Promise<boolean> {
    const key = `${use} ${value}`;
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    return true;
  }
  async forget(use: string, value: string): Promise<void> {
    this.seen.delete(`${use} ${value}`);
  }
  async purge(): Promise<number> {
    return 0;
  }
}

export const FAKE_TOKENS: TokenSet = {
  accessToken: 'MARK-access-token',
  refreshToken: 'MARK-refresh-token',
  idToken: 'MARK-id-token',
  subject: 'MARK-subject',
  sid: 'sid-1',
  expiresAt: 1_750_000_900_000 as EpochMillis,
};

type Result = EncryptedResult | ClearResult;
type Script<T> = readonly (T | Error)[];

/** The service, scripted: each call takes the next answer (the last one stays), and is counted. */
export class FakeAuthAndSign implements AuthAndSign {
  readonly calls = { start: 0, exchange: 0, refresh: 0, result: 0 };
  readonly started: StartSignatureRequest[] = [];
  readonly exchanged: { code: string; request: AuthorizationRequest }[] = [];
  readonly sent: AuthorizationRequest[] = [];
  readonly askedWith: string[] = [];
  /** Each call opens another transaction, unless a script says otherwise. */
  start: Script<string> = Array.from(
    { length: 500 },
    (_, n) => `37a52ac8-b232-ebac-a454-${(0x04d68916489f + n).toString(16).padStart(12, '0')}`,
  );
  tokens: Script<TokenSet> = [FAKE_TOKENS];
  refreshed: Script<TokenSet> = [{ ...FAKE_TOKENS, accessToken: 'MARK-second-access-token' }];
  results: Script<Result> = [{ kind: 'encrypted', jwe: 'h..i.c.t' as CompactJwe }];
  /** Runs while an exchange is under way. */
  duringExchange: () => Promise<void> = async () => undefined;

  async authorizationUrl(request: AuthorizationRequest): Promise<string> {
    this.sent.push(request);
    return `https://op.example/auth?state=${request.state}`;
  }
  async exchangeCode(code: string, request: AuthorizationRequest): Promise<TokenSet> {
    this.exchanged.push({ code, request });
    const answer = take(this.tokens, this.calls.exchange);
    this.calls.exchange += 1;
    await this.duringExchange();
    return orThrow(answer);
  }
  async refresh(): Promise<TokenSet> {
    this.calls.refresh += 1;
    return orThrow(take(this.refreshed, this.calls.refresh - 1));
  }
  async startSignature(request: StartSignatureRequest): Promise<{ id: SignTransactionId }> {
    this.started.push(request);
    this.calls.start += 1;
    return { id: orThrow(take(this.start, this.calls.start - 1)) as SignTransactionId };
  }
  async fetchResult(_id: SignTransactionId, accessToken: string): Promise<Result> {
    this.askedWith.push(accessToken);
    this.calls.result += 1;
    return orThrow(take(this.results, this.calls.result - 1));
  }
  async userInfo(_accessToken: string, expectedSubject: string) {
    return { subject: expectedSubject };
  }
}

function take<T>(script: Script<T>, index: number): T | Error {
  const answer = script[Math.min(index, script.length - 1)];
  if (answer === undefined) throw new Error('the script of the fake is empty');
  return answer;
}

function orThrow<T>(answer: T | Error): T {
  if (answer instanceof Error) throw answer;
  return answer;
}

export interface FakeWorld extends RelyingParty {
  readonly applications: FakeApplications;
  readonly authAndSign: FakeAuthAndSign;
  readonly audit: FakeAudit;
  readonly sessions: FakeSessions;
  readonly replay: FakeReplay;
  readonly passkeys: FakePasskeyStore;
  readonly log: FakeLog;
  readonly clock: FakeClock;
  readonly random: FakeRandom;
}

export const hashSubject = (subject: string): string =>
  createHash('sha256').update('key').update(toUtf8(subject)).digest('hex');

/** A relying party in memory. */
export function fakeWorld(): FakeWorld {
  return {
    applications: new FakeApplications(),
    authAndSign: new FakeAuthAndSign(),
    audit: new FakeAudit(),
    sessions: new FakeSessions(),
    replay: new FakeReplay(),
    passkeys: new FakePasskeyStore(),
    log: new FakeLog(),
    clock: new FakeClock(),
    random: new FakeRandom(),
    forms: formCatalogue(),
    settings: {
      issuer: 'https://op.example/api/realms/main',
      redirectUri: 'https://rp.example/callback',
      scope: ['openid', 'sign'],
      profile: 'enveloped',
      mode: 'digest-info',
      clocks: CLOCKS,
      stateLife: 10 * 60_000,
      hashSubject,
      signer: { login: 'optional', subjects: 'comparable', names: 'compared' },
    },
  };
}

export const DOCUMENT = toUtf8('<?xml version="1.0"?>\n<届出><氏名>模擬 太郎</氏名></届出>');
