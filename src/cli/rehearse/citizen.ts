import { randomUUID } from 'node:crypto';
import type { ApplicationView } from '../../contracts/public-api.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import { ASK_MILLIS } from '../../rp/waiting-room.ts';
import { type CitizenChoice, driveCitizen } from '../../simulator/citizen.ts';
import { Browser, type Page } from '../demo/browser.ts';
import { waited } from './outages.ts';
import type { Place } from './place.ts';
import { expectOwn, type RehearsalPlan } from './plan.ts';

/** What became of one application; times are of the machine's clock that nobody sets, in milliseconds. */
export interface Fate {
  readonly came: number;
  id?: string;
  meant: 'sign' | 'refuse' | 'abandon';
  /** The service has taken the signature and our page has answered. */
  signed?: number;
  decided?: number;
  /** The last state seen, and the verdict's word. */
  state?: string;
  indication?: string;
  /** Answers that asked to come again, by what asked. */
  waits: Record<string, number>;
  /** How often the citizen had to sign anew. */
  again: number;
  end?: 'decided' | 'refused' | 'abandoned' | 'turned-away-submission' | 'turned-away-page' | 'open' | 'lost';
}

export interface Stay {
  readonly place: Place;
  readonly plan: RehearsalPlan;
  /** Aborted when the rehearsal is over: what is open then stays open. */
  readonly signal: AbortSignal;
}

const PEOPLE = ['taro', 'hanako', 'elder', 'kanji'];
const ENDS: readonly string[] = ['decided', 'refused', 'failed', 'restart-needed', 'expired', 'cancelled'];
const SIGN_ANEW: readonly string[] = ['refused', 'restart-needed', 'expired'];
const BEFORE_SIGNATURE: readonly string[] = ['received', 'opened', 'authorizing'];
const SOME_MILLIS = 3_000;
const WAITING_ROOM = 'waiting room';
const LONGEST_WAIT = MINUTE_MILLIS;
const FIRST_LOOK = 250;
const LONGEST_LOOK = 5_000;
const LONGEST_ANSWER = MINUTE_MILLIS;
/** Page and state may be of different moments; longer than this they contradict each other. */
const SETTLED_MILLIS = 15_000;

/** One tenant's application with its citizen, until its end, or until patience ends. */
export async function live(stay: Stay, n: number, fate: Fate): Promise<void> {
  const application = await submitted(stay, n, fate);
  if (application === undefined) {
    fate.end = stay.signal.aborted ? 'open' : 'turned-away-submission';
    return;
  }
  fate.id = application.id;
  await new Citizen(stay, n, fate, application).live();
}

async function submitted(
  { place, plan, signal }: Stay,
  n: number,
  fate: Fate,
): Promise<ApplicationView | undefined> {
  const key = randomUUID();
  const until = performance.now() + plan.citizens.patience_seconds * 1_000;
  for (;;) {
    const answer = await fetch(`${place.url}/v1/applications`, {
      method: 'POST',
      signal: AbortSignal.timeout(LONGEST_ANSWER),
      headers: {
        authorization: `Bearer ${place.apiKey}`,
        'content-type': 'application/xml',
        'idempotency-key': key,
      },
      body: documentOf(n, key, plan.octets),
    }).catch(() => undefined);
    const text = (await answer?.text().catch(() => undefined)) ?? '';
    if (answer?.status === 201) return JSON.parse(text) as ApplicationView;
    const code = /"code":"([a-z.-]+)"/.exec(text)?.[1];
    if (answer !== undefined && answer.status < 500 && answer.status !== 409 && answer.status !== 429)
      throw new Error(`The deployment refuses applications: ${answer.status} ${code ?? ''}`);
    count(fate, answer === undefined ? 'no answer' : `submission ${answer.status}`);
    const wait = askedWait(answer?.headers.get('retry-after'));
    if (performance.now() + wait > until || !(await waited(wait, signal))) return undefined;
  }
}

class Citizen {
  readonly #stay: Stay;
  readonly #n: number;
  readonly #fate: Fate;
  readonly #browser: Browser;
  #address: string;
  readonly #until: number;

  constructor(stay: Stay, n: number, fate: Fate, { sign_url }: ApplicationView) {
    this.#stay = stay;
    this.#n = n;
    this.#fate = fate;
    this.#browser = new Browser();
    this.#address = sign_url ?? '';
    this.#until = performance.now() + stay.plan.citizens.patience_seconds * 1_000;
  }

  async live(): Promise<void> {
    const fate = this.#fate;
    for (;;) {
      const signed = await this.#patiently(() => this.#tryToSign());
      if (signed === undefined) {
        fate.end = this.#stay.signal.aborted ? 'open' : 'turned-away-page';
        return;
      }
      if (signed === 'abandoned') {
        fate.end = 'abandoned';
        return;
      }
      const end = await this.#ended();
      if (end !== 'sign-anew') {
        fate.end = end;
        return;
      }
      fate.again += 1;
    }
  }

  /** Again and again, as the pages ask, until it is done or patience ends. */
  async #patiently<T>(act: () => Promise<T | Asked>): Promise<T | undefined> {
    for (;;) {
      const done = await act().catch((thrown: unknown) => {
        if (thrown instanceof Elsewhere) throw thrown;
        return new Asked('no answer', SOME_MILLIS);
      });
      if (!(done instanceof Asked)) return done;
      count(this.#fate, done.by);
      if (performance.now() + done.millis > this.#until) return undefined;
      if (!(await waited(done.millis, this.#stay.signal))) return undefined;
    }
  }

  async #tryToSign(): Promise<'signed' | 'abandoned' | Asked> {
    const { plan, place, signal } = this.#stay;
    const page = await this.#shown();
    if (page instanceof Asked) return page;
    const sent = await this.#throughTheRoom(await this.#browser.submit(page, '/sign'));
    if (sent instanceof Asked) return sent;
    if (sent.location === undefined) return this.#asked(sent);
    if (/\/applications\/[^/]+\/(?:sign|complete)$/.test(sent.location))
      return new Asked('page', SOME_MILLIS);
    if (new URL(sent.location).origin !== place.service) throw new Elsewhere(new URL(sent.location).host);
    const [least, most] = plan.citizens.thinks_seconds;
    await waited((least + spread(this.#n, 2) * (most - least)) * 1_000, signal);
    if (this.#fate.meant === 'abandon') return 'abandoned';
    const callback = await driveCitizen(sent.location, this.#choice()).catch(() => undefined);
    if (callback === undefined) return new Asked('service', SOME_MILLIS);
    expectOwn(callback, place.hosts);
    return (await this.#patiently(() => this.#back(callback))) ?? new Asked('callback', SOME_MILLIS);
  }

  /** In the line before the service, as the page asks, until it leads on or patience ends. */
  async #throughTheRoom(sent: Page): Promise<Page | Asked> {
    let page = sent;
    let room = '';
    while (page.location?.endsWith('/wait') === true || page.html.includes('data-waiting-room')) {
      room = page.location ?? room;
      if (performance.now() > this.#until) return new Asked(WAITING_ROOM, Number.POSITIVE_INFINITY);
      if (page.location === undefined) {
        count(this.#fate, WAITING_ROOM);
        if (!(await waited(ASK_MILLIS, this.#stay.signal))) return new Asked(WAITING_ROOM, 0);
      }
      page = await this.#browser.open(room);
    }
    return page;
  }

  /** The confirmation page, or what asks to wait. */
  async #shown(): Promise<Page | Asked> {
    const page = await this.#browser.visit(this.#address);
    if (page.status >= 400) return this.#asked(page);
    if (!page.html.includes('/again"')) return page;
    const anew = await this.#browser.submit(page, '/again');
    if (anew.location === undefined) return this.#asked(anew);
    this.#address = anew.location;
    this.#fate.id = /\/applications\/([^/]+)\/sign/.exec(anew.location)?.[1] ?? this.#fate.id ?? '';
    return this.#browser.visit(anew.location);
  }

  /** A code works once: where the callback's page asks to wait, the citizen loads it again and begins nothing anew. */
  async #back(callback: string): Promise<'signed' | Asked> {
    const page = await this.#browser.open(callback);
    if (page.status >= 500 || page.status === 429) return this.#asked(page);
    if (spread(this.#n, 3) < this.#stay.plan.citizens.reload) await this.#browser.open(callback);
    this.#fate.signed = performance.now();
    return 'signed';
  }

  #asked({ status, retryAfter }: Page): Asked {
    return new Asked(`page ${status}`, askedWait(retryAfter));
  }

  #choice(): CitizenChoice {
    const person = PEOPLE[this.#n % PEOPLE.length] ?? 'taro';
    return { person, outcome: this.#fate.meant === 'refuse' ? 'refuse' : 'sign' };
  }

  async #ended(): Promise<'decided' | 'refused' | 'open' | 'lost' | 'sign-anew'> {
    const fate = this.#fate;
    for (let look = FIRST_LOOK; ; look = Math.min(LONGEST_LOOK, look * 1.5)) {
      if (!(await waited(look, this.#stay.signal))) return 'open';
      const view = await this.#view().catch(() => undefined);
      if (view === undefined) continue;
      fate.state = view.state;
      const signed = fate.signed ?? 0;
      // the page answered that it did not work: nothing is under way here
      if (BEFORE_SIGNATURE.includes(view.state) && performance.now() - signed > SETTLED_MILLIS)
        return 'sign-anew';
      if (!ENDS.includes(view.state)) continue;
      if (fate.meant === 'refuse') return 'refused';
      if (view.state === 'decided') {
        fate.decided = performance.now();
        fate.indication = view.verdict?.indication ?? '';
        return fate.indication === 'TOTAL-PASSED' ? 'decided' : 'lost';
      }
      return SIGN_ANEW.includes(view.state) ? 'sign-anew' : 'lost';
    }
  }

  async #view(): Promise<ApplicationView | undefined> {
    const { place } = this.#stay;
    const answer = await fetch(`${place.url}/v1/applications/${this.#fate.id}`, {
      signal: AbortSignal.timeout(LONGEST_ANSWER),
      headers: { authorization: `Bearer ${place.apiKey}` },
    });
    return answer.status === 200 ? ((await answer.json()) as ApplicationView) : undefined;
  }
}

/** A page asked to come again. */
class Asked {
  readonly by: string;
  readonly millis: number;

  constructor(by: string, millis: number) {
    this.by = by;
    this.millis = millis;
  }
}

/** The deployment sends its citizens somewhere else than to the simulator: the rehearsal stops. */
export class Elsewhere extends Error {
  constructor(host: string) {
    super(
      `The deployment sends its citizens to ${host}, not to the simulator of the plan: nothing more is sent.`,
    );
  }
}

function askedWait(retryAfter: string | null | undefined): number {
  const seconds = Number(retryAfter ?? 0);
  return Number.isInteger(seconds) && seconds > 0 ? Math.min(LONGEST_WAIT, seconds * 1_000) : SOME_MILLIS;
}

function count(fate: Fate, what: string): void {
  fate.waits[what] = (fate.waits[what] ?? 0) + 1;
}

const STEPS = [0.618_034, 0.754_878, 0.569_84];

/** A number from 0 to 1 for the n-th, evenly spread, the same in each run; `which` gives another row of them. */
export function spread(n: number, which: number): number {
  return (n * (STEPS[which - 1] ?? 0.5) + 0.5) % 1;
}

const ENTRY = '<明細 番号="1"><品名>模擬の書類</品名><金額>1200</金額></明細>\n';

/** Each is another text: the same one signed by the same card would be the same signature. */
function documentOf(n: number, key: string, octets: number): string {
  const filling = ENTRY.repeat(Math.floor(octets / Buffer.byteLength(ENTRY)));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<届出><番号>${n}-${key}</番号>${filling}</届出>\n`;
}
