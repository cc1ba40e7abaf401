import { openStandardOutput } from '../../../src/adapters/log/standard-output.ts';

/** Writes far more than anybody takes, and tells on standard error whether its event loop went on. */
const output = openStandardOutput();
let ticks = 0;
const ticking = setInterval(() => {
  ticks += 1;
  for (let n = 0; n < 100; n += 1) output.write(`${JSON.stringify({ n, filling: 'x'.repeat(4_000) })}\n`);
}, 5);
setTimeout(() => {
  clearInterval(ticking);
  process.stderr.write(JSON.stringify({ ticks, dropped: output.dropped() }));
  process.exit(0);
}, 500);
