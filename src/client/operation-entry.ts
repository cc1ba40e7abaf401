/** A body of octets; text is sent in UTF-8. */
export type Octets = Uint8Array | string;

/** What the generated tables say of one operation: as much of the OpenAPI document as a caller needs at run time. */
export interface OperationEntry {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `{name}` for what stands in the path. */
  readonly path: string;
  /** Names of the query's parameters. */
  readonly query: readonly string[];
  /** Media types that the body may have; empty: no body. */
  readonly mediaTypes: readonly string[];
  readonly answer: 'json' | 'octets' | 'none';
  /** `made`: an Idempotency-Key belongs to it. */
  readonly idempotencyKey: 'made' | 'none';
  /** `repeatable`: may be sent again when its answer was lost. */
  readonly again: 'repeatable' | 'once';
}

/** Operation → what goes in and what comes out; the generated interfaces have this form. */
export type OperationTypes<Operations> = {
  readonly [Name in keyof Operations]: { readonly input: object; readonly output: unknown };
};

export type OperationTable<Operations> = Readonly<Record<keyof Operations, OperationEntry>>;
