import { JitsuinError } from '../../core/errors.ts';
import { sendReport } from '../validation-report/send-report.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import type { RecordFilter, ShownRecordDetail, ShownStatusCheck } from './console-ports.ts';
import { recordListPage } from './record-list-page.ts';
import { PERSONAL_REASONS, type RecordAnswers, recordPage } from './record-page.ts';

const PAGE = 50;
const MOST_EVENTS = 100;
const DAY = /^20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/;
const TENANT = /^[0-9A-Za-z_-]{1,64}$/;
const CURSOR = /^[0-9a-f-]{36}$/;
/** Ids of ours, and of tenants: no control characters, nothing invisible. */
const SEARCH = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,128}$/u;
const REFERENCE = /^[0-9A-Za-z_-]{0,40}$/;

export const RECORD_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/records', act: 'records.read', handle: list },
  { method: 'get', path: '/console/records/:id', act: 'records.read', handle: show },
];
export const REPORT_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/records/:id/report', act: 'records.read', handle: report },
  { method: 'get', path: '/console/records/:id/report.xml', act: 'records.read', handle: report },
];
export const PERSONAL_ROUTES: readonly ConsoleRoute[] = [
  { method: 'post', path: '/console/records/:id/personal', act: 'personal.show', handle: showPersonal },
];
export const STATUS_ROUTES: readonly ConsoleRoute[] = [
  { method: 'post', path: '/console/records/:id/status', act: 'status.check', handle: checkStatus },
];
export const JUDGE_AGAIN_ROUTES: readonly ConsoleRoute[] = [
  { method: 'post', path: '/console/records/:id/judge-again', act: 'work.change', handle: judgeAgain },
];
export const EVIDENCE_EXPORT_ROUTES: readonly ConsoleRoute[] = [
  { method: 'post', path: '/console/records/:id/evidence', act: 'evidence.export', handle: exportEvidence },
];

async function list(asked: ConsoleRequest): Promise<void> {
  const { console, request, response } = asked;
  const query = queryOf(request.query);
  const { q, after, ...filter } = query;
  if (q !== undefined) {
    const found = await console.records.search(q);
    const [only] = found;
    if (found.length === 1 && only !== undefined) {
      response.redirect(303, `/console/records/${only}`);
      return;
    }
    const details = await Promise.all(found.map((id) => console.records.find(id)));
    const rows = details.filter((detail) => detail !== undefined);
    response.type('html').send(recordListPage(asked, { filter: {}, q, page: { rows } }));
    return;
  }
  const page = await console.records.list(filter, after, PAGE);
  response.type('html').send(recordListPage(asked, { filter, page }));
}

interface ListQuery extends RecordFilter {
  readonly q?: string;
  readonly after?: string;
}

/** Anything that is not of its form is no filter at all: a list is only ever narrowed by what is understood. */
function queryOf(query: unknown): ListQuery {
  const fields: Record<string, string> = {};
  const accepted = { tenant: TENANT, status: TENANT, from: DAY, to: DAY, after: CURSOR, q: SEARCH };
  for (const [name, form] of Object.entries(accepted)) {
    const value: unknown = typeof query === 'object' && query !== null ? Reflect.get(query, name) : undefined;
    const text = typeof value === 'string' ? value.trim() : '';
    if (form.test(text)) fields[name] = text;
  }
  return fields;
}

async function found({ console, request }: ConsoleRequest): Promise<ShownRecordDetail> {
  const id = String(request.params['id'] ?? '');
  const record = CURSOR.test(id) ? await console.records.find(id) : undefined;
  if (record === undefined) throw new JitsuinError('http.not-found', 'No record here has this id.');
  return record;
}

async function show(asked: ConsoleRequest): Promise<void> {
  await send(asked, await found(asked));
}

/** The record with what happened to it, and what is still tried. */
async function send(
  asked: ConsoleRequest,
  record: ShownRecordDetail,
  answers?: RecordAnswers,
): Promise<void> {
  const { ports, work } = asked.console;
  const [events, failing] = await Promise.all([
    ports.audit.page({ subject: record.id, limit: MOST_EVENTS }),
    work.failingOf(record.id),
  ]);
  asked.response.type('html').send(recordPage(asked, { record, events, failing }, answers));
}

async function report(asked: ConsoleRequest): Promise<void> {
  const { console, request, response } = asked;
  const { id } = await found(asked);
  const made = await console.records.report?.(id);
  if (made === undefined)
    throw new JitsuinError('transaction.state', 'There is no verdict, so there is no report.');
  sendReport(response, request.path.endsWith('.xml') ? 'xml' : 'html', made.facts, made.xml);
}

/** Noted first, shown after: a view that could not be noted does not happen. */
async function showPersonal(asked: ConsoleRequest): Promise<void> {
  const { console, operator } = asked;
  const record = await found(asked);
  const { reason, reference } = reasonOf(asked);
  const at = console.ports.clock.now();
  await console.ports.audit.append({
    event: 'personal-data.shown',
    subject: record.id,
    tenant: record.tenant,
    at,
    facts: { operator: operator.id, reason, reference },
  });
  const values = (await console.records.personal?.(record.id)) ?? {};
  await send(asked, record, { values });
}

async function checkStatus(asked: ConsoleRequest): Promise<void> {
  const { console, form } = asked;
  const record = await found(asked);
  const method = record.statusMethods.find((candidate) => candidate === form.fields['method']);
  if (method === undefined || console.records.checkStatus === undefined)
    throw new JitsuinError(
      'transaction.state',
      'This record has no certificate whose status could be asked: it was not decided, or was deleted.',
    );
  const status: ShownStatusCheck = await console.records.checkStatus(record.id, method);
  await send(asked, record, { status });
}

async function judgeAgain(asked: ConsoleRequest): Promise<void> {
  const { console, operator, response } = asked;
  const record = await found(asked);
  if (console.records.judgeAgain === undefined)
    throw new JitsuinError('transaction.state', 'Nothing is judged again here.');
  await console.records.judgeAgain(record.id, { operator: operator.id });
  response.redirect(303, `/console/records/${record.id}`);
}

async function exportEvidence(asked: ConsoleRequest): Promise<void> {
  const { console, operator, response } = asked;
  const record = await found(asked);
  const facts = { operator: operator.id, ...reasonOf(asked) };
  const octets = await console.records.exportEvidence?.(record.id, record.tenant, facts);
  if (octets === undefined) throw new JitsuinError('http.not-found', 'No evidence is kept here.');
  response.type('application/json').attachment(`evidence-${record.id}.json`).send(Buffer.from(octets));
}

/** A reason of the list and a case number: free text could hold the very data that is to be protected. */
function reasonOf({ form }: ConsoleRequest): { readonly reason: string; readonly reference: string } {
  const reason = PERSONAL_REASONS.find(({ value }) => value === form.fields['reason'])?.value;
  const reference = form.fields['reference']?.trim() ?? '';
  if (reason === undefined || !REFERENCE.test(reference))
    throw new JitsuinError(
      'http.body',
      'A reason of the list is needed, and a case number of letters and digits.',
      {
        at: 'reason',
      },
    );
  return { reason, reference };
}
