import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type BatchClient, JitsuinProblem, submitEach } from '../../client/index.ts';
import { type Command, type CommandIo, type ExitStatus, UsageError } from '../command.ts';
import { declareCommand } from '../declare-command.ts';
import { showProgress } from '../progress.ts';
import { ACCESS_OPTIONS, accessOf, clientOf } from './access.ts';
import { documentsOf, type ListDefaults, type ListedDocument } from './batch-list.ts';
import { type BatchTable, openBatchTable, refusedRow, rowOf } from './batch-table.ts';
import { concurrencyOf } from './concurrency.ts';

/** The key is none, or may not: no document of the batch would be taken. */
const FOR_ALL: readonly number[] = [401, 403];

export const applicationsSubmit: Command = declareCommand({
  name: 'applications submit',
  operands: 'FOLDER|LIST.csv',
  about: `Hands the documents of a folder or a list to a running sp or gov, and writes one table with the sign link of
each. It needs the address and an API key of scope write, nothing else. Run again after a crash, or with a longer list,
it goes on where it was: what stands in the table is not sent again, and what was sent before its line was written is
known to the server by its Idempotency-Key (24 hours).

A folder: every .xml file in and below it, its path without the ending being its external_id. A list: CSV in UTF-8 with
the columns external_id and file (beside the list), and profile or form, files (names beside the list, with | between
them), mode, name, element, return_to where they are needed.`,
  options: {
    out: {
      type: 'string',
      value: 'TABLE.csv',
      needed: true,
      means: 'the table; it holds sign links: keep it so',
    },
    ...ACCESS_OPTIONS,
    profile: {
      type: 'string',
      oneOf: ['enveloped', 'by-id', 'guideline', 'detached'],
      means: 'for documents whose row names none',
    },
    form: { type: 'string', value: 'NAME', means: "a receiver's form, for documents whose row names none" },
    'return-to': { type: 'string', value: 'URL', means: 'for documents whose row names none' },
    concurrency: { type: 'string', value: 'N', default: '4', means: 'calls at once, 1 to 32' },
  },
  more: `Exit status: 0 all are there, 1 some were refused (why stands in the table), 2 wrong use, 3 stopped before the
end.`,
  async run(values, [source, ...others], io) {
    if (source === undefined || others.length > 0) throw new UsageError('Name one folder or one list.');
    const access = accessOf(values, io);
    const concurrency = concurrencyOf(values.concurrency);
    const { profile, form, 'return-to': return_to } = values;
    if (profile !== undefined && form !== undefined)
      throw new UsageError('Give --profile or --form, not both.');
    const told = Object.entries({ profile, form, return_to }).filter(([, value]) => value !== undefined);
    const documents = await documentsOf(source, Object.fromEntries(told) as ListDefaults, values.out);
    const table = await openBatchTable(values.out);
    const open = await notYetThere(documents, table, io);
    if (open === undefined) return 2;
    return submit((await clientOf(access)).client, open, documents.length, { table, concurrency, io });
  },
});

type Open = ListedDocument & { readonly sha256: string };

/** What has no application yet. A document that changed since it was sent is a mistake of the list: nothing is sent. */
async function notYetThere(
  documents: readonly ListedDocument[],
  table: BatchTable,
  io: CommandIo,
): Promise<readonly ListedDocument[] | undefined> {
  const open: ListedDocument[] = [];
  const changed: string[] = [];
  for (const document of documents) {
    const row = table.rows.get(document.external_id);
    if (row === undefined || row.id === '') open.push(document);
    else if (row.sha256 !== (await sha256Of(document.file))) changed.push(document.external_id);
  }
  if (changed.length === 0) return open;
  io.stderr(
    `Nothing was sent: ${changed.length} documents are not what was sent before under their external_id: ` +
      `${changed.slice(0, 10).join(', ')}${changed.length > 10 ? ' …' : ''}\n` +
      'Give them another external_id, or the batch another table.\n',
  );
  return undefined;
}

async function submit(
  client: BatchClient,
  open: readonly ListedDocument[],
  total: number,
  {
    table,
    concurrency,
    io,
  }: { readonly table: BatchTable; readonly concurrency: number; readonly io: CommandIo },
): Promise<ExitStatus> {
  const progress = showProgress(io, { word: 'sent', total: Promise.resolve(total) });
  const before = total - open.length;
  let sent = 0;
  let refused = 0;
  let stop: JitsuinProblem | undefined;
  const ended = new AbortController();
  const signal = AbortSignal.any([io.signal, ended.signal]);
  for await (const result of submitEach(client, withHash(open), { signal, concurrency })) {
    const { document } = result;
    const { external_id, file, sha256 } = document;
    if ('application' in result) {
      await table.put(rowOf(result.application, { external_id, file, sha256 }));
      sent += 1;
    } else {
      const { thrown } = result;
      if (signal.aborted && !(thrown instanceof JitsuinProblem)) continue;
      if (thrown instanceof JitsuinProblem && FOR_ALL.includes(thrown.status)) {
        stop = thrown;
        ended.abort();
        continue;
      }
      refused += 1;
      await table.put(refusedRow(external_id, file, sha256, codeOf(thrown)));
      io.stderr(`${external_id}: ${reasonOf(thrown)}\n`);
    }
    progress.step(sent + refused, before);
  }
  progress.end();
  await table.tidy();
  io.stderr(`${sent} sent now, ${before} before, ${refused} refused, of ${total}\n`);
  if (stop !== undefined) io.stderr(`Stopped: ${stop.code}: ${stop.problem.detail ?? ''}\n`);
  if (stop !== undefined || sent + refused < open.length) return 3;
  return refused === 0 ? 0 : 1;
}

async function* withHash(open: readonly ListedDocument[]): AsyncGenerator<Open, void, undefined> {
  for (const document of open) {
    const octets = await readFile(document.file);
    const sha256 = createHash('sha256').update(octets).digest('hex');
    // the very octets that were hashed are sent
    yield { ...document, sha256, body: () => octets };
  }
}

async function sha256Of(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

function codeOf(thrown: unknown): string {
  if (thrown instanceof JitsuinProblem) return thrown.code;
  return thrown instanceof Error ? thrown.name : 'unknown';
}

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof JitsuinProblem)) return thrown instanceof Error ? thrown.message : String(thrown);
  const { at, detail = '' } = thrown.problem;
  return `${thrown.code}${at === undefined ? '' : ` at ${at}`}: ${detail}`;
}
