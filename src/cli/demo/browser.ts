import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import { addressThatPageLeadsTo } from '../../simulator/citizen.ts';

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly html: string;
  readonly location?: string;
  /** `Retry-After`, as it was sent. */
  readonly retryAfter?: string;
}

const MOST_HOPS = 5;

/** As much of a browser as a walk needs: cookies per origin, forms with their hidden fields, redirects one by one. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  async open(url: string): Promise<Page> {
    return this.#send(url, { method: 'GET', headers: { accept: 'text/html' } });
  }

  /**
   * Opens a page of ours as a person does: presses the button that takes an application, follows redirects and
   * pages that lead on, on its site.
   */
  async visit(url: string): Promise<Page> {
    const opened = await this.open(url);
    let page = formWith(opened.html, '/open') === undefined ? opened : await this.submit(opened, '/open');
    for (let hops = 0; hops < MOST_HOPS; hops += 1) {
      const { location } = page;
      if (location === undefined || new URL(location).origin !== new URL(url).origin) return page;
      page = await this.open(location);
    }
    return page;
  }

  /** Sends the first form of the page whose action ends with `action`. */
  async submit(page: Page, action: string): Promise<Page> {
    const form = formWith(page.html, action);
    if (form === undefined) {
      throw new JitsuinError(
        'internal.unexpected',
        `The page ${new URL(page.url).pathname} has no form for ${action}.`,
      );
    }
    const target = new URL(form.action, page.url).href;
    return this.#send(target, {
      method: 'POST',
      headers: {
        accept: 'text/html',
        origin: new URL(page.url).origin,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams(form.hidden).toString(),
    });
  }

  /** What it would send as `Cookie` to this URL. */
  cookieFor(url: string): string {
    const jar = this.#cookies.get(new URL(url).origin) ?? new Map<string, string>();
    return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Takes a `Set-Cookie` line of this origin. */
  keep(origin: string, line: string): void {
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    const [name = '', value = ''] = (line.split(';', 1)[0] ?? '').split(/=(.*)/s);
    jar.set(name, value);
  }

  async #send(
    url: string,
    init: { method: string; headers: Record<string, string>; body?: string },
  ): Promise<Page> {
    const origin = new URL(url).origin;
    const cookie = this.cookieFor(url);
    const headers = cookie === '' ? init.headers : { ...init.headers, cookie };
    const response = await fetch(url, {
      ...init,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(MINUTE_MILLIS),
    });
    for (const line of response.headers.getSetCookie()) this.keep(origin, line);
    const html = await response.text();
    const location = response.headers.get('location') ?? addressThatPageLeadsTo(html);
    return defined({
      url,
      status: response.status,
      html,
      location: location === undefined ? undefined : new URL(location, url).href,
      retryAfter: response.headers.get('retry-after') ?? undefined,
    });
  }
}

function formWith(
  html: string,
  action: string,
): { action: string; hidden: Record<string, string> } | undefined {
  for (const [form = ''] of html.matchAll(/<form\b[\s\S]*?<\/form>/g)) {
    const target = /action="([^"]*)"/.exec(form)?.[1];
    if (target?.endsWith(action) !== true) continue;
    const fields = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    return {
      action: target,
      hidden: Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value])),
    };
  }
  return undefined;
}
