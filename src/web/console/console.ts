import type { Request, Response } from 'express';
import type { EpochMillis } from '../../core/brand.ts';
import type { AuditTrail } from '../../ports/audit.ts';
import type { EvidenceArchive } from '../../ports/evidence-archive.ts';
import type { Log } from '../../ports/log.ts';
import type { QueueAdmin } from '../../ports/queue-admin.ts';
import type { ApprovedChanges } from '../../staff/approvals.ts';
import type { ConsoleAct } from '../../staff/permissions.ts';
import type { LoggedIn } from '../../staff/sessions.ts';
import type { StaffPorts } from '../../staff/staff-ports.ts';
import type { UploadedForm } from '../upload.ts';
import type {
  ConsoleApiKeys,
  ConsoleFees,
  ConsoleKeys,
  ConsoleMetrics,
  ConsoleRecords,
  ConsoleSettings,
  ConsoleTenants,
  ConsoleWebhooks,
  ShownAgeing,
} from './console-ports.ts';

type ConsoleRole = 'pf' | 'gov' | 'sp';

/** What the console of one role works with. A port that a role does not have is absent, and so are its pages. */
export interface Console {
  readonly role: ConsoleRole;
  readonly environment: 'test' | 'production';
  readonly ports: StaffPorts & { readonly audit: AuditTrail };
  readonly log: Log;
  /** Scheme, host and port of the console as its browsers have it. */
  readonly origin: string;
  /** Path below which it lies, where it has one. */
  readonly basePath?: string;
  readonly records: ConsoleRecords;
  readonly work: QueueAdmin;
  readonly metrics: ConsoleMetrics;
  /** Absent: no evidence is kept at this role. */
  readonly archive?: Pick<EvidenceArchive, 'verify'>;
  /** Which records lose their proof before an instant (all: absent), the first to end first. */
  readonly ageing?: (before: EpochMillis | undefined) => Promise<readonly ShownAgeing[]>;
  readonly keys?: ConsoleKeys;
  readonly tenants?: ConsoleTenants;
  readonly fees?: ConsoleFees;
  readonly webhooks?: ConsoleWebhooks;
  readonly apiKeys?: ConsoleApiKeys;
  readonly settings?: ConsoleSettings;
  /** What two administrators can change here. */
  readonly changes: ApprovedChanges;
}

/** A request of somebody who is logged in and has the right to make it. */
export interface ConsoleRequest extends LoggedIn {
  readonly console: Console;
  readonly request: Request;
  readonly response: Response;
  /** What a post brought, its token judged; empty for a get. */
  readonly form: UploadedForm;
}

/** One page or action. `post` is only reached with the session's own token, from our own origin. */
export interface ConsoleRoute {
  readonly method: 'get' | 'post';
  /** Below `/console`. */
  readonly path: string;
  readonly act: ConsoleAct;
  /** Octets of a file in the form; absent: a small form without one. */
  readonly upload?: number;
  readonly handle: (asked: ConsoleRequest) => Promise<void>;
}

export interface ConsoleSection {
  readonly path: string;
  readonly act: ConsoleAct;
  readonly label: { readonly ja: string; readonly en: string };
}
