import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, expect } from 'vitest';

/**
 * Browsers hold every redirect after a form against `form-action` of the page that had it: one that leads off-site,
 * at once or after redirects within the site, dies without a word. So in every test file, each answer of each server
 * of this process to a form is looked at, and the answers behind its redirects.
 */
interface FormAnswers {
  /** Forms that led to another origin. */
  readonly offSite: string[];
  /** Addresses that a form's answer led to, on its own origin: what they answer belongs to the form still. */
  readonly behindForms: Map<string, string>;
}

const MARK = Symbol.for('jitsuin.form-answers');
/** Said by a test's own server that leads off-site on purpose. */
const NOT_OURS = 'x-not-ours';
const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)/;

const seen = watched();
afterAll(() => {
  expect(seen.offSite.splice(0), 'forms whose answer leads to another origin').toEqual([]);
  seen.behindForms.clear();
});

/** Once for a process, whatever files share it. */
function watched(): FormAnswers {
  const holder = globalThis as { [MARK]?: FormAnswers };
  if (holder[MARK] !== undefined) return holder[MARK];
  const answers: FormAnswers = { offSite: [], behindForms: new Map() };
  holder[MARK] = answers;
  subscribe('http.server.response.finish', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    note(answers, request, response);
  });
  return answers;
}

function note(
  { offSite, behindForms }: FormAnswers,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  // Express changes `url` while it routes.
  const path = (request as { originalUrl?: string }).originalUrl ?? request.url ?? '';
  const base = `http://${request.headers.host ?? 'none.invalid'}`;
  if (!URL.canParse(path, base) || response.hasHeader(NOT_OURS)) return;
  const at = new URL(path, base);
  const form = formBehind(behindForms, request, at);
  const location = response.getHeader('location');
  if (form === undefined || typeof location !== 'string' || !URL.canParse(location, base)) return;
  const target = new URL(location, base);
  // A proxy or a public URL may name the same place otherwise: the path tells them apart from a way out.
  if (target.origin === at.origin) behindForms.set(target.href, form);
  else offSite.push(`${form} -> ${target.origin}${target.pathname}`);
}

function formBehind(
  behindForms: Map<string, string>,
  { method, headers }: IncomingMessage,
  at: URL,
): string | undefined {
  if (method === 'POST' && FORM.test(headers['content-type'] ?? '')) return `POST ${at.origin}${at.pathname}`;
  if (method !== 'GET') return undefined;
  const form = behindForms.get(at.href);
  behindForms.delete(at.href);
  return form;
}
