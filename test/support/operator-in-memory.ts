import type { EpochMillis, TenantId, VerificationId } from '../../src/core/brand.ts';
import { fromUtf8, toBase64, toHex, toUtf8 } from '../../src/core/encoding.ts';
import { JitsuinError } from '../../src/core/errors.ts';
import { PRICE_LIST } from '../../src/core/fees/price-list.ts';
import type { AttachedFile } from '../../src/core/forms/attached-files.ts';
import { formCatalogue } from '../../src/core/forms/catalogue.ts';
import {
  FINAL_VERIFICATION_STATES,
  type Verification,
  type VerificationState,
} from '../../src/core/sign-transaction/verification.ts';
import type { PlatformOperator } from '../../src/pf/platform-operator.ts';
import type { ContractItem } from '../../src/pf/tenant-rights.ts';
import type { AuditEvent } from '../../src/ports/audit.ts';
import type { DecryptionKey } from '../../src/ports/decryption-key.ts';
import type { Effects } from '../../src/ports/effects.ts';
import type { FeeEntry } from '../../src/ports/fee-ledger.ts';
import type { SignatureOctets } from '../../src/ports/signature-memory.ts';
import type { KeptStatusCheck, StatusCheckStore } from '../../src/ports/status-check-store.ts';
import type { VerificationQuery, VerificationStore } from '../../src/ports/verification-store.ts';
import type { WebhookNotice } from '../../src/ports/webhook-store.ts';
import { encryptBundle } from '../../src/simulator/auth-and-sign/bundle.ts';
import { makeCrl } from '../../src/simulator/jpki/crl.ts';
import { answerOcsp } from '../../src/simulator/jpki/ocsp.ts';
import type { JpkiRegistry } from '../../src/simulator/jpki/registry.ts';
import { shippedFor } from '../../src/verifier/policy/shipped.ts';
import { type TestKey, testKey } from '../unit/jwe/bundle-kit.ts';
import { FakeAudit, FakeClock, FakeLog, FakeRandom } from './fakes.ts';
import { anchorsOf, NOW, newRegistry, signXml } from './pf-signing.ts';

/** Verifications in memory with compare-and-set; each change is kept with what was to happen in its transaction. */
export class MemoryVerifications implements VerificationStore {
  readonly records = new Map<string, Verification>();
  readonly written: { readonly next: Verification; readonly effects: Effects }[] = [];
  readonly asked: (readonly [name: string, ...args: unknown[]])[] = [];
  /** Runs before the next change is compared: somebody else's. */
  meanwhile: (() => void) | undefined;
  /** Thrown by the next update: the process dies before the commit. */
  crash: Error | undefined;
  /** Evidence by id, kept in the transaction of its verdict. */
  readonly kept = new Map<string, { tenant: string; octets: Uint8Array; seal: string | undefined }>();

  readonly beside = new Map<string, readonly AttachedFile[]>();
  async files(id: VerificationId): Promise<readonly AttachedFile[]> {
    return this.beside.get(id) ?? [];
  }
  async insert(
    verification: Verification,
    effects: Effects,
    files: readonly AttachedFile[] = [],
  ): Promise<boolean> {
    this.#elsewhere();
    if ((await this.findBySubmissionKey(verification.tenant, verification.submissionKey)) !== undefined)
      return false;
    this.put(verification);
    this.beside.set(verification.id, files);
    this.written.push({ next: verification, effects });
    return true;
  }
  async get(id: VerificationId, tenant?: TenantId): Promise<Verification | undefined> {
    const found = this.records.get(id);
    return tenant === undefined || found?.tenant === tenant ? found : undefined;
  }
  async glance(id: VerificationId, tenant?: TenantId): Promise<Verification | undefined> {
    const found = await this.get(id, tenant);
    if (found === undefined) return undefined;
    const { secrets: _left, ...rest } = found;
    return rest;
  }
  async findBySubmissionKey(tenant: TenantId, key: string): Promise<Verification | undefined> {
    return this.#all().find((one) => one.tenant === tenant && one.submissionKey === key);
  }
  async findByBundleHash(bundleHash: string): Promise<Verification | undefined> {
    return this.#all().find(
      (one) =>
        one.bundleHash === bundleHash &&
        (one.state === 'received' || (one.state === 'decided' && one.result !== 'INDETERMINATE')),
    );
  }
  async list(query: VerificationQuery): Promise<readonly Verification[]> {
    const { states, results, tenant, subjectId, after, withBundle, limit } = query;
    this.asked.push(['list', states, after, limit]);
    const newestFirst = this.#all().sort((a, b) => (a.id < b.id ? 1 : -1));
    const from = newestFirst.filter(({ id }) => after === undefined || id < after);
    const wanted = from.filter(
      (one) =>
        one.deletedAt === undefined &&
        (withBundle !== true || one.secrets !== undefined) &&
        (states === undefined || states.includes(one.state)) &&
        (results === undefined || (one.result !== undefined && results.includes(one.result))) &&
        (tenant === undefined || one.tenant === tenant) &&
        (subjectId === undefined || one.subjectId === subjectId),
    );
    return wanted.slice(0, limit);
  }
  async update(next: Verification, effects: Effects): Promise<boolean> {
    const { crash } = this;
    this.crash = undefined;
    if (crash !== undefined) throw crash;
    this.#elsewhere();
    if (this.records.get(next.id)?.revision !== next.revision - 1) return false;
    for (const { id, tenant, octets, seal } of effects.evidence ?? []) {
      if (this.kept.has(id)) throw new JitsuinError('store.conflict', 'there is evidence');
      this.kept.set(id, { tenant, octets, seal });
    }
    this.put(next);
    this.written.push({ next, effects });
    return true;
  }
  async outlived(before: EpochMillis, limit: number): Promise<readonly Verification[]> {
    this.asked.push(['outlived', before, limit]);
    return this.#all().filter(
      ({ state, deletedAt, updatedAt }) =>
        FINAL_VERIFICATION_STATES.includes(state) && deletedAt === undefined && updatedAt < before,
    );
  }
  async due(now: EpochMillis): Promise<readonly Verification[]> {
    return this.#all().filter(({ state, deadline, purgeAt, secrets }) =>
      FINAL_VERIFICATION_STATES.includes(state) ? secrets !== undefined && purgeAt <= now : deadline <= now,
    );
  }
  async stuck(states: readonly VerificationState[], before: EpochMillis): Promise<readonly Verification[]> {
    return this.#all().filter(({ state, updatedAt }) => states.includes(state) && updatedAt < before);
  }
  async standing(): Promise<readonly Verification[]> {
    return [];
  }
  put(verification: Verification): void {
    this.records.set(verification.id, verification);
  }
  #all(): Verification[] {
    return [...this.records.values()];
  }
  #elsewhere(): void {
    const { meanwhile } = this;
    this.meanwhile = undefined;
    meanwhile?.();
  }
}

/** Later checks of certificates in memory. */
export class MemoryStatusChecks {
  readonly all: KeptStatusCheck[] = [];
  add(check: KeptStatusCheck): boolean {
    if (this.all.some(({ id }) => id === check.id)) return false;
    this.all.unshift(check);
    return true;
  }
  readonly port: Omit<StatusCheckStore, 'record'> = {
    list: async (verification, tenant, limit) =>
      this.all.filter((one) => one.verificationId === verification && one.tenant === tenant).slice(0, limit),
    newest: async (verifications) => {
      const found = verifications.flatMap((id) => this.all.find((one) => one.verificationId === id) ?? []);
      return new Map(found.map((one) => [one.verificationId, one]));
    },
    forget: async (verification, tenant) => {
      const kept = this.all.filter((one) => one.verificationId !== verification || one.tenant !== tenant);
      this.all.splice(0, this.all.length, ...kept);
    },
  };
}

export type OperatorInMemory = Awaited<ReturnType<typeof operatorInMemory>>;
export const PF_TENANTS = ['alpha', 'beta'] as const;
const CLOCK_TOLERANCE = 60_000;
export const PF_DEADLINE = 48 * 3_600_000;

let signedTexts = 0;
const oneWorld = { registry: newRegistry(), key: undefined as TestKey | undefined };

/**
 * A platform operator whose ports are in memory, so that a use-case is seen whole: what it answers, keeps, tells and logs. `contracts`:
 * what each tenant may have. J-LIS answers by itself from the pretended registry, as `source` says.
 */
export async function operatorInMemory(
  contracts: Readonly<Record<string, readonly ContractItem[]>> = {},
  change: Partial<PlatformOperator> = {},
) {
  const { registry } = oneWorld;
  oneWorld.key ??= await testKey('pf-1');
  const key = oneWorld.key;
  const [clock, random, log, audit] = [new FakeClock(), new FakeRandom(), new FakeLog(), new FakeAudit()];
  clock.millis = NOW;
  const verifications = new MemoryVerifications();
  const source = {
    state: 'up' as 'up' | 'down' | 'lost' | 'broken',
    asked: [] as string[],
    requests: [] as Uint8Array[],
    clockOffset: 0,
  };
  const recorded: unknown[][] = [];
  const { kept } = verifications;
  const deletedEvidence: unknown[][] = [];
  const claimed = new Map<string, string>();
  const charged: FeeEntry[] = [];
  const subjectsAsked: string[][] = [];
  const forgotten: string[][] = [];
  const checks = new MemoryStatusChecks();
  const told: WebhookNotice[] = [];
  const leases: unknown[][] = [];
  const held = new Set<string>();
  const keysAsked: string[][] = [];
  const signed: object[] = [];
  const keeper = { state: 'active' as DecryptionKey['state'] };
  const decryption = (): DecryptionKey => ({
    ...{ kid: 'pf-1', service: 'alpha-portal', environment: 'test', state: keeper.state, key: key.key },
  });
  const nameOf = ({ environment, value }: SignatureOctets) => `${environment} ${toHex(value)}`;
  const answer = <T>(method: string, octets: () => T): T => {
    source.asked.push(method);
    if (source.state === 'down')
      throw new JitsuinError('revocation.unavailable', 'away', {
        cause: new JitsuinError('upstream.temporary', 'no answer'),
      });
    if (source.state === 'lost') throw new JitsuinError('revocation.unavailable', 'away');
    if (source.state === 'broken') throw new Error('a mistake of the adapter');
    return octets();
  };
  const operator: PlatformOperator = {
    environment: 'test',
    publicUrl: 'https://pf.example',
    verifications,
    signatures: {
      claim: async (signature, verification) => {
        const owner = claimed.get(nameOf(signature)) ?? verification;
        claimed.set(nameOf(signature), owner);
        return owner;
      },
      takeOver: async (signature, from, to) => {
        if (claimed.get(nameOf(signature)) !== from) return false;
        claimed.set(nameOf(signature), to);
        return true;
      },
    },
    evidence: {
      put: async (id, tenant, octets, seal) => void kept.set(id, { tenant, octets, seal }),
      get: async (id, tenant) => {
        const found = kept.get(id);
        return found?.tenant === tenant ? found?.octets : undefined;
      },
      sealOf: async (id) => kept.get(id)?.seal,
      delete: async (id, tenant, at) => {
        deletedEvidence.push([id, tenant, at]);
        kept.delete(id);
      },
      collectFiles: async () => 0,
    },
    archive: undefined as never,
    subjects: {
      idFor: async (tenant, certificate, fresh) => {
        subjectsAsked.push([tenant, toBase64(certificate), fresh]);
        return fresh;
      },
      link: async () => false,
      forget: async (tenant, subject, events) => {
        forgotten.push([tenant, subject]);
        audit.events.push(...events);
        return true;
      },
    },
    fees: {
      record: async (entries: readonly FeeEntry[], events: readonly AuditEvent[]) => {
        charged.push(...entries);
        audit.events.push(...events);
      },
      ofMonth: async (tenant, month) =>
        charged.filter((entry) => entry.tenant === tenant && entry.month === month),
      totals: async () => [],
    },
    statusChecks: {
      ...checks.port,
      record: async (check, effects, replaces) => {
        if (!checks.add(check)) return;
        const before = checks.all.findIndex(({ id }) => id === replaces);
        if (before >= 0) checks.all.splice(before, 1);
        charged.push(...(effects.fees ?? []));
        audit.events.push(...effects.audit);
        told.push(...(effects.notices ?? []));
      },
    },
    consents: { get: async () => undefined, list: async () => [], purge: async () => 0 },
    consentRetention: 1_000,
    idempotency: { purge: async () => 0 } as never,
    prices: PRICE_LIST,
    leases: {
      acquire: async (name: string, owner: string, now: number, until: number) => {
        leases.push(['acquire', name, owner, until - now]);
        return !held.has(name);
      },
      release: async (name: string, owner: string) => void leases.push(['release', name, owner]),
      purge: async () => 0,
    } as never,
    audit,
    replay: { purge: async () => 0 } as never,
    tenants: {
      assertions: [],
      mayUse: (tenant, service) => service === `${tenant}-portal`,
      mayHave: (tenant, item) => contracts[tenant]?.includes(item) ?? false,
    },
    keys: {
      find: async (service, environment, kid) => {
        keysAsked.push(['find', service, environment, kid]);
        return kid === 'pf-1' ? decryption() : undefined;
      },
      usable: async (service, environment) => {
        keysAsked.push(['usable', service, environment]);
        return [decryption()];
      },
    },
    receipts: {
      sign: async (claims) => {
        signed.push(claims);
        return `receipt ${signed.length}`;
      },
      seal: async (claims) => `seal ${JSON.stringify(claims)}`,
      signOctets: async () => new Uint8Array(64),
      active: {},
      jwks: { keys: [] },
    },
    revocation: {
      ocsp: async (request) => {
        source.requests.push(request);
        return answer('OCSP', () => new Uint8Array(answerOcsp(registry, request, clock.now())));
      },
      crl: async (name) =>
        answer('CRL', () => new Uint8Array(makeCrl(registry, name, clock.now()) ?? Buffer.alloc(0))),
      clockOffset: () => source.clockOffset,
    },
    responderCache: new Map(),
    revocationWatch: { record: (...args) => void recorded.push(args), check: () => 0 },
    clockTolerance: CLOCK_TOLERANCE,
    trustAnchors: anchorsOf(registry),
    intermediates: [],
    forms: formCatalogue(),
    policy: shippedFor('test'),
    clock,
    random,
    log,
    deadline: PF_DEADLINE,
    version: '0.0.0-test',
    ...change,
  };
  return {
    ...{
      operator,
      registry,
      clock,
      log,
      audit,
      verifications,
      source,
      recorded,
      kept,
      charged,
      claimed,
      leases,
    },
    ...{ checks, told, forgotten },
    ...{ held, keysAsked, signed, deletedEvidence, subjectsAsked, key, keeper },
  };
}

export interface BundleOptions {
  readonly tenant?: string;
  readonly person?: string;
  readonly method?: 'OCSP' | 'CRL';
  /** Of the simulator's bundles, or a kid that nobody has, or none. */
  readonly fault?: string;
  readonly kid?: 'named' | 'left-out';
  /** The same text of the same person has the same signature value. */
  readonly text?: string;
}

/** A submission of a citizen's signature, as the tenant hands it in. */
export async function submissionInMemory(
  { registry, key }: { readonly registry: JpkiRegistry; readonly key: TestKey },
  options: BundleOptions = {},
) {
  const { tenant = 'alpha', person = 'taro', method = 'OCSP', fault, text } = options;
  signedTexts += 1;
  const document = toUtf8(`<届出><氏名>模擬</氏名>${text ?? `第${signedTexts}号`}</届出>`);
  const { prepared, certificate, signatureValue } = signXml(registry, person, 'enveloped', document);
  const jwk = { ...key.publicJwk, use: 'enc', alg: 'ECDH-ES', kid: 'pf-1' } as const;
  const given = options.kid === 'left-out' ? { ...jwk, kid: undefined as unknown as string } : jwk;
  const bundle = { certificate: toBase64(certificate), signatureValue: toBase64(signatureValue) };
  return {
    submission: {
      submission_id: `s-${signedTexts}`,
      service: `${tenant}-portal`,
      environment: 'test' as const,
      profile: 'enveloped' as const,
      mode: 'digest-info' as const,
      skeleton: toBase64(prepared.skeleton),
      jwe: await encryptBundle(given, bundle, fault),
      data: fromUtf8(toUtf8(prepared.data)),
      check_method: method,
    },
    certificate,
    signatureValue,
  };
}
