// `npm run test:load-shapes`: the table entrance × shape. Every entrance runs in a process of its own with a heap of 512 MB, and each
// row is printed as it comes. `--short`: small inputs, each measured once (no growth), two minutes for an entrance at most.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ENTRANCES } from './entrances.ts';
import { faultsOf, type Row } from './rules.ts';

const short = process.argv.includes('--short');
const SIZE = short ? 60_000 : 1_000_000;
const MOST_MILLIS = (short ? 2 : 10) * 60_000;
const measure = fileURLToPath(new URL('./measure.ts', import.meta.url));
const wanted = process.argv.slice(2).filter((each) => each !== '--short');
let wrong = 0;

function print(row: Row): void {
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

async function measured(name: string): Promise<void> {
  const args = [
    '--expose-gc',
    '--max-old-space-size=512',
    '--import',
    'tsx',
    measure,
    name,
    String(SIZE),
    short ? 'once' : 'twice',
  ];
  const child = spawn(process.execPath, args, { timeout: MOST_MILLIS, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  const closed = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) print(JSON.parse(line) as Row);
  const [status, signal] = (await closed) as [number | null, string | null];
  if (status === 0) return;
  wrong += 1;
  console.log(`${name}: ended with ${status ?? signal}\n${said}`);
}

const unknown = wanted.filter((name) => !Object.hasOwn(ENTRANCES, name));
if (unknown.length > 0) throw new Error(`no entrance ${unknown.join(', ')}`);
console.log(`entrance          shape                 ½ size ms  ${SIZE / 1_000} kB ms  above MB  outcome`);
for (const name of Object.keys(ENTRANCES))
  if (wanted.length === 0 || wanted.includes(name)) await measured(name);
console.log(wrong === 0 ? 'all within their bounds' : `${wrong} beyond their bounds`);
process.exit(wrong === 0 ? 0 : 1);
