import { isWrapped, readSealKeyFile } from '../adapters/keys/seal-key-file.ts';
import { openSealer, rotateSealKeyAt, wrapSealKeys } from '../adapters/keys/seal-keys.ts';
import { retireSealKey } from '../adapters/keys/sealer-file.ts';
import type { StoreRole } from '../adapters/store/open-store.ts';
import { reseal, valuesSealedBy } from '../adapters/store/upkeep/reseal.ts';
import { type StorageConfig, storageConfig } from '../config/storage.ts';
import type { Command, CommandIo } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { onlyOperand } from './document-arguments.ts';
import { showProgress } from './progress.ts';
import { withClosedStore, withStore } from './storage-arguments.ts';
import { STORE_OPTIONS, STORE_PLACE } from './store-options.ts';

const FILE = 'The seal key file is JITSUIN_SEAL_KEY_FILE (default: ROLE.seal-key.json in JITSUIN_DATA_DIR).';
const STEPS = `The way of a rotation: keys rotate → keys reseal → keys retire KID.

Processes read the file again when it was replaced; where they have copies of it, copy it to all before the next step.`;

export const keysList: Command = declareCommand({
  name: 'keys list',
  about: `${FILE} Ids only; no secret is printed
and no KMS is asked.`,
  options: STORE_OPTIONS,
  more: STORE_PLACE,
  async run(values, _operands, io) {
    const { keys, active } = readSealKeyFile(place(values.role, io).sealKeyFile);
    const list = await withClosedStore(io, values.role, async (store) => {
      const counted: ListedKey[] = [];
      for (const key of keys) {
        const { id } = key;
        const wrapped = isWrapped(key) ? { wrapped: true, kms_key: key.kms_key } : { wrapped: false };
        counted.push({ id, active: id === active, values: await valuesSealedBy(store, id), ...wrapped });
      }
      return counted;
    });
    io.stdout(values.json ? `${JSON.stringify({ keys: list })}\n` : list.map(lineOf).join(''));
    return 0;
  },
});

interface ListedKey {
  readonly id: string;
  readonly active: boolean;
  readonly values: number;
  readonly wrapped: boolean;
  /** Id of the KMS's key. */
  readonly kms_key?: string;
}

function lineOf({ id, active, values, kms_key }: ListedKey): string {
  const lies = kms_key === undefined ? 'in clear' : `wrapped by ${kms_key}`;
  return `${id}  ${active ? 'active' : 'opens '}  ${values} values  ${lies}\n`;
}

export const keysRotate: Command = declareCommand({
  name: 'keys rotate',
  about: `${FILE} Back it up before and after: without it nothing sealed can be read.
Processes that run take it up by themselves. With JITSUIN_SEAL_KMS_MODULE the KMS wraps the new key.`,
  options: STORE_OPTIONS,
  more: `${STEPS}

${STORE_PLACE}`,
  async run(values, _operands, io) {
    const id = await rotateSealKeyAt(place(values.role, io));
    io.stdout(values.json ? `${JSON.stringify({ active: id })}\n` : `${id}\n`);
    io.stderr(`"${id}" seals from now on. Next: jitsuin keys reseal --role ${values.role}\n`);
    return 0;
  },
});

export const keysReseal: Command = declareCommand({
  name: 'keys reseal',
  about: `Each value is changed by itself and only if nobody changed it meanwhile: the processes may go on working, a
stop loses nothing, and the next run goes on where this one stopped. Values that do not open stay as they are and are
listed.`,
  options: STORE_OPTIONS,
  more: `${STEPS}

${STORE_PLACE}

Exit status: 0 done, 1 some values did not open, 3 stopped before the end.`,
  async run(values, _operands, io) {
    const sealer = await openSealer(place(values.role, io));
    const progress = showProgress(io, { word: 'values sealed again', json: values.json });
    let done = 0;
    const step = async (more: number) => {
      done += more;
      progress.step(done, 0);
      await new Promise((again) => setImmediate(again));
    };
    const result = await withStore(io, values.role, (store) => reseal(store, sealer, io.signal, step));
    progress.end();
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
});

export const keysRetire: Command = declareCommand({
  name: 'keys retire',
  operands: 'KID',
  about: `Refused for the active key, and while a sealed value names the key: it could not be opened any more. Backups
that hold such values need the key for as long as they are kept.`,
  options: STORE_OPTIONS,
  more: `${STEPS}

${STORE_PLACE}`,
  async run(values, operands, io) {
    const id = onlyOperand(operands, 'KID');
    const file = place(values.role, io).sealKeyFile;
    await withClosedStore(io, values.role, (store) =>
      retireSealKey(file, id, (key) => valuesSealedBy(store, key)),
    );
    io.stdout(values.json ? `${JSON.stringify({ retired: id })}\n` : `retired ${id}\n`);
    return 0;
  },
});

export const keysWrap: Command = declareCommand({
  name: 'keys wrap',
  about: `${FILE} JITSUIN_SEAL_KMS_MODULE names the module that asks the KMS (samples/seal-keys). Each wrapped key is
unwrapped once before the file is replaced. Set the variable for every process of the role, then restart them. Who
had a copy of the file from before has the keys: afterwards rotate, reseal and retire them, and destroy those copies.`,
  options: STORE_OPTIONS,
  async run(values, _operands, io) {
    const wrapped = await wrapSealKeys(place(values.role, io));
    io.stdout(
      values.json ? `${JSON.stringify({ wrapped })}\n` : wrapped.map((id) => `wrapped ${id}\n`).join(''),
    );
    if (wrapped.length === 0) io.stderr('Every key was wrapped already.\n');
    return 0;
  },
});

function place(role: StoreRole, io: CommandIo): StorageConfig {
  return storageConfig(io.env, role, io);
}
