import { parseArgs } from 'node:util';
import { openFileSealer, retireSealKey, rotateSealKey } from '../adapters/keys/sealer-file.ts';
import { reseal, valuesSealedBy } from '../adapters/store/reseal.ts';
import { storageConfig } from '../adapters/store/storage-config.ts';
import { type Command, type CommandIo, type ExitStatus, UsageError } from './command.ts';
import { knownRole, STORAGE_USAGE, withStore } from './storage-arguments.ts';

const OPTIONS = {
  role: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

const FILE = 'The seal key file is JITSUIN_SEAL_KEY_FILE (default: ROLE.seal-key.json in JITSUIN_DATA_DIR).';
const STEPS = `The way of a rotation: keys rotate → keys reseal → keys retire KID.
Processes read the file again when it was replaced; where they have copies of it, copy it to all before the next step.`;

export const keysList: Command = {
  name: 'keys list',
  summary: 'list the keys that seal data at rest, and how many values name each',
  usage: `Usage: jitsuin keys list --role sp|gov|pf [--json]

${FILE} Ids only; no secret is printed.

${STORAGE_USAGE}`,
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    const { keys, activeKey } = openFileSealer(sealKeyFile(values.role, io));
    const list = await withStore(io, values.role, 'require', async (store) => {
      const counted: { id: string; active: boolean; values: number }[] = [];
      for (const id of keys) {
        counted.push({ id, active: id === activeKey, values: await valuesSealedBy(store, id) });
      }
      return counted;
    });
    const line = (key: (typeof list)[number]) =>
      `${key.id}  ${key.active ? 'active' : 'opens '}  ${key.values} values\n`;
    io.stdout(values.json ? `${JSON.stringify({ keys: list })}\n` : list.map(line).join(''));
    return 0;
  },
};

export const keysRotate: Command = {
  name: 'keys rotate',
  summary: 'make a new key for data at rest and let it seal; the others still open',
  usage: `Usage: jitsuin keys rotate --role sp|gov|pf [--json]

${FILE} Back it up before and after: without it nothing sealed can be read.
Processes that run take it up by themselves.

${STEPS}
${STORAGE_USAGE}`,
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    const id = rotateSealKey(sealKeyFile(values.role, io));
    io.stdout(values.json ? `${JSON.stringify({ active: id })}\n` : `${id}\n`);
    io.stderr(`"${id}" seals from now on. Next: jitsuin keys reseal --role ${values.role}\n`);
    return 0;
  },
};

export const keysReseal: Command = {
  name: 'keys reseal',
  summary: 'seal again, with the active key, every value that another key sealed',
  usage: `Usage: jitsuin keys reseal --role sp|gov|pf [--json]

Each value is changed by itself and only if nobody changed it meanwhile: the processes may go on working, a stop loses
nothing, and the next run goes on where this one stopped. Values that do not open stay as they are and are listed.

${STEPS}
Exit status: 0 done, 1 some values did not open, 3 stopped before the end.

${STORAGE_USAGE}`,
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    const sealer = openFileSealer(sealKeyFile(values.role, io));
    const result = await withStore(io, values.role, 'require', (store) => reseal(store, sealer, io.signal));
    if (values.json) io.stdout(`${JSON.stringify({ active: sealer.activeKey, ...result })}\n`);
    else io.stdout(`sealed again by "${sealer.activeKey}": ${result.resealed} values\n`);
    for (const { table, column, record, code } of result.failed) {
      io.stderr(`not opened: ${table}.${column} of ${record} [${code}]\n`);
    }
    if (result.failed.length > 0) return 1;
    if (!io.signal.aborted) return 0;
    io.stderr('Stopped before the end; run it again to go on.\n');
    return 3;
  },
};

export const keysRetire: Command = {
  name: 'keys retire',
  summary: 'take a key for data at rest out of the file; refused while a value names it',
  usage: `Usage: jitsuin keys retire --role sp|gov|pf KID [--json]

Refused for the active key, and while a sealed value names the key: it could not be opened any more. Backups that hold such
values need the key for as long as they are kept.

${STEPS}
${STORAGE_USAGE}`,
  async run(args, io): Promise<ExitStatus> {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const [id] = positionals;
    if (id === undefined || positionals.length > 1) throw new UsageError('Give the id of one key.');
    const file = sealKeyFile(values.role, io);
    await withStore(io, values.role, 'require', (store) =>
      retireSealKey(file, id, (key) => valuesSealedBy(store, key)),
    );
    io.stdout(values.json ? `${JSON.stringify({ retired: id })}\n` : `retired ${id}\n`);
    return 0;
  },
};

function sealKeyFile(role: string | undefined, io: Pick<CommandIo, 'env'>): string {
  return storageConfig(io.env, knownRole(role)).sealKeyFile;
}
