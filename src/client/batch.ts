import type { Client } from './client.ts';
import { defined } from './defined.ts';
import { each } from './each.ts';
import type { Application, SpOperations } from './generated/sp.ts';
import { hasEnded } from './has-ended.ts';
import type { Octets } from './operation-entry.ts';
import { type CallOptions, type Pacing, SYSTEM_PACING } from './options.ts';
import { type FileBeside, withFiles } from './with-files.ts';

/** What batches need of a client; that of an sp and that of an agency both have it. */
export type BatchClient = Pick<
  Client<Pick<SpOperations, 'createApplication' | 'listApplications' | 'readApplication'>>,
  'createApplication' | 'listApplications' | 'readApplication'
>;

/** One document of a batch, with what `createApplication` may be told of it. */
export interface BatchDocument
  extends Omit<SpOperations['createApplication']['input'], 'body' | 'external_id'> {
  /** The caller's own name of it, once in a batch. */
  readonly external_id: string;
  /** Read when its turn comes. */
  readonly body: () => Octets | Promise<Octets>;
  /** The files beside it, where its `form` has some; read when its turn comes. */
  readonly files?: () => readonly FileBeside[] | Promise<readonly FileBeside[]>;
}

/** What became of one document: it is there, or why not. */
export type Submitted<Document extends BatchDocument = BatchDocument> =
  | { readonly document: Document; readonly application: Application }
  | { readonly document: Document; readonly thrown: unknown };

export interface BatchOptions {
  /** Ends it. What is under way is not waited for, and may be there all the same: the same batch again finds it. */
  readonly signal?: AbortSignal;
  /** Calls at once. Default 4. Where the API says 429 each waits as it is told. */
  readonly concurrency?: number;
}

/** Of a call of a batch: it may wait long for its turn. Give the client many `attempts`. */
const PATIENT: CallOptions = { totalMillis: 3_600_000 };

/**
 * Hands in document after document, several at once, and gives each as it is done. The Idempotency-Key of each is
 * made from the document and all that is said of it, so that the same batch sent again within 24 hours, after a crash
 * for example, makes no application twice.
 */
export async function* submitEach<Document extends BatchDocument>(
  client: BatchClient,
  documents: Iterable<Document> | AsyncIterable<Document>,
  { signal, concurrency = 4 }: BatchOptions = {},
): AsyncGenerator<Submitted<Document>, void, undefined> {
  const under = new Map<number, Promise<{ readonly place: number; readonly done: Submitted<Document> }>>();
  let next = 0;
  for await (const document of documents) {
    if (signal?.aborted === true) break;
    const place = next;
    next += 1;
    under.set(
      place,
      submitOne(client, document, signal).then((done) => ({ place, done })),
    );
    if (under.size < concurrency) continue;
    const first = await Promise.race(under.values());
    under.delete(first.place);
    yield first.done;
  }
  for (const rest of under.values()) yield (await rest).done;
}

async function submitOne<Document extends BatchDocument>(
  client: BatchClient,
  document: Document,
  signal: AbortSignal | undefined,
): Promise<Submitted<Document>> {
  try {
    const { body: read, external_id, profile, form, mode, name, return_to, element } = document;
    const octets = await read();
    const files = (await document.files?.()) ?? [];
    const packed = files.length === 0 ? undefined : await withFiles(octets, files);
    const body = packed?.body ?? (typeof octets === 'string' ? new TextEncoder().encode(octets) : octets);
    const told = { external_id, profile, form, mode, name, return_to, element };
    const query = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
    const idempotencyKey = await keyOf(query, body);
    const alone = profile === 'detached' ? 'application/octet-stream' : 'application/xml';
    const mediaType = packed?.mediaType ?? alone;
    const application = await client.createApplication(
      { ...query, body },
      defined({ totalMillis: PATIENT.totalMillis, signal, idempotencyKey, mediaType }),
    );
    return { document, application };
  } catch (thrown) {
    return { document, thrown };
  }
}

/** 64 hexadecimal digits: the same for the same document with the same words, and for no other. */
async function keyOf(query: object, body: Uint8Array): Promise<string> {
  const head = new TextEncoder().encode(`${JSON.stringify(query)}\n`);
  const octets = new Uint8Array(head.length + body.length);
  octets.set(head);
  octets.set(body, head.length);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', octets));
  return Array.from(hash, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

export interface WaitOptions extends BatchOptions {
  /** Milliseconds between two looks. Default 5,000. */
  readonly everyMillis?: number;
  readonly pacing?: Pacing;
}

/**
 * Gives each application as it comes to its end. One look is a few pages of the list, however many there are, and the
 * single ones that the pages did not have.
 * @param waiting ids, each with the `created_at` of its application
 */
export async function* endOfEach(
  client: BatchClient,
  waiting: ReadonlyMap<string, string>,
  { signal, everyMillis = 5_000, pacing = SYSTEM_PACING }: WaitOptions = {},
): AsyncGenerator<Application, void, undefined> {
  const left = new Map(waiting);
  while (left.size > 0) {
    for await (const application of look(client, left)) {
      if (signal?.aborted === true) return;
      if (!hasEnded(application)) continue;
      left.delete(application.id);
      yield application;
    }
    if (left.size === 0) return;
    const slept = await pacing.sleep(everyMillis, signal).then(
      () => true,
      () => false,
    );
    if (!slept) return;
  }
}

/** Newest first until the oldest that is waited for. */
async function* look(
  client: BatchClient,
  left: ReadonlyMap<string, string>,
): AsyncGenerator<Application, void, undefined> {
  const [oldest = ''] = [...left.values()].sort();
  const unseen = new Set(left.keys());
  for await (const application of each(client.listApplications, { limit: 100 }, PATIENT)) {
    if (unseen.delete(application.id)) yield application;
    if (unseen.size === 0 || application.created_at < oldest) break;
  }
  for (const id of unseen) yield await client.readApplication({ id }, PATIENT);
}
