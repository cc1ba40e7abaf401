// One entrance in a process of its own: `measure.ts ENTRANCE SIZE once|twice`. Prints one JSON line for each shape.
import { ENTRANCES, outcomeOf } from './entrances.ts';
import { faultsOf } from './rules.ts';

const [name = '', size = '0', times = 'twice'] = process.argv.slice(2);
const entrance = ENTRANCES[name];
if (entrance === undefined) throw new Error(`no entrance ${name}`);

/** What is beyond a bound is measured so often more; the least counts, since collector and compiler only ever add. */
const AGAIN = 4;

async function measured(octets: Uint8Array): Promise<{ millis: number; above: number; outcome: string }> {
  globalThis.gc?.();
  const idle = process.memoryUsage.rss();
  const before = process.cpuUsage();
  const outcome = entrance === undefined ? '' : await outcomeOf(entrance, octets);
  const { user, system } = process.cpuUsage(before);
  return { millis: (user + system) / 1000, above: process.memoryUsage.rss() - idle, outcome };
}

for (const [shape, make] of Object.entries(entrance.shapes)) {
  if (times === 'twice') await outcomeOf(entrance, make(1_000)); // what is compiled and loaded once is nobody's cost
  const sizes = [make(Number(size) / 2), make(Number(size))] as const;
  const smaller = times === 'twice' ? await measured(sizes[0]) : undefined;
  const second = await measured(sizes[1]);
  const first = smaller ?? second;
  const row = {
    entrance: name,
    shape,
    half: first.millis,
    whole: second.millis,
    above: Math.max(first.above, second.above),
    outcome: second.outcome,
  };
  for (let again = 0; again < AGAIN && faultsOf(row).some((fault) => fault === 'growth'); again += 1) {
    row.half = Math.min(row.half, (await measured(sizes[0])).millis);
    row.whole = Math.min(row.whole, (await measured(sizes[1])).millis);
  }
  console.log(JSON.stringify(row));
}
