import type { ApiScope } from '../../contracts/operations/operation.ts';
import type { EpochMillis } from '../../core/brand.ts';
import type { StatementSheet } from '../../core/fees/statement-sheet.ts';
import type { OutcomeWord } from '../../core/outcomes.ts';
import type { NamedPolicy, Report } from '../../core/report.ts';
import type { ReportFacts } from '../../core/validation-report/etsi-report.ts';
import type { WebhookApi } from '../../http/webhooks/endpoints.ts';
import type { FeeTotal } from '../../ports/fee-ledger.ts';
import type { Bilingual } from '../bilingual.ts';
import type { Organization } from '../site/site-file.ts';
import type { ReportXml } from '../validation-report/report-page.ts';

/** What the lists of records can be narrowed by; everything is an id, a state or a day. */
export interface RecordFilter {
  readonly tenant?: string;
  /** One of `ConsoleRecords.filters`. */
  readonly status?: string;
  /** Days of Japan's calendar, YYYY-MM-DD, both included. */
  readonly from?: string;
  readonly to?: string;
}

/** A verification (pf) or an application (gov) in a list: nothing personal. */
export interface ShownRecord {
  readonly id: string;
  readonly tenant: string;
  /** As the record has it: its state or, once decided, its result. */
  readonly status: string;
  /** What that comes to, for words and colour. */
  readonly outcome: OutcomeWord;
  readonly createdAt: EpochMillis;
  readonly updatedAt: EpochMillis;
  /** Stable error code of a failure, sub-indication of a verdict. */
  readonly code?: string;
  /** 署名対象データ名: what the tenant calls what is signed. */
  readonly name?: string;
  /** The tenant's own id of it. */
  readonly externalId?: string;
}

/** A record that has stood in a state for longer than it should. */
export interface StuckRecord {
  readonly id: string;
  readonly tenant: string;
  readonly status: string;
  readonly outcome: OutcomeWord;
  /** When it came into this state. */
  readonly since: EpochMillis;
  /**
   * What the sweep does about it, in the order of time: its job is published anew, or it ends `into` another
   * status.
   */
  readonly exits: readonly {
    readonly event: 'job-renewed' | 'timed-out';
    readonly at: EpochMillis;
    readonly into: string;
  }[];
}

export interface RecordPage {
  readonly rows: readonly ShownRecord[];
  /** For the next page; absent on the last one. */
  readonly next?: string;
}

/** One certificate of a path, as data for the picture. The signer's own name is not in it. */
export interface ShownCertificate {
  readonly place: 'anchor' | 'intermediate' | 'signer';
  /** Absent for the signer: shown masked. */
  readonly subject?: string;
  readonly issuer: string;
  readonly notBefore: EpochMillis;
  readonly notAfter: EpochMillis;
}

export interface ShownRevocationData {
  readonly method: 'CRL' | 'OCSP';
  readonly thisUpdate: EpochMillis;
  readonly nextUpdate?: EpochMillis;
  readonly octets: number;
  readonly sha256: string;
}

/** What the evidence of a record says, apart from what is personal. */
export interface ShownEvidence {
  readonly octets: number;
  readonly policy: NamedPolicy;
  readonly path: readonly ShownCertificate[];
  readonly revocation: readonly ShownRevocationData[];
}

/** One personal value: masked until somebody with the right asks for it with a reason. */
export interface PersonalField {
  readonly name: string;
  readonly label: Bilingual;
}

export interface ShownRecordDetail extends ShownRecord {
  readonly facts: readonly (readonly [Bilingual, string])[];
  /** Why it ended as it did: what happened, and what is to be done, in words. */
  readonly failure?: readonly Bilingual[];
  readonly report?: Report;
  readonly evidence?: ShownEvidence;
  /** What there is to be shown on request; empty when nothing is kept. */
  readonly personal: readonly PersonalField[];
  /** Methods by which the certificate's present status can be asked; empty when it cannot. */
  readonly statusMethods: readonly ('CRL' | 'OCSP')[];
  /** It ended without a verdict, and its bundle is still kept. */
  readonly judgeable?: boolean;
}

export interface ShownStatusCheck {
  readonly status: string;
  readonly method: string;
  readonly checkedAt: string;
  readonly sourceUpdatedAt?: string;
}

/** The records of one role. */
export interface ConsoleRecords {
  /** What the list can be narrowed to. */
  readonly filters: readonly { readonly value: string; readonly label: Bilingual }[];
  tenants(): readonly string[];
  list(filter: RecordFilter, after: string | undefined, limit: number): Promise<RecordPage>;
  /** Ids of the records that `text` names: their own id, or the id that the tenant gave. */
  search(text: string): Promise<readonly string[]>;
  find(id: string): Promise<ShownRecordDetail | undefined>;
  /** Longest in their state first. */
  stuck(limit: number): Promise<readonly StuckRecord[]>;
  /** Name of the field → value. The caller has noted the reason in the audit chain before. */
  personal?(id: string): Promise<Readonly<Record<string, string>>>;
  /**
   * The file of `jitsuin evidence export`; notes it with these facts in the audit chain. Absent: no evidence is kept at
   * this role.
   */
  exportEvidence?(id: string, tenant: string, facts: Readonly<Record<string, string>>): Promise<Uint8Array>;
  /** What is said of a decided record to others, and as XML; undefined while there is no verdict. */
  report?(id: string): Promise<{ readonly facts: ReportFacts; readonly xml: ReportXml } | undefined>;
  /** Decides again from an exported file alone; keeps nothing of it. */
  checkEvidence?(octets: Uint8Array): Promise<ShownExportJudgement>;
  /** Absent: nothing is judged again at this role. Noted in the audit chain with these facts. */
  readonly judgeAgain?: (id: string, facts: Readonly<Record<string, string>>) => Promise<void>;
  /** Absent: no status checks at this role. */
  readonly checkStatus?: (id: string, method: 'CRL' | 'OCSP') => Promise<ShownStatusCheck>;
}

/** When the proof of a period's records ends, as `jitsuin evidence ageing` says it. */
export interface ShownAgeing {
  readonly period: number;
  readonly records: number;
  readonly provableUntil: EpochMillis;
  /** `certificate`: that of the time-stamp authority; else the algorithm that ends first. */
  readonly endsBy: string;
  readonly algorithms: readonly string[];
  readonly tree: string;
  readonly authority: string;
}

/** What came out of an exported file of evidence. */
export interface ShownExportJudgement {
  readonly id?: string;
  /** As `jitsuin evidence verify` says it. */
  readonly outcome: 'altered' | 'negative' | 'not-provable' | 'valid';
  readonly basis: 'proved' | 'believed' | 'none';
  readonly integrity: Report;
  /** For the time that is proved; absent when the record is not whole. */
  readonly verdict?: Report;
  readonly result?: string;
  readonly time: Report;
  /** The record was there at this time at the latest. */
  readonly provenAt?: EpochMillis;
  /** To be renewed before. */
  readonly validUntil?: EpochMillis;
  /** Hex. */
  readonly signedOctetsSha256?: string;
}

export interface ShownKey {
  readonly kid: string;
  readonly service: string;
  readonly environment: string;
  readonly state: 'generated' | 'active' | 'overlap' | 'expired' | 'destroyed';
  readonly createdAt: EpochMillis;
  /** End of the overlap. */
  readonly until?: EpochMillis;
  /** Exactly what is registered at the service, as JSON. */
  readonly publicJwk: string;
}

/** Decryption keys, keys at rest, and what else ends. */
export interface ConsoleKeys {
  list(): Promise<readonly ShownKey[]>;
  /** For which a key may be made: those of the tenants and of the keys that are there. */
  services(keys: readonly ShownKey[]): readonly string[];
  sealKeys(): { readonly active: string; readonly keys: readonly string[] };
  ends(): readonly { readonly use: string; readonly at: EpochMillis }[];
}

export interface ShownTenant {
  readonly id: string;
  readonly name: string;
  readonly clientId: string;
  readonly services: readonly string[];
  readonly contract: readonly string[];
  readonly kids: readonly string[];
}

export interface ConsoleTenants {
  list(): readonly ShownTenant[];
  /** As the tenants file has it now, as JSON; undefined: there is none of this id. */
  record(id: string): string | undefined;
  /** A record in the form of the tenants file → its JSON. @throws JitsuinError `http.body` naming the place */
  check(record: unknown): string;
}

export interface ConsoleFees {
  /** Months of Japan's calendar, YYYY-MM, both included. */
  totals(from: string, to: string): Promise<readonly FeeTotal[]>;
  statementCsv(tenant: string, month: string): Promise<string>;
  statementSheet(tenant: string, month: string): Promise<StatementSheet>;
}

/** What this process saw of itself and of the queue at one instant. */
export interface MetricSample {
  readonly at: EpochMillis;
  readonly waiting: number;
  readonly oldestSeconds: number;
  /** Of the answers since the sample before; 0 when there was none. */
  readonly p95Millis: number;
}

export interface ConsoleMetrics {
  /** Oldest first. */
  samples(): readonly MetricSample[];
  /** Newest first: when records were decided, and how long after their receipt. */
  decisions(): Promise<readonly { readonly at: EpochMillis; readonly millis: number }[]>;
}

/** Where tenants are told of state changes, and what became of each telling. */
export interface ConsoleWebhooks {
  tenants(): readonly string[];
  readonly api: WebhookApi;
}

export interface ShownApiKey {
  readonly tenant: string;
  /** Hex. */
  readonly sha256: string;
  /** Absent: everything. */
  readonly scopes?: readonly ApiScope[];
}

/** The API keys of an sp or an agency; running processes take a change up with their next request. */
export interface ConsoleApiKeys {
  list(): readonly ShownApiKey[];
  /** Gives the key, which nobody can read afterwards. @throws JitsuinError `http.body` naming the field */
  make(
    tenant: string,
    scopes: readonly ApiScope[] | undefined,
  ): Promise<ShownApiKey & { readonly key: string }>;
  /** @throws JitsuinError `record.not-found`, `key.state` (the last one) */
  revoke(sha256: string): Promise<ShownApiKey>;
}

/** What is in force and whom it concerns; nothing secret. */
export interface ConsoleSettings {
  facts(): readonly (readonly [Bilingual, string])[];
  /** Where citizens may be led back to. */
  returnUrls(): readonly { readonly tenant: string; readonly urls: readonly string[] }[];
  readonly organization?: Organization;
  readonly logo?: { readonly type: string; readonly octets: Uint8Array };
}
