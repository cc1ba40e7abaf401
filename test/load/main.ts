// `npm run test:load-shapes`: the table entrance × shape. Every entrance runs in a process of its own with a heap of 512 MB.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ENTRANCES } from './entrances.ts';
import { faultsOf, type Row } from './rules.ts';

const SIZE = 1_000_000;
const measure = fileURLToPath(new URL('./measure.ts', import.meta.url));
const wanted = process.argv.slice(2);
let wrong = 0;

console.log('entrance          shape                 ½ MB ms   1 MB ms  above MB  outcome');
for (const name of Object.keys(ENTRANCES).filter((each) => wanted.length === 0 || wanted.includes(each))) {
  const args = ['--expose-gc', '--max-old-space-size=512', '--import', 'tsx', measure, name, String(SIZE)];
  const done = spawnSync(process.execPath, args, { encoding: 'utf8' });
  for (const line of done.stdout.split('\n').filter(Boolean)) {
    const row = JSON.parse(line) as Row;
    const faults = faultsOf(row);
    wrong += faults.length;
    const columns = [
      row.entrance.padEnd(17),
      row.shape.padEnd(20),
      row.half.toFixed(0).padStart(8),
      row.whole.toFixed(0).padStart(9),
      (row.above / 1e6).toFixed(0).padStart(9),
    ];
    console.log(
      `${columns.join(' ')}  ${row.outcome}${faults.length === 0 ? '' : `  *** ${faults.join(', ')}`}`,
    );
  }
  if (done.status !== 0) {
    wrong += 1;
    console.log(`${name}: ended with ${done.status ?? done.signal}\n${done.stderr.slice(-2000)}`);
  }
}
console.log(wrong === 0 ? 'all within their bounds' : `${wrong} beyond their bounds`);
process.exit(wrong === 0 ? 0 : 1);
