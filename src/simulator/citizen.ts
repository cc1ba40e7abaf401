import { JitsuinError } from '../core/errors.ts';
import type { CitizenOutcome } from './people.ts';

export interface CitizenChoice {
  /** Person id; default `taro`. */
  readonly person?: string;
  /** Default `sign`. */
  readonly outcome?: CitizenOutcome;
  /** Whose card signs, when it is not the person's own. */
  readonly signer?: string;
  /** Where a card failure shows; default the result endpoint. */
  readonly surface?: 'result' | 'redirect';
}

/**
 * Does the HTTP that a citizen's browser would do: opens the authorization URL, reads the form, sends it with the
 * cookie. Out: the address that leads back to the relying party, not followed.
 * @throws JitsuinError `upstream.response` when the service shows a page instead (wrong client, wrong PIN, closed
 * window)
 */
export async function driveCitizen(authorizationUrl: string, choice: CitizenChoice = {}): Promise<string> {
  const opened = await fetch(authorizationUrl, { redirect: 'manual' });
  const html = await opened.text();
  const early = opened.headers.get('location');
  if (early !== null) return early;
  const form = formOf(html);
  if (!opened.ok || form === undefined) {
    throw new JitsuinError('upstream.response', 'The service showed no form.', {
      upstream: { status: opened.status },
    });
  }
  const sent = await fetch(new URL(form.action, authorizationUrl), {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: cookiesOf(opened) },
    body: new URLSearchParams({ ...form.hidden, ...fieldsOf(choice) }),
  });
  const location = addressThatPageLeadsTo(await sent.text());
  if (location === undefined) {
    throw new JitsuinError('upstream.response', 'The service did not lead back.', {
      upstream: { status: sent.status },
    });
  }
  return location;
}

/** Where a page leads the browser by itself (`<meta http-equiv="refresh">` without a wait). */
export function addressThatPageLeadsTo(html: string): string | undefined {
  const address = /<meta http-equiv="refresh" content="0; url=([^"]*)">/.exec(html)?.[1];
  return address === undefined ? undefined : unescapeHtml(address);
}

interface Form {
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
}

function formOf(html: string): Form | undefined {
  const action = /<form method="post" action="([^"]*)"/.exec(html)?.[1];
  if (action === undefined) return undefined;
  const hidden = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  return {
    action: unescapeHtml(action),
    hidden: Object.fromEntries(
      hidden.map(([, name, value]) => [unescapeHtml(name ?? ''), unescapeHtml(value ?? '')]),
    ),
  };
}

function fieldsOf(choice: CitizenChoice): Record<string, string> {
  return {
    person: choice.person ?? 'taro',
    outcome: choice.outcome ?? 'sign',
    signer: choice.signer ?? '',
    surface: choice.surface ?? 'result',
  };
}

function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0] ?? '')
    .join('; ');
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

function unescapeHtml(text: string): string {
  return text.replace(/&(?:#(\d+)|(amp|lt|gt|quot));/g, (_match, code?: string, name?: string) =>
    code === undefined ? (ENTITIES[name ?? ''] ?? '') : String.fromCharCode(Number(code)),
  );
}
