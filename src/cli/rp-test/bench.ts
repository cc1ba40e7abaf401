import { MINUTE_MILLIS } from '../../core/spans.ts';
import { errorRow } from '../../simulator/auth-and-sign/error-rows.ts';
import type { FaultOptions, SimulatedEndpoint } from '../../simulator/auth-and-sign/faults.ts';
import { type CitizenChoice, driveCitizen } from '../../simulator/citizen.ts';
import type { ObservedRequest, Simulator } from '../../simulator/options.ts';
import { type Described, type Judged, type ModuleResult, result } from './verdict.ts';
import { newVisitor, type Visitor } from './visitor.ts';

/** What became of a signature, as the relying party says it. */
export type SignatureWord = 'taken' | 'waiting' | 'refused';

/** A signature that was begun. */
export interface Started {
  /** The citizen's way to the service begins here. */
  readonly url: string;
  /** Hex SHA-256 of the octets that are signed, where the relying party tells it. */
  readonly sha256?: string;
  /** Given back to `done`. */
  readonly note: string;
}

/** How a signature is begun at the relying party, and how it says what became of it. */
export interface Signing {
  /** Undefined: it could not be begun. */
  start(): Promise<Started | undefined>;
  done(started: Started, visitor: Visitor): Promise<SignatureWord>;
}

/** The relying party under test, which its author runs. */
export interface UnderTest {
  readonly clientId: string;
  readonly variant: 'private' | 'government';
  /** Begins a login: it leads to the authorization endpoint. */
  readonly start?: string;
  /** Answers 2xx to who is logged in, and to nobody else. */
  readonly home?: string;
  /** Where `home` answers everybody: what its page says to who is logged in, and to nobody else. */
  readonly says?: string;
  /** Refreshes the tokens of who is logged in and answers 2xx if that went well. */
  readonly refresh?: string;
  readonly backchannelLogoutUri?: string;
  readonly signing?: Signing;
  /** Words of the buttons that the citizen presses on the relying party's pages. */
  readonly press?: readonly string[];
  /** Everything that it keeps: text of its files and tables. */
  stored?(): Promise<string>;
  /** How long it may stay away after the service was, in milliseconds. */
  readonly recovery?: number;
  /** How long a signature may take to be judged, in milliseconds. */
  readonly patience?: number;
}

export interface Bench {
  readonly simulator: Simulator;
  /** What came to the service since the list was emptied. */
  readonly observed: ObservedRequest[];
  readonly party: UnderTest;
}

/** One walk of a citizen from a fresh browser to the end. */
export interface Attempt {
  readonly visitor: Visitor;
  readonly authorization: URL | undefined;
  /** Logged in, or the signature taken. */
  readonly accepted: boolean;
  /** The last page of it. */
  readonly page: string;
  /** The relying party's pages before the service. */
  readonly before: readonly string[];
  /** HTTP status of the page that the callback led to; 0 without one. */
  readonly answered: number;
  readonly requests: readonly ObservedRequest[];
  /** How long it took. */
  readonly millis: number;
  readonly started?: Started;
}

/** What a plan tries again and again: a login, or a signature. */
export interface Flow {
  readonly name: 'login' | 'signature';
  /** Two went well with nothing spoiled. */
  readonly works: boolean;
  /** Why nothing can be tried. */
  readonly why: string;
  readonly first: readonly Attempt[];
  attempt(choice?: CitizenChoice): Promise<Attempt>;
}

const PATIENCE_MILLIS = 10_000;
const LEAST_PATIENCE_MILLIS = 1500;
const SLOWER = 5;
const POLL_MILLIS = 50;
const FEW_TRIES = 10;
const SECOND_MILLIS = 1000;
const RECOVERY_MILLIS = MINUTE_MILLIS;
const RECOVERY_STEP_MILLIS = 500;

const sleep = (millis: number) => new Promise<void>((done) => setTimeout(done, millis));

interface Walked {
  readonly visitor: Visitor;
  readonly authorization: URL | undefined;
  readonly before: readonly string[];
  readonly answered: number;
}

async function walk(bench: Bench, url: string, choice: CitizenChoice): Promise<Walked> {
  const { simulator, party } = bench;
  const visitor = newVisitor(party.press);
  const begun = await visitor.visit(url, `${simulator.issuer}/protocol/openid-connect/auth`);
  const { stoppedAt, pages: before } = begun;
  if (stoppedAt === undefined) return { visitor, authorization: undefined, before, answered: 0 };
  const callback = await back(stoppedAt, choice);
  const answered = callback === undefined ? 0 : (await visitor.visit(callback)).status;
  return { visitor, authorization: new URL(stoppedAt), before, answered };
}

async function back(url: string, choice: CitizenChoice): Promise<string | undefined> {
  try {
    return await driveCitizen(url, choice);
  } catch {
    return undefined;
  }
}

/** Whether the page of who is logged in opens for this browser. */
export async function isLoggedIn({ simulator, party }: Bench, visitor: Visitor): Promise<boolean> {
  if (party.home === undefined) return false;
  return welcomes(party, await visitor.visit(party.home, `${simulator.issuer}/`));
}

function welcomes(
  { says }: UnderTest,
  { status, body }: { readonly status: number; readonly body: string },
): boolean {
  return status >= 200 && status < 300 && (says === undefined || body.includes(says));
}

async function login(bench: Bench, choice: CitizenChoice): Promise<Attempt> {
  const { simulator, observed, party } = bench;
  observed.length = 0;
  const begun = performance.now();
  const walked = await walk(bench, party.start ?? '', choice);
  const home = await walked.visitor.visit(party.home ?? '', `${simulator.issuer}/`);
  const accepted = welcomes(party, home);
  const millis = performance.now() - begun;
  return { ...walked, accepted, page: home.body, requests: [...observed], millis };
}

async function sign(
  bench: Bench,
  signing: Signing,
  choice: CitizenChoice,
  patience: number,
): Promise<Attempt> {
  const { observed } = bench;
  observed.length = 0;
  const begun = performance.now();
  const taken = () => ({ requests: [...observed], millis: performance.now() - begun });
  const started = await signing.start();
  if (started === undefined) {
    const nobody = { visitor: newVisitor(), authorization: undefined, before: [], answered: 0 };
    return { ...nobody, accepted: false, page: '', ...taken() };
  }
  const walked = await walk(bench, started.url, choice);
  const accepted = (await ending(signing, started, walked.visitor, patience)) === 'taken';
  return { ...walked, accepted, page: '', started, ...taken() };
}

async function ending(
  signing: Signing,
  started: Started,
  visitor: Visitor,
  patience: number,
): Promise<SignatureWord> {
  const end = performance.now() + patience;
  while (performance.now() < end) {
    const word = await signing.done(started, visitor);
    if (word !== 'waiting') return word;
    await sleep(POLL_MILLIS);
  }
  return 'waiting';
}

/** Good ones first, with all patience; what takes far longer than those did will not be taken any more. */
function patientSign(bench: Bench, signing: Signing): Flow['attempt'] {
  const patience = bench.party.patience ?? PATIENCE_MILLIS;
  let slowest = 0;
  let good = 0;
  return async (choice = {}) => {
    const usual = Math.max(LEAST_PATIENCE_MILLIS, slowest * SLOWER);
    const begun = performance.now();
    const attempt = await sign(bench, signing, choice, good < 2 ? patience : Math.min(patience, usual));
    if (!attempt.accepted) return attempt;
    good += 1;
    slowest = Math.max(slowest, performance.now() - begun);
    return attempt;
  };
}

/** Tries it twice with nothing spoiled: what the other modules are compared with. */
export async function openFlow(bench: Bench, name: Flow['name']): Promise<Flow> {
  const { start, home, signing } = bench.party;
  const nothing = (why: string): Flow => ({
    name,
    works: false,
    why,
    first: [],
    attempt: () => Promise.reject(new RangeError(why)),
  });
  let attempt: Flow['attempt'];
  if (name === 'login') {
    if (start === undefined || home === undefined) return nothing('the plan has no "start" and "home"');
    attempt = (choice = {}) => login(bench, choice);
  } else {
    if (signing === undefined) return nothing('the plan has no "sign"');
    attempt = patientSign(bench, signing);
  }
  bench.simulator.faults.clear();
  const first = [await attempt(), await attempt()];
  const works = first.every(({ accepted }) => accepted);
  return { name, works, why: `no good ${name} to compare with`, first, attempt };
}

interface PlannedFault extends FaultOptions {
  readonly endpoint: SimulatedEndpoint;
  readonly name: string;
}

/** One attempt with faults; `judge` says what it makes of it. Faults that never came to anything: not exercised. */
export async function spoiled(
  bench: Bench,
  flow: Flow,
  described: Described,
  { faults, choice = {} }: { readonly faults: readonly PlannedFault[]; readonly choice?: CitizenChoice },
  judge: (attempt: Attempt) => Omit<Judged, 'sent'>,
): Promise<ModuleResult> {
  const words = faults.map(({ endpoint, name }) => `${endpoint}: ${name}`);
  if (choice.outcome !== undefined) words.push(`the citizen: ${choice.outcome}`);
  const sent = words.join(', ');
  if (!flow.works) return result(described, { ok: undefined, sent, came: flow.why });
  const { faults: queue } = bench.simulator;
  queue.clear();
  for (const { endpoint, name, ...options } of faults) queue.next(endpoint, name, options);
  const waiting = queue.pending();
  const attempt = await flow.attempt(choice);
  const used = faults.length === 0 || queue.pending() < waiting;
  queue.clear();
  if (faults.some(saysUnavailable)) await recovered(bench, flow);
  const endpoint = faults[0]?.endpoint ?? 'token';
  const judged = used ? judge(attempt) : { ok: undefined, came: `it never asks the ${endpoint} endpoint` };
  return result(described, { ...judged, sent });
}

function saysUnavailable({ name }: PlannedFault): boolean {
  return ['maintenance', 'rate-limit'].includes(name) || errorRow(name)?.status === 503;
}

/** Who leaves the service in peace after a 503 comes back by and by: nothing is judged before. */
async function recovered({ party }: Bench, flow: Flow): Promise<void> {
  const rounds = Math.ceil((party.recovery ?? RECOVERY_MILLIS) / RECOVERY_STEP_MILLIS);
  for (let round = 0; round < rounds; round += 1) {
    if ((await flow.attempt()).accepted) return;
    await sleep(RECOVERY_STEP_MILLIS);
  }
}

export const asked = ({ requests }: Pick<Attempt, 'requests'>, endpoint: SimulatedEndpoint, grant?: string) =>
  requests.filter(
    (one) => one.endpoint === endpoint && (grant === undefined || one.parameters['grant_type'] === grant),
  );

/** So often may be tried again what may be tried again: a few times at once, then no more than each second. */
export const mostTries = ({ millis }: Pick<Attempt, 'millis'>) =>
  FEW_TRIES + Math.floor(millis / SECOND_MILLIS);

/** "logged in", or "signature taken", and how the page answered. */
export function outcome(flow: Flow, { accepted, answered }: Attempt): string {
  const words = flow.name === 'login' ? ['logged in', 'not logged in'] : ['taken', 'not taken'];
  return `${accepted ? words[0] : words[1]}, answered ${answered}`;
}

/** A failure of our own is what 500 says; 502 to 504 speak of the service. */
export const showsFailure = ({ answered }: Attempt) => answered === 500;
