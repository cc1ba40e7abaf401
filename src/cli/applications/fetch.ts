import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { GovClient, SpClient } from '../../client/index.ts';
import { type Command, UsageError } from '../command.ts';
import { declareCommand } from '../declare-command.ts';
import { writePrivate } from '../private-file.ts';
import { showProgress } from '../progress.ts';
import { ACCESS_OPTIONS, accessOf, clientOf } from './access.ts';
import { openBatchTable, type TableRow } from './batch-table.ts';

export const applicationsFetch: Command = declareCommand({
  name: 'applications fetch',
  operands: 'TABLE.csv',
  about: `Fetches what became of every decided application of a table into a folder: of an sp the platform operator's
receipt (.receipt.jws), of an agency the report (.report.json) and, with a key of scope evidence, the signed document
(.signed.xml) and the evidence (.evidence.json). What lies there already is not fetched again.`,
  options: {
    out: { type: 'string', value: 'FOLDER', needed: true, means: 'where to; made if it is not there' },
    ...ACCESS_OPTIONS,
  },
  more: `Exit status: 0 all that is decided is there, 1 something could not be fetched, 2 wrong use, 3 stopped before
the end.`,
  async run(values, [path, ...others], io) {
    if (path === undefined || others.length > 0) throw new UsageError('Name the table of the batch.');
    const parts = partsOf(await clientOf(accessOf(values, io)));
    const table = await openBatchTable(path);
    const decided = [...table.rows.values()].filter(({ state }) => state === 'decided');
    await mkdir(values.out, { recursive: true, mode: 0o700 });
    const progress = showProgress(io, { word: 'fetched', total: Promise.resolve(decided.length) });
    let fetched = 0;
    let failed = 0;
    for (const row of decided) {
      if (io.signal.aborted) break;
      try {
        for (const part of parts)
          await keep(join(values.out, fileName(row) + part.ending), () => part.read(row.id));
        fetched += 1;
      } catch (thrown) {
        failed += 1;
        io.stderr(`${row.external_id}: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
      }
      progress.step(fetched + failed, 0);
    }
    progress.end();
    const undecided = table.rows.size - decided.length;
    io.stderr(`${fetched} of ${decided.length} decided are in ${values.out}; ${undecided} are not decided\n`);
    if (fetched + failed < decided.length) return 3;
    return failed === 0 ? 0 : 1;
  },
});

interface Part {
  readonly ending: string;
  read(id: string): Promise<Uint8Array | string>;
}

function partsOf(
  found:
    | { readonly role: 'sp'; readonly client: SpClient }
    | { readonly role: 'gov'; readonly client: GovClient },
): readonly Part[] {
  if (found.role === 'sp') {
    const { client } = found;
    return [{ ending: '.receipt.jws', read: async (id) => (await client.readReceipt({ id })).receipt }];
  }
  const { client } = found;
  return [
    { ending: '.report.json', read: async (id) => (await client.raw('readReport', { id })).octets },
    { ending: '.signed.xml', read: (id) => client.readSignedDocument({ id }) },
    // octet for octet: it decides again from them
    { ending: '.evidence.json', read: async (id) => (await client.raw('readEvidence', { id })).octets },
  ];
}

/** A caller's own name as one of a file: what folders and shells read otherwise is percent-encoded. */
function fileName({ external_id }: TableRow): string {
  const safe = external_id.replaceAll(
    /[%/\\:*?"<>|]|^\.|\.$/g,
    (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return safe;
}

/** In place at once; half a file is never taken for a whole one. */
async function keep(path: string, read: () => Promise<Uint8Array | string>): Promise<void> {
  if (await stat(path).catch(() => undefined)) return;
  await writePrivate(`${path}.part`, await read());
  await rename(`${path}.part`, path);
}
