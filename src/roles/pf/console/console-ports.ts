import type { PfPublicJwk } from '../../../contracts/pf-public-jwk.ts';
import type { EpochMillis } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { Verification } from '../../../core/sign-transaction/verification.ts';
import type { PlatformOperator } from '../../../pf/platform-operator.ts';
import { statementCsv, statementOf, statementSheet } from '../../../pf/statement.ts';
import type { ApprovedChange, ApprovedChanges } from '../../../staff/approvals.ts';
import { algorithmEndsOf } from '../../../verifier/policy/policy-file.ts';
import type {
  ConsoleFees,
  ConsoleKeys,
  ConsoleMetrics,
  ConsoleTenants,
  ShownKey,
} from '../../../web/console/console-ports.ts';
import { type TenantRecord, tenantSchema } from '../tenants.ts';
import type { TenantsFile } from '../tenants-file.ts';

/** What the console does with the keystore; the adapter that `jitsuin pf keys` uses has this form. */
interface ConsoleKeystore {
  list(): Promise<
    readonly {
      readonly kid: string;
      readonly service: string;
      readonly environment: string;
      readonly state: ShownKey['state'];
      readonly createdAt: number;
      readonly overlapUntil?: number | undefined;
      readonly publicJwk: PfPublicJwk;
    }[]
  >;
  /** `change`: id of the approved change; the same one again makes no second key. */
  generate(service: string, environment: 'test' | 'production', change: string): Promise<unknown>;
  activate(kid: string): Promise<void>;
  expire(kid: string): Promise<void>;
  destroy(kid: string): Promise<void>;
}

export interface SealKeys {
  readonly activeKey: string;
  readonly keys: readonly string[];
  rotate(): Promise<void>;
}

export function pfKeys(
  operator: PlatformOperator,
  keystore: ConsoleKeystore | undefined,
  seal: SealKeys,
  file: TenantsFile,
): ConsoleKeys {
  return {
    list: async () =>
      ((await keystore?.list()) ?? []).map(
        ({ kid, service, environment, state, createdAt, overlapUntil, publicJwk }) =>
          defined({
            kid,
            service,
            environment,
            state,
            createdAt: createdAt as EpochMillis,
            publicJwk: JSON.stringify(publicJwk),
            until:
              state === 'overlap' && overlapUntil !== undefined ? (overlapUntil as EpochMillis) : undefined,
          }),
      ),
    services: (keys) =>
      keystore === undefined
        ? []
        : [
            ...new Set([
              ...file.records().flatMap(({ services }) => services),
              ...keys.map(({ service }) => service),
            ]),
          ],
    sealKeys: () => ({ active: seal.activeKey, keys: seal.keys }),
    ends: () => [
      ...operator.trustAnchors.map(({ notAfter }, n) => ({ use: `trust-anchor-${n + 1}`, at: notAfter })),
      ...(operator.timeStamping?.trustAnchors ?? []).map(({ notAfter }, n) => ({
        use: `tsa-anchor-${n + 1}`,
        at: notAfter,
      })),
      ...algorithmEndsOf(operator.policy),
    ],
  };
}

export function pfTenants(file: TenantsFile): ConsoleTenants {
  return {
    list: () =>
      file.records().map(({ id, name, client_id, services, contract = [], jwks }) => ({
        id,
        name,
        clientId: client_id,
        services,
        contract,
        kids: jwks.keys.map(({ kid }) => kid),
      })),
    record: (id) => {
      const found = file.records().find((record) => record.id === id);
      return found === undefined ? undefined : JSON.stringify(found);
    },
    check: (record) => JSON.stringify(tenantOf(record)),
  };
}

function tenantOf(record: unknown): TenantRecord {
  const parsed = tenantSchema.safeParse(record);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new JitsuinError(
    'http.body',
    'The tenant does not match the schema of the tenants file at the place in "at".',
    { at },
  );
}

export function pfFees({ fees }: Pick<PlatformOperator, 'fees'>, taxPercent?: number): ConsoleFees {
  return {
    totals: (from, to) => fees.totals(from, to),
    statementCsv: async (tenant, month) => statementCsv(await statementOf(fees, tenant, month)),
    statementSheet: async (tenant, month) =>
      statementSheet(await statementOf(fees, tenant, month), taxPercent),
  };
}

const LATEST = 200;

export function pfMetrics(operator: PlatformOperator, samples: ConsoleMetrics['samples']): ConsoleMetrics {
  return {
    samples,
    decisions: async () => {
      const decided = await operator.verifications.list({ states: ['decided'], limit: LATEST });
      return decided.flatMap(({ createdAt, decidedAt }: Verification) =>
        decidedAt === undefined ? [] : [{ at: decidedAt, millis: decidedAt - createdAt }],
      );
    },
  };
}

/** What two administrators change together; the same functions as `jitsuin pf keygen`, `pf keys` and `keys rotate`. */
export function pfChanges(
  { environment }: Pick<PlatformOperator, 'environment'>,
  keystore: ConsoleKeystore | undefined,
  seal: SealKeys,
  file: TenantsFile,
): ApprovedChanges {
  return {
    ...(keystore && keyChanges(keystore, environment)),
    'seal-key.rotate': async ({ subject }, again) => {
      if (again && seal.activeKey !== subject) return;
      if (seal.activeKey !== subject)
        throw new JitsuinError('key.state', 'Another key seals already: this rotation was made before.');
      await seal.rotate();
    },
    'tenant.put': async ({ payload }) => file.put(tenantOf(JSON.parse(payload))),
    'tenant.remove': async ({ subject }, again) => {
      if (again && !file.records().some(({ id }) => id === subject)) return;
      file.remove(subject);
    },
  };
}

/** Keys in a module of the operator's own (HSM, KMS) are changed there, not here. */
function keyChanges(
  keystore: ConsoleKeystore,
  environment: PlatformOperator['environment'],
): ApprovedChanges {
  return {
    'key.generate': async ({ subject, id }) => void (await keystore.generate(subject, environment, id)),
    'key.activate': unlessDone(keystore, ['active'], (kid) => keystore.activate(kid)),
    'key.expire': unlessDone(keystore, ['expired', 'destroyed'], (kid) => keystore.expire(kid)),
    'key.destroy': unlessDone(keystore, ['destroyed'], (kid) => keystore.destroy(kid)),
  };
}

/** Carried out again, a key that is in the state it was to come to is left as it is. */
function unlessDone(
  keystore: ConsoleKeystore,
  reached: readonly ShownKey['state'][],
  change: (kid: string) => Promise<void>,
): ApprovedChange {
  return async ({ subject }, again) => {
    const key = again ? (await keystore.list()).find(({ kid }) => kid === subject) : undefined;
    if (key === undefined || !reached.includes(key.state)) await change(subject);
  };
}
