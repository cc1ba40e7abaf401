// One entrance in a process of its own: `measure.ts ENTRANCE SIZE`. Prints one JSON line for each shape.
import { ENTRANCES, outcomeOf } from './entrances.ts';

const [name = '', size = '0'] = process.argv.slice(2);
const entrance = ENTRANCES[name];
if (entrance === undefined) throw new Error(`no entrance ${name}`);

for (const [shape, make] of Object.entries(entrance.shapes)) {
  await outcomeOf(entrance, make(1_000)); // what is compiled and loaded once is nobody's cost
  const costs: number[] = [];
  let outcome = '';
  let above = 0;
  for (const octets of [make(Number(size) / 2), make(Number(size))]) {
    globalThis.gc?.();
    const idle = process.memoryUsage.rss();
    const before = process.cpuUsage();
    outcome = await outcomeOf(entrance, octets);
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / 1000);
    above = Math.max(above, process.memoryUsage.rss() - idle);
  }
  const [half = 0, whole = 0] = costs;
  console.log(JSON.stringify({ entrance: name, shape, half, whole, above, outcome }));
}
