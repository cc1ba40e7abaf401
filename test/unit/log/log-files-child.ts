import { existsSync } from 'node:fs';
import { systemClock } from '../../../src/adapters/clock.ts';
import { openLog } from '../../../src/adapters/log/open-log.ts';

/** Writes 200 lines as one part, once the other process is open too. */
const [, , directory = '', name = '', go = ''] = process.argv;
const { log, close } = openLog('sp-worker', { level: 'info', directory, days: 1 }, systemClock);
process.stdout.write('open\n');
const waiting = setInterval(() => {
  if (!existsSync(go)) return;
  clearInterval(waiting);
  for (let count = 0; count < 200; count += 1) log.info('line', { tenant: name, count });
  close();
}, 10);
