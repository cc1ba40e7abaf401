import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ApplicationView } from '../../contracts/public-api.ts';
import { hexSha256 } from '../../core/digest/sha256.ts';
import { JitsuinError } from '../../core/errors.ts';
import { driveCitizen } from '../../simulator/citizen.ts';
import type { CitizenOutcome } from '../../simulator/people.ts';
import { Browser } from './browser.ts';
import type { Show } from './show.ts';

/** A file beside the document, under the name by which it is signed. */
export interface DocumentBeside {
  readonly name: string;
  readonly path: string;
}

interface WalkOptions {
  readonly file: string;
  readonly rpUrl: string;
  readonly apiKey: string;
  readonly profile: string;
  readonly mode: string;
  readonly element?: string;
  /** A receiver's form, instead of the profile. */
  readonly form?: string;
  readonly beside?: readonly DocumentBeside[];
  readonly person: string;
  readonly outcome: CitizenOutcome;
  /** Called once the steps [02] and [03] are told: what went over the wire meanwhile may follow. */
  readonly submitted: () => void;
}

const FINAL = ['decided', 'refused', 'failed', 'restart-needed', 'expired', 'cancelled'];
const POLL_MILLIS = 150;
const WAIT_LIMIT = 120_000;

/**
 * One application from submission to its end: submitted by its developer, signed by a simulated citizen through the
 * real redirects, fetched and verified by the workers. Returns the application as its tenant sees it at the end.
 */
export async function walk(options: WalkOptions, show: Show): Promise<ApplicationView> {
  const submitted = await submit(options, show);
  await sign(submitted, options, show);
  const ended = await untilFinal(submitted.id, options, show);
  show.step({
    number: '20',
    ja: 'レスポンス',
    en: 'the completion page',
    wire: [
      `state ${ended.state}`,
      ended.failure === undefined ? '' : `${ended.failure.code} ${ended.failure.message_ja}`,
    ],
  });
  return ended;
}

function packed(document: Uint8Array<ArrayBuffer>, beside: readonly DocumentBeside[]): FormData {
  const form = new FormData();
  form.append('document', new Blob([document]), 'document.xml');
  for (const { name, path } of beside) form.append('files', new Blob([readFileSync(path)]), name);
  return form;
}

async function submit(options: WalkOptions, show: Show): Promise<ApplicationView> {
  const document = readFileSync(options.file);
  const { form, beside = [], profile } = options;
  const type = profile === 'detached' ? 'application/octet-stream' : 'application/xml';
  const query = new URLSearchParams(form === undefined ? { profile, mode: options.mode } : { form });
  if (options.element !== undefined) query.set('element', options.element);
  const response = await fetch(`${options.rpUrl}/v1/applications?${query}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${options.apiKey}`,
      'idempotency-key': randomUUID(),
    },
    body: beside.length === 0 ? new Blob([document], { type }) : packed(document, beside),
  });
  const body = (await response.json()) as ApplicationView & { code?: string; detail?: string; at?: string };
  if (response.status !== 201) throw refused(options.file, body);
  show.step({
    number: '02',
    ja: '署名開始リクエスト',
    en: 'the application is submitted',
    wire: [
      `POST /v1/applications?${query} (${document.length} octets)`,
      `201 id ${body.id}, 署名対象識別コード ${body.identification_code}`,
    ],
  });
  show.step({
    number: '03',
    ja: '署名対象ハッシュ値生成',
    en: options.mode === 'digest-info' ? 'DigestInfo ‖ SHA-256, 51 octets' : 'SHA-256, 32 octets',
    wire: [`SHA-256 of the file ${hexSha256(document)}`, `data ${body.data}`],
  });
  options.submitted();
  return body;
}

function refused(file: string, problem: { code?: string; detail?: string; at?: string }): JitsuinError {
  const where = problem.at === undefined ? file : `${file}, ${problem.at}`;
  return new JitsuinError(
    'usage.arguments',
    `${problem.code ?? 'refused'}: ${problem.detail ?? 'no reason given'}`,
    {
      at: where,
    },
  );
}

async function sign(application: ApplicationView, options: WalkOptions, show: Show): Promise<void> {
  const browser = new Browser();
  const url = application.sign_url;
  if (url === undefined) throw new JitsuinError('transaction.state', 'The application has no sign URL.');
  const confirmation = await browser.visit(url);
  const toService = await browser.submit(confirmation, '/sign');
  if (toService.location === undefined) {
    throw new JitsuinError(
      'upstream.response',
      `The relying party did not send the citizen on (${toService.status}).`,
    );
  }
  const callback = await driveCitizen(toService.location, {
    person: options.person,
    outcome: options.outcome,
  });
  const back = await browser.open(callback);
  if (back.location !== undefined) await browser.open(back.location);
  show.fact('browser', `back at ${new URL(back.location ?? callback).pathname}`);
}

async function untilFinal(id: string, options: WalkOptions, show: Show): Promise<ApplicationView> {
  const limit = Date.now() + WAIT_LIMIT;
  let state = '';
  while (Date.now() < limit) {
    const response = await fetch(`${options.rpUrl}/v1/applications/${id}`, {
      headers: { authorization: `Bearer ${options.apiKey}` },
    });
    const view = (await response.json()) as ApplicationView;
    if (view.state !== state) show.progress(`state ${view.state}`);
    state = view.state;
    if (FINAL.includes(state)) {
      show.progressDone();
      return view;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS));
  }
  show.progressDone();
  throw new JitsuinError('upstream.timeout', `The application stayed in state "${state}".`, { at: id });
}
