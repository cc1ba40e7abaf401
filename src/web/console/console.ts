import type { Request, Response } from 'express';
import type { EpochMillis } from '../../core/brand.ts';
import type { ApprovedChanges } from '../../operators/approvals.ts';
import type { OperatorPorts } from '../../operators/operator-ports.ts';
import type { ConsoleAct } from '../../operators/permissions.ts';
import type { LoggedIn } from '../../operators/sessions.ts';
import type { AuditTrail } from '../../ports/audit.ts';
import type { EvidenceArchive } from '../../ports/evidence-archive.ts';
import type { JobDesk } from '../../ports/job-desk.ts';
import type { Log } from '../../ports/log.ts';
import type { UploadedForm } from '../upload.ts';
import type { FeesDesk, KeysDesk, MetricsDesk, RecordsDesk, ShownAgeing, TenantsDesk } from './desks.ts';

/** What the console of one role works with. A desk that a role does not have is absent, and so are its pages. */
export interface Console {
  readonly role: 'pf' | 'gov';
  readonly environment: 'test' | 'production';
  readonly ports: OperatorPorts & { readonly audit: AuditTrail };
  readonly log: Log;
  /** Scheme, host and port of the console as its browsers have it. */
  readonly origin: string;
  /** Path below which it lies, where it has one. */
  readonly basePath?: string;
  readonly records: RecordsDesk;
  readonly work: JobDesk;
  readonly metrics: MetricsDesk;
  readonly archive: Pick<EvidenceArchive, 'verify'>;
  /** Which records lose their proof before an instant (all: absent), the first to end first. */
  ageing(before: EpochMillis | undefined): Promise<readonly ShownAgeing[]>;
  readonly keys?: KeysDesk;
  readonly tenants?: TenantsDesk;
  readonly fees?: FeesDesk;
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
