import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { report } from './fault-settings.ts';

/** `before`: what was about to happen did not. `after`: it happened, and nobody was told. */
export type Moment = 'before' | 'after';

const CHILD_MAIN = fileURLToPath(new URL('./child-main.mjs', import.meta.url));
const START_LIMIT = 60_000;
const MOST_SURPRISES = 20;

export interface Death {
  /** Which tables the commit wrote, or the request that was away. */
  readonly label: string;
  readonly at: number;
}

/** What a process did since its start. */
export interface Counts {
  readonly statements: number;
  /** Times that PostgreSQL was asked something. */
  readonly roundTrips: number;
  /** Time inside SQLite, its commits apart; ms. */
  readonly sqliteMillis: number;
  /** Commits that waited for the disk. */
  readonly durable: number;
  /** Commands that it sent to Redis. */
  readonly redisCalls: number;
  /** HTTP requests that it answered. */
  readonly requests: number;
}

interface Answer {
  readonly commits: number;
  readonly counts: Counts;
  readonly texts?: readonly (readonly [string, number])[];
}

/** `JITSUIN_BENCH_PROFILE=FOLDER`: each process leaves a profile of its processor time there when it stops. */
function profiled(name: string): readonly string[] {
  const folder = process.env['JITSUIN_BENCH_PROFILE'] ?? '';
  if (folder === '') return [];
  const file = `${name.replaceAll(' ', '-')}-${Date.now()}.cpuprofile`;
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${file}`];
}

/** One `serve` or `worker` of a role as a real process; started again by itself whenever it is killed. */
export class RoleProcess {
  readonly name: string;
  isReady = false;
  frozen = false;
  readonly deaths: Death[] = [];
  readonly lines: string[] = [];
  /** Why it ended where nobody killed it. */
  readonly surprises: string[] = [];
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #pointFile: string;
  readonly #clockOffset: () => number;
  #child: ChildProcess | undefined;
  #ready: Promise<void> = Promise.resolve();
  #stopping = false;
  #counts: Counts = {
    statements: 0,
    roundTrips: 0,
    sqliteMillis: 0,
    durable: 0,
    redisCalls: 0,
    requests: 0,
  };
  #texts: ReadonlyMap<string, number> = new Map();
  #nextLabel: string | undefined;

  constructor(options: {
    readonly name: string;
    readonly program: string;
    readonly args: readonly string[];
    readonly pointFile: string;
    readonly clockOffset: () => number;
  }) {
    this.name = options.name;
    this.#program = options.program;
    this.#args = options.args;
    this.#pointFile = options.pointFile;
    this.#clockOffset = options.clockOffset;
  }

  /** Starts it; `ready()` tells when it runs. */
  start(): void {
    this.#stopping = false;
    this.isReady = false;
    const node = profiled(this.name);
    const child = spawn(
      process.execPath,
      [...node, CHILD_MAIN, this.#program, this.#pointFile, ...this.#args],
      {
        env: { PATH: process.env['PATH'] ?? '', CHILD_CLOCK_OFFSET: String(this.#clockOffset()) },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    this.#child = child;
    this.#ready = new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`${this.name} did not start`)), START_LIMIT);
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        this.lines.push(text);
        if (!text.includes('"verb"')) return;
        clearTimeout(limit);
        this.isReady = true;
        resolve();
      });
      child.stderr?.setEncoding('utf8').on('data', (text: string) => this.lines.push(text));
      child.once('exit', (status, signal) => {
        clearTimeout(limit);
        this.isReady = false;
        if (this.#stopping) return resolve();
        if (signal === 'SIGKILL') this.#died();
        else this.#ended(`${status ?? signal}`);
        if (this.surprises.length > MOST_SURPRISES)
          return reject(new Error(`${this.name} ends again and again: ${this.surprises.at(-1)}`));
        this.start();
        this.#ready.then(resolve, reject);
      });
    });
    this.#ready.catch(() => undefined);
  }

  /** It gave up by itself; whoever supervises it starts it again, and the test tells of it. */
  #ended(status: string): void {
    const why = `${this.name} ended with ${status}: ${this.lines.slice(-5).join('').slice(-2_000)}`;
    this.surprises.push(why);
    report(why);
  }

  #died(): void {
    const fromFile = existsSync(this.#pointFile)
      ? (JSON.parse(readFileSync(this.#pointFile, 'utf8')) as Death)
      : undefined;
    rmSync(this.#pointFile, { force: true });
    this.deaths.push(fromFile ?? { label: this.#nextLabel ?? 'killed', at: Date.now() });
    this.#nextLabel = undefined;
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  /** Stops it in the middle of whatever it does, as a blocked event loop or a paused machine would. */
  freeze(): void {
    this.frozen = true;
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
    this.frozen = false;
  }

  /** SIGKILL from outside, in the middle of what `label` names. */
  async kill(label: string): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    this.#nextLabel = label;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Tells the process to die at its n-th commit from now; 0 never. Answers how many commits it made since the last time. */
  async arm(moment: Moment, commit: number): Promise<void> {
    await this.#tell({ arm: { moment, commit } });
  }

  async commitsSinceArmed(): Promise<number> {
    return this.#tell({});
  }

  async counts(): Promise<Counts> {
    await this.#tell({});
    return this.#counts;
  }

  /** How often each statement and each command to Redis was sent since the start. */
  async texts(): Promise<ReadonlyMap<string, number>> {
    await this.#tell({ texts: true });
    return this.#texts;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** One that is frozen is told when it thaws. */
  async setClock(offset: number): Promise<void> {
    const told = this.#tell({ offset });
    if (!this.frozen) await told;
  }

  async #tell(message: object): Promise<number> {
    await this.#ready;
    const child = this.#child;
    if (child === undefined || !child.connected) return 0;
    return new Promise((resolve) => {
      const end = (commits: number) => {
        child.off('message', onMessage);
        child.off('exit', onExit);
        resolve(commits);
      };
      const onMessage = (answer: unknown) => {
        const { commits, counts, texts } = answer as Answer;
        this.#counts = counts;
        this.#texts = new Map(texts ?? this.#texts);
        end(commits);
      };
      const onExit = () => end(0);
      child.once('message', onMessage);
      child.once('exit', onExit);
      child.send(message, (error) => {
        if (error !== null) end(0);
      });
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const limit = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await gone;
    clearTimeout(limit);
  }
}
