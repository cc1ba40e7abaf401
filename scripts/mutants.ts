/**
 * `npm run mutants`: puts single faults into the source and looks whether a test notices.
 *
 *   npm run mutants                            60 faults a room, drawn by --seed=1
 *   npm run mutants -- --room=core --count=200 --seed=7
 *   npm run mutants -- --changed[=BASE]        faults of the lines changed since BASE (main), at most 120
 *   npm run mutants -- --file=src/core/json.ts all faults of a file
 *   npm run mutants -- --lived                 those that lived the last time
 *   npm run mutants -- --constants             each number of each named constant, for test/CONSTANTS.md
 *   … --kind='other number'                    faults of one kind only
 *   … --stages=1                               only tests without roles, processes and servers
 *   … --servers                                the parts that need servers too
 *
 * Nothing on disk is changed. A fault that lives has a line with its reason in test/mutants-accepted.json, or is a finding.
 * Exit status: 0 all rooms reach their share, 1 one does not (with --changed and --file: one fault lives without a reason).
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PARTS } from '../test/parts.ts';
import {
  allConstants,
  constantsTable,
  isOfThePrograms,
  keyOfConstant,
  NOTICED_FILE,
  type Noticed,
} from './mutants/constants.ts';
import { ImportGraph } from './mutants/import-graph.ts';
import { type Mutant, mutantsOf } from './mutants/mutators.ts';
import type { Coverage } from './mutants/probe.ts';
import { type Attempt, Trial } from './mutants/trial.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
/** Room → its folders and the share of its faults, in percent, that tests must notice. */
const ROOMS: Readonly<Record<string, readonly [share: number, ...folders: string[]]>> = {
  verifier: [95, 'src/verifier'],
  core: [95, 'src/core'],
  rp: [95, 'src/rp'],
  pf: [95, 'src/pf'],
  stores: [95, 'src/adapters/store'],
  verification: [90, 'src/verification'],
  queue: [90, 'src/adapters/queue'],
  http: [90, 'src/http'],
  roles: [90, 'src/roles'],
  workers: [90, 'workers'],
};
/** Test files tried for a fault, the nearest by imports: first those without whole roles; what lives is tried on all. */
const STAGES: readonly { readonly under: RegExp; readonly most: number }[] = [
  {
    under:
      /^test\/(?:unit|attacks|properties)\/|^test\/integration\/(?:store|queue)\/(?:sqlite|sql-sqlite|one-wins|tamper)/,
    most: 80,
  },
  { under: /^test\//, most: 20 },
];
/** A sweep tries a fault on so many of the test files that load it, the nearest. */
const NEAREST = 100;
/** Milliseconds of tests that one fault may cost in a stage, by what they took unharmed. */
const BUDGET = 20_000;
/** Test files that one fault is tried on in a stage. */
const MOST_ATTEMPTS = 12;
/** Attempts of one run of vitest: each brings a copy of its test file, which stays until the run's end. */
const TOGETHER = 250;
/** What lived the last time, for `--lived`. */
const LIVED = '.mutants/lived.json';
const MOST_CHANGED = 120;
/** Test files of a source file that the everyday form tries. */
const NEAREST_EVERY_DAY = 20;

const USAGE = `npm run mutants -- [option …]: puts single faults into the source and looks whether a test notices

  --room=NAME[,NAME]  faults of these rooms (all of ${Object.keys(ROOMS).join(', ')})
  --count=N           so many faults a room (60), drawn by --seed=N (1)
  --changed[=BASE]    faults of the lines changed since BASE (main), at most ${MOST_CHANGED}, on the nearest tests
                      without whole roles (--stages=2: on all)
  --file=PATH         all faults of a file
  --lived             those that lived the last time
  --constants         each number of a named constant of the programs (--count=N: so many of them)
  --kind='NAME'       faults of one kind only
  --stages=N          1: only tests without roles, processes and servers (2)
  --near=N            for each source file so many of the test files that load it, the nearest
  --resume=FOLDER     goes on where the same command was cut off (.mutants/NUMBER)
  --servers           also the parts that need PostgreSQL and Redis`;

function readOptions() {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const args = process.argv.slice(2).map((arg) => (arg === '--changed' ? '--changed=main' : arg));
  try {
    return parseArgs({
      args,
      options: {
        room: text,
        count: text,
        seed: text,
        changed: text,
        file: text,
        lived: flag,
        constants: flag,
        kind: text,
        stages: text,
        near: text,
        resume: text,
        servers: flag,
        help: flag,
      },
    }).values;
  } catch (thrown) {
    console.error(`${(thrown as Error).message}\n\n${USAGE}`);
    return process.exit(2);
  }
}

const options = readOptions();
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
const numberOf = (name: 'count' | 'seed' | 'stages' | 'near', absent: number) => {
  const value = options[name] ?? String(absent);
  if (/^[1-9]\d*$/.test(value)) return Number(value);
  console.error(`--${name} is a whole number from 1, not "${value}".`);
  return process.exit(2);
};
const seed = numberOf('seed', 1);

/** For a person who waits: tests without whole roles, and of those the nearest. */
const EVERYDAY = options.changed !== undefined;

/** mulberry32: the same seed, the same faults. */
function random(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function sample<T>(all: readonly T[], count: number, next: () => number): readonly T[] {
  const drawn = all.map((value) => ({ value, order: next() })).sort((a, b) => a.order - b.order);
  return drawn.slice(0, count).map(({ value }) => value);
}

const filesIn = (folder: string, suffix: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(suffix) && !path.includes('/generated/'))
    .map((path) => `${folder}/${path}`)
    .sort();
const sourceOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const kind = options.kind ?? '';
const allIn = (files: readonly string[]) =>
  files
    .flatMap((file) => mutantsOf(file, sourceOf(file)))
    .filter((mutant) => kind === '' || mutant.kind === kind);

/** Lines of each file that differ from `base`, committed or not. */
function changedLines(base: string): ReadonlyMap<string, ReadonlySet<number>> {
  const diff = execFileSync('git', ['diff', '-U0', '--no-color', base, '--', 'src', 'workers'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  const changed = new Map<string, Set<number>>();
  let lines = new Set<number>();
  for (const line of diff.split('\n')) {
    const file = /^\+\+\+ b\/(.*\.ts)$/.exec(line)?.[1];
    if (line.startsWith('+++ ')) lines = new Set();
    if (file !== undefined && !file.includes('/generated/')) changed.set(file, lines);
    const [, from, count = '1'] = /^@@ \S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    for (let n = 0; from !== undefined && n < Number(count); n += 1) lines.add(Number(from) + n);
  }
  return changed;
}

interface Accepted {
  readonly file: string;
  readonly kind: string;
  readonly original: string;
  readonly mutated: string;
  readonly reason: string;
}
const squeezed = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
const keyOf = ({ file, kind, original, mutated }: Pick<Mutant, 'file' | 'kind' | 'original' | 'mutated'>) =>
  JSON.stringify([file, kind, squeezed(original), squeezed(mutated)]);

interface Chosen {
  readonly room: string;
  readonly share: number;
  readonly mutants: readonly Mutant[];
}

function chosenRooms(): readonly Chosen[] {
  if (options.changed !== undefined) {
    const lines = changedLines(options.changed);
    const all = allIn([...lines.keys()]).filter(({ file, line }) => lines.get(file)?.has(line));
    return [{ room: 'changed lines', share: 100, mutants: sample(all, MOST_CHANGED, random(seed)) }];
  }
  if (options.lived) {
    const lived = new Set(JSON.parse(sourceOf(LIVED)) as string[]);
    const files = new Set([...lived].map((key) => (JSON.parse(key) as string[])[0] ?? ''));
    return [
      { room: 'lived', share: 100, mutants: allIn([...files]).filter((mutant) => lived.has(keyOf(mutant))) },
    ];
  }
  if (options.constants) {
    const files = [...filesIn('src', '.ts'), ...filesIn('workers', '.ts')];
    const all = allIn(files.filter(isOfThePrograms)).filter(
      (mutant) => mutant.constant !== '' && mutant.kind === 'other number',
    );
    const mutants = sample(
      all,
      options.count === undefined ? all.length : numberOf('count', 1),
      random(seed),
    );
    return [{ room: 'constants', share: 100, mutants }];
  }
  const { file } = options;
  if (file !== undefined) return [{ room: file, share: 100, mutants: allIn([file]) }];
  const rooms = (options.room ?? Object.keys(ROOMS).join(',')).split(',');
  return rooms.map((room) => {
    const found = ROOMS[room];
    if (found === undefined) throw new Error(`--room is one of: ${Object.keys(ROOMS).join(', ')}`);
    const [share, ...folders] = found;
    const all = allIn(folders.flatMap((folder) => filesIn(folder, '.ts')));
    // drawn by the room: the same faults whichever rooms are tried, and with a larger count the same and more
    return { room, share, mutants: sample(all, numberOf('count', 60), random(seed)) };
  });
}

const everyday = PARTS.filter((part) => part.everyday || options.servers === true);
const isIn = (path: string, globs: readonly string[]) =>
  globs.some((glob) =>
    glob.includes('*') ? path.startsWith(glob.slice(0, glob.indexOf('*'))) : glob === path,
  );
const testFiles = filesIn('test', '.test.ts').filter((path) =>
  everyday.some((part) => isIn(path, part.include) && !isIn(path, part.exclude ?? [])),
);

/** Source file → the test files that load it, the nearest first. */
function nearestTests(files: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const graph = new ImportGraph(ROOT);
  const near = new Map([...files].map((file) => [file, [] as { path: string; distance: number }[]]));
  for (const path of testFiles) {
    const distances = graph.distances(path);
    for (const [file, list] of near) {
      const distance = distances.get(file);
      if (distance !== undefined) list.push({ path, distance });
    }
  }
  return new Map(
    [...near].map(([file, list]) => [
      file,
      list.sort((a, b) => a.distance - b.distance || (a.path < b.path ? -1 : 1)).map(({ path }) => path),
    ]),
  );
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** The fault in this test file, with what it would cost; undefined where no test reaches it. */
function attemptIn(
  { id, file }: Mutant,
  testFile: string,
  coverage: Coverage,
  atLoad: boolean,
): (Attempt & { cost: number }) | undefined {
  const { load = 0, ...tests } = coverage.milliseconds;
  const reached = Object.entries(coverage.hits).filter(([name, ids]) => name !== 'load' && ids.includes(id));
  const names = reached.map(([name]) => name);
  const all = load + sum(Object.values(tests));
  const swept = coverage.sources.includes(file) && !coverage.untrusted.includes(id);
  if (swept && names.length > 0 && !names.includes('')) return undefined;
  // modules are loaded once for all recorded files: which of them a load touched is known to one only
  if (names.length === 0) return atLoad ? { id, testFile, anew: true, cost: 300 + load + all } : undefined;
  if (names.includes('')) return { id, testFile, anew: false, cost: all };
  const wanted = names.filter((name) => !coverage.failed.includes(name));
  if (wanted.length === 0) return undefined;
  const cost = load + sum(wanted.map((name) => tests[name] ?? 0));
  return { id, testFile, anew: false, tests: wanted, cost };
}

function attemptsFor(
  mutants: readonly Mutant[],
  known: ReadonlyMap<string, Coverage>,
  near: ReadonlyMap<string, readonly string[]>,
): readonly Attempt[] {
  const loaded = new Set([...known.values()].flatMap(({ hits }) => hits['load'] ?? []));
  const perMutant = mutants.map((mutant) => {
    const atLoad = mutant.atLoad || loaded.has(mutant.id);
    const possible = (near.get(mutant.file) ?? []).flatMap((path) => {
      const coverage = known.get(path);
      const attempt = coverage && attemptIn(mutant, path, coverage, atLoad);
      return attempt === undefined ? [] : [attempt];
    });
    let spent = 0;
    const sorted = possible.sort((a, b) => a.cost - b.cost);
    return sorted.slice(0, MOST_ATTEMPTS).filter(({ cost }, index) => {
      spent += cost;
      return index === 0 || spent <= BUDGET;
    });
  });
  const longest = Math.max(0, ...perMutant.map((list) => list.length));
  // the first attempt of all, then the second of what lives, and so on
  return Array.from({ length: longest }, (_, round) => round).flatMap((round) =>
    perMutant.flatMap((list) => {
      const attempt = list[round];
      if (attempt === undefined) return [];
      const { cost: _cost, ...plain } = attempt;
      return [plain];
    }),
  );
}

/** Recorded once for all rooms, then tried room by room: what lives in a room is told before the next begins. */
async function noticed(
  rooms: readonly Chosen[],
): Promise<{ killed: Map<string, string>; reached: Set<string> }> {
  const mutants = rooms.flatMap((room) => room.mutants);
  const files = new Set(mutants.map(({ file }) => file));
  const trial = new Trial(ROOT, join(ROOT, '.mutants', String(process.pid)), mutants);
  const near = nearestTests(files);
  const known = new Map<string, Coverage>();
  const killed = new Map<string, string>();
  const reached = new Set<string>();
  const tried = new Set<string>();
  if (options.resume !== undefined) {
    const left = Trial.leftIn(join(ROOT, options.resume));
    for (const [path, coverage] of left.coverage) known.set(path, coverage);
    for (const [id, by] of left.killed) killed.set(id, by);
  }
  try {
    for (const { under, most: ofStage } of STAGES.slice(0, numberOf('stages', EVERYDAY ? 1 : 2))) {
      const most = numberOf('near', EVERYDAY ? NEAREST_EVERY_DAY : ofStage);
      const living = mutants.filter(({ id }) => !killed.has(id));
      const wanted = new Set(
        living.flatMap(({ file }) =>
          (near.get(file) ?? []).filter((path) => under.test(path)).slice(0, most),
        ),
      );
      const unknown = [...wanted].filter((path) => !known.has(path)).sort();
      process.stderr.write(`${living.length} faults, ${unknown.length} test files …\n`);
      const sourcesOf = (testFile: string) =>
        [...near].filter(([, paths]) => paths.slice(0, NEAREST).includes(testFile)).map(([file]) => file);
      const swept = await trial.sweep(unknown, sourcesOf, living);
      for (const [path, coverage] of swept.coverage) {
        known.set(path, coverage);
        for (const ids of Object.values(coverage.hits)) for (const id of ids) reached.add(id);
      }
      for (const [id, by] of swept.killed) killed.set(id, by);
      for (const room of rooms) {
        const alive = room.mutants.filter(({ id }) => !killed.has(id));
        const attempts = attemptsFor(alive, known, near).filter(({ id, testFile }) => {
          const key = `${id} ${testFile}`;
          return !tried.has(key) && tried.add(key);
        });
        for (const { id } of attempts) reached.add(id);
        process.stderr.write(`${room.room}: ${alive.length} faults, ${attempts.length} attempts …\n`);
        for (let n = 0; n < attempts.length; n += TOGETHER) {
          const next = attempts.slice(n, n + TOGETHER).filter(({ id }) => !killed.has(id));
          const noticed = await trial.killed(next, () => process.stderr.write('.'));
          for (const [id, by] of noticed) killed.set(id, by);
        }
        const left = room.mutants.filter((mutant) => !killed.has(mutant.id) && !accepted.has(keyOf(mutant)));
        const time = new Date().toISOString().slice(11, 19);
        process.stderr.write(` ${time}: ${left.length} of ${room.mutants.length} live\n`);
        for (const mutant of left) process.stderr.write(`  ${shown(mutant, reached)}\n`);
      }
    }
  } finally {
    trial.close();
  }
  return { killed, reached };
}

const shown = ({ id, file, line, kind, original, mutated }: Mutant, reached: ReadonlySet<string>) =>
  `${file}:${line} ${kind}${reached.has(id) ? '' : ' (no near test reaches it)'}: ` +
  `${squeezed(original).slice(0, 110)}  =>  ${squeezed(mutated).slice(0, 110)}`;

const accepted = new Map(
  (JSON.parse(sourceOf('test/mutants-accepted.json')) as readonly Accepted[]).map((line) => [
    keyOf(line),
    line.reason,
  ]),
);

const began = Date.now();
const rooms = chosenRooms();
const { killed, reached } = await noticed(rooms);
const out = (line: string) => process.stdout.write(`${line}\n`);
out('\n| room | faults | killed | accepted | lived | share |\n| --- | ---: | ---: | ---: | ---: | ---: |');
let short = false;
for (const { room, share, mutants } of rooms) {
  const living = mutants.filter(({ id }) => !killed.has(id));
  const findings = living.filter((mutant) => !accepted.has(keyOf(mutant)));
  const judged = mutants.length - (living.length - findings.length);
  const percent = judged === 0 ? 100 : (100 * (judged - findings.length)) / judged;
  if (percent < share) short = true;
  const counts = [
    mutants.length,
    mutants.length - living.length,
    living.length - findings.length,
    findings.length,
  ];
  out(`| ${room} | ${counts.join(' | ')} | ${percent.toFixed(1)} % (${share}) |`);
}
for (const { room, mutants } of rooms) {
  const findings = mutants.filter((mutant) => !killed.has(mutant.id) && !accepted.has(keyOf(mutant)));
  if (findings.length > 0) out(`\nlived in ${room}:`);
  for (const mutant of findings) out(shown(mutant, reached));
}
/** A constant of several numbers is noticed when each of them is. */
function noticedOf(mutants: readonly Mutant[]): Noticed {
  return Object.fromEntries(
    allConstants(ROOT).flatMap((constant): [string, string][] => {
      const own = mutants.filter((one) => one.file === constant.file && one.constant === constant.name);
      const by = own.map((mutant) => killed.get(mutant.id) ?? accepted.get(keyOf(mutant)));
      const [first] = by;
      return first === undefined || by.includes(undefined) ? [] : [[keyOfConstant(constant), first]];
    }),
  );
}
if (options.constants && options.count === undefined) {
  const noticedNow = noticedOf(rooms.flatMap(({ mutants }) => mutants));
  writeFileSync(join(ROOT, NOTICED_FILE), `${JSON.stringify(noticedNow, null, 2)}\n`);
  writeFileSync(join(ROOT, 'test/CONSTANTS.md'), constantsTable(allConstants(ROOT), noticedNow));
}
const lived = rooms.flatMap(({ mutants }) => mutants).filter(({ id }) => !killed.has(id));
writeFileSync(join(ROOT, LIVED), JSON.stringify(lived.map(keyOf)));
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
out(`\nseed ${seed}, commit ${commit}, ${Math.round((Date.now() - began) / 1000)} s`);
process.exitCode = short ? 1 : 0;
