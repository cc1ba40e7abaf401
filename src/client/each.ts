import { type CallOptions, type Pacing, SYSTEM_PACING } from './options.ts';

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor?: string;
}

/**
 * Every item of a list, page after page, each page asked for when it is needed: `for await (const item of
 * each(…))`.
 */
export async function* each<Item, Input>(
  list: (input: Input, options?: CallOptions) => Promise<Page<Item>>,
  input: Input,
  options: CallOptions = {},
): AsyncGenerator<Item, void, undefined> {
  let cursor: string | undefined;
  do {
    const page: Page<Item> = await list(cursor === undefined ? input : { ...input, cursor }, options);
    yield* page.items;
    cursor = page.next_cursor;
  } while (cursor !== undefined);
}

export interface UntilOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds between two looks. Default 2,000. */
  readonly everyMillis?: number;
  readonly pacing?: Pacing;
}

/**
 * Reads again and again until `done` says yes; for programs that cannot take webhooks. It ends by the signal alone
 * (`AbortSignal.timeout(…)`): a citizen may take hours.
 */
export async function until<Value>(
  read: () => Promise<Value>,
  done: (value: Value) => boolean,
  { signal, everyMillis = 2_000, pacing = SYSTEM_PACING }: UntilOptions = {},
): Promise<Value> {
  for (;;) {
    signal?.throwIfAborted();
    const value = await read();
    if (done(value)) return value;
    await pacing.sleep(everyMillis, signal);
  }
}
