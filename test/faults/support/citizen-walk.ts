import { Browser, type Page } from '../../../src/cli/demo/browser.ts';
import type { ApplicationView } from '../../../src/contracts/public-api.ts';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import { type ApiAccess, api, submit } from '../../integration/rp/world.ts';

export const MARK = 'MARK模擬';
/** Each walk signs a text of its own: the same one would be the same signature, and get the first one's answer. */
const documentOf = (key: string, octets = 0) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<届出><氏名>${MARK} 𠮷田</氏名><番号>${key}</番号>${filling(octets)}</届出>\n`;

const ENTRY = '<明細 番号="1"><品名>模擬の書類</品名><金額>1200</金額></明細>\n';
const ENTRY_OCTETS = Buffer.byteLength(ENTRY);

/** Entries of a form, about so many octets of them. */
function filling(octets: number): string {
  return ENTRY.repeat(Math.floor(octets / ENTRY_OCTETS));
}

export const ENDS: readonly string[] = [
  'decided',
  'refused',
  'failed',
  'restart-needed',
  'expired',
  'cancelled',
];
const PATIENCE = 90_000;
const PAUSE = 40;
/** Between two looks of who waits for the service. */
const IN_LINE = 500;

/** What a walk needs of a world, in processes of its own or in this one. */
export interface WalkedWorld {
  readonly sp: ApiAccess;
  advance(millis: number): Promise<void>;
  /** False while a process that died starts again: then nobody moves the clock. */
  running?(): boolean;
  /** Milliseconds between two looks at the state; default 40. */
  readonly pause?: number;
  /** Octets of the document beside its hundred or so; default 0. */
  readonly filling?: number;
}

/** One application with the browser of its citizen: what a person and a tenant do, again and again until it works. */
export class Walk {
  readonly #world: WalkedWorld;
  readonly #browser = new Browser();
  readonly #key = crypto.randomUUID();
  #callback: string | undefined;
  #application: ApplicationView | undefined;
  id = '';
  /** How often the tenant's request was sent. */
  submissions = 0;

  constructor(world: WalkedWorld) {
    this.#world = world;
  }

  /** Submits and signs. A dead process is waited for; a citizen whose browser showed an error presses reload. */
  async signed(): Promise<void> {
    await this.submit();
    await this.sign();
  }

  async submit(): Promise<void> {
    const application = await this.#retryWhileBusy('submission', () => this.#submitted());
    this.id = application.id;
    this.#application = application;
  }

  /** What `submit` brought is signed. */
  async sign(): Promise<void> {
    const application = this.#application;
    if (application === undefined) throw new Error('nothing was submitted');
    await this.#retryWhileBusy('signature', async () =>
      (await this.#pressed(application)) ? true : undefined,
    );
  }

  async #submitted(): Promise<ApplicationView | undefined> {
    this.submissions += 1;
    const response = await submit(this.#world.sp, documentOf(this.#key, this.#world.filling), {
      key: this.#key,
    });
    if (response.status === 201) return (await response.json()) as ApplicationView;
    const text = await response.text();
    if (response.status === 409 && text.includes('idempotency.running')) {
      // the request that was running died with its process; its key comes back by the clock
      await this.#world.advance(10_000);
      return undefined;
    }
    if (response.status >= 500) return undefined;
    throw new Error(`${response.status} ${text}`);
  }

  /** One try of the citizen. True when the service has taken the signature and our callback has answered. */
  async #pressed(application: ApplicationView): Promise<boolean> {
    const state = (await this.view()).state;
    if (ENDS.includes(state) || ['authorized', 'fetched', 'submitted', 'exchanging'].includes(state))
      return true;
    if (this.#callback !== undefined && state === 'authorizing') {
      const reloaded = await this.#browser.open(this.#callback);
      // refused for good: back to our page, and to the service anew
      if (reloaded.status >= 400 && reloaded.status < 500) this.#callback = undefined;
      return reloaded.status < 400;
    }
    const page = await this.#browser.visit(application.sign_url ?? '');
    const sent = await this.#throughTheLine(await this.#browser.submit(page, '/sign'));
    if (sent.location === undefined) {
      // another attempt is taken to be under way for some seconds after a crash
      await this.#world.advance(5_000);
      return false;
    }
    this.#callback = await driveCitizen(sent.location);
    return (await this.#browser.open(this.#callback)).status < 400;
  }

  /** Where the rate of the service is full the page sends to a line, and on from there in its turn. */
  async #throughTheLine(sent: Page): Promise<Page> {
    let page = sent;
    let line = '';
    const until = performance.now() + PATIENCE;
    while (performance.now() < until && (page.location ?? line).endsWith('/wait')) {
      if (page.status >= 400) break;
      line = page.location ?? line;
      if (page.location === undefined) await new Promise((resolve) => setTimeout(resolve, IN_LINE));
      page = await this.#browser.open(line);
    }
    return page;
  }

  async view(): Promise<ApplicationView> {
    const answer = await api(this.#world.sp, `/v1/applications/${this.id}`);
    if (answer.status !== 200) throw new Error(`${answer.status}`);
    return (await answer.json()) as ApplicationView;
  }

  /** The state now, also while the process that tells it starts again. */
  async state(): Promise<string> {
    return this.#retryWhileBusy('state', async () => (await this.view()).state);
  }

  /**
   * Waits for the end, moving the clock on while nothing happens. `exchanging` is given back too: only its clock leads out.
   * `patience`: real milliseconds of silence before the clock is moved.
   */
  async end(patience = 1_200): Promise<string> {
    let before = '';
    let quiet = performance.now();
    const until = quiet + PATIENCE;
    for (;;) {
      const state = await this.state();
      if (ENDS.includes(state) || state === 'exchanging') return state;
      if (performance.now() > until) throw new Error(`${this.id} is still ${state}`);
      if (state !== before) quiet = performance.now();
      before = state;
      if (this.#world.running?.() === false) quiet = performance.now();
      if (performance.now() - quiet > patience) {
        // a little more than a lease, and then time for whoever may go on now: an sp asks pf again after a quarter of its wait
        await this.#world.advance(31_000);
        quiet = performance.now() + 9_000;
      }
      await new Promise((resolve) => setTimeout(resolve, this.#world.pause ?? PAUSE));
    }
  }

  async #retryWhileBusy<T>(what: string, act: () => Promise<T | undefined>): Promise<T> {
    const until = performance.now() + PATIENCE;
    let last: unknown = 'nothing';
    while (performance.now() < until) {
      try {
        const result = await act();
        if (result !== undefined) return result;
      } catch (thrown) {
        last = thrown;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    throw new Error(`${what} of ${this.id} never came about: ${String(last)}`);
  }
}
