/** One thing to time: how often in a round, and what. A subject may also time itself. */
export interface Subject {
  readonly name: string;
  readonly count: number;
  /** How often before the first round, until the engine has compiled it; `count` when absent. */
  readonly warmUp?: number;
  readonly run?: () => unknown;
  /** Milliseconds of processor time for one, over `count`. */
  readonly measure?: (count: number) => Promise<number>;
}

export interface Measured {
  readonly name: string;
  /** Operations a second: median over the rounds. */
  readonly perSecond: number;
}

/** Times all subjects in processor time, garbage collection and threads of the pool included, round by round, interleaved, after a warm-up. */
export async function measureRounds(
  subjects: readonly Subject[],
  rounds: number,
): Promise<readonly Measured[]> {
  const times = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
  for (const subject of subjects) await once({ ...subject, count: subject.warmUp ?? subject.count });
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) times.get(subject.name)?.push(await once(subject));
  }
  return subjects.map(({ name }) => ({ name, perSecond: 1000 / median(times.get(name) ?? []) }));
}

async function once({ count, run, measure }: Subject): Promise<number> {
  if (measure !== undefined) return measure(count);
  const begin = process.cpuUsage();
  for (let n = 0; n < count; n++) await run?.();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000 / count;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

export function printMeasured(title: string, rows: readonly Measured[]): void {
  const own = rows[0]?.perSecond ?? Number.NaN;
  console.log(title);
  for (const { name, perSecond } of rows) {
    console.log(
      `  ${name.padEnd(44)} ${perSecond.toFixed(0).padStart(8)} /s   jitsuin is ${(own / perSecond).toFixed(2)}x`,
    );
  }
}
