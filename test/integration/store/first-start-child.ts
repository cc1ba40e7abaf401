import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/adapters/clock.ts';
import { openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { openStore } from '../../../src/adapters/store/open-store.ts';

/** Opens the new store of each round at the instant its `go` file appears, and says so when it stands. */
const folder = process.env['CHILD_FOLDER'] ?? '';
const sealer = openFileSealer(join(folder, 'seal-key.json'));
const GIVE_UP = Date.now() + 80_000;
const pause = new Int32Array(new SharedArrayBuffer(4));
process.stdout.write('ready\n');
for (let round = 0; round < Number(process.env['CHILD_ROUNDS']); round += 1) {
  while (!existsSync(join(folder, `go-${round}`))) {
    if (Date.now() > GIVE_UP) process.exit(1);
    Atomics.wait(pause, 0, 0, 1);
  }
  const store = await openStore({
    dataDir: join(folder, String(round)),
    role: 'pf',
    sealer,
    clock: systemClock,
  });
  const said = await store.audit.verify().then(() => 'open', String);
  await store.close();
  process.stdout.write(`${said}\n`);
}
