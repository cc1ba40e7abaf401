import type { Answer } from './attempt.ts';
import type { OperationEntry, OperationTable, OperationTypes } from './operation-entry.ts';
import type { CallOptions, ClientOptions } from './options.ts';
import { prepareRequest } from './request.ts';
import { send } from './send.ts';

type Arguments<Input> = object extends Input
  ? readonly [input?: Input, options?: CallOptions]
  : readonly [input: Input, options?: CallOptions];

/** One method for each operation of the OpenAPI document, named by its operationId. */
export type Client<Operations extends OperationTypes<Operations>> = {
  readonly [Name in keyof Operations]: (
    ...args: Arguments<Operations[Name]['input']>
  ) => Promise<Operations[Name]['output']>;
} & {
  /** The same call, giving the answer as it came: for its headers, or its very octets (evidence). */
  readonly raw: <Name extends keyof Operations>(
    name: Name,
    ...args: Arguments<Operations[Name]['input']>
  ) => Promise<Answer>;
};

/** Makes a client of the operations in the table. */
export function createClient<Operations extends OperationTypes<Operations>>(
  table: OperationTable<Operations>,
  options: ClientOptions,
): Client<Operations> {
  const entries: Readonly<Record<string, OperationEntry>> = table;
  const raw = async (name: string, input: object = {}, call: CallOptions = {}): Promise<Answer> => {
    const entry = entries[name];
    if (entry === undefined)
      throw new TypeError(`The API has no operation "${name}": jitsuin/client lists them.`);
    return send(prepareRequest(options.baseUrl, name, entry, { ...input }, call), options, call);
  };
  const methods = Object.entries(entries).map(([name, entry]) => {
    const method = async (input?: object, call?: CallOptions) =>
      contentOf(entry, await raw(name, input, call));
    return [name, method] as const;
  });
  const client: object = { ...Object.fromEntries(methods), raw };
  return client as Client<Operations>;
}

/** JSON as a value, other text as text, octets as octets. */
function contentOf({ answer }: OperationEntry, { headers, octets }: Answer): unknown {
  if (answer === 'none' || octets.length === 0) return undefined;
  if (answer === 'octets') return octets;
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(octets);
  return headers.get('content-type')?.startsWith('application/json') === true ? JSON.parse(text) : text;
}
