import type { ApiShape, OperationShape, Schema } from './api-shape.ts';

/** A type as languages without structural types have it. */
export type TypeRef =
  | { readonly kind: 'text'; readonly oneOf?: readonly string[] }
  | { readonly kind: 'whole' | 'truth' | 'any' }
  | { readonly kind: 'list'; readonly of: TypeRef }
  | { readonly kind: 'record'; readonly name: string };

export interface Field {
  readonly name: string;
  readonly type: TypeRef;
  readonly required: boolean;
}

export interface RecordShape {
  readonly name: string;
  readonly fields: readonly Field[];
}

export interface CallShape {
  readonly operation: OperationShape;
  readonly query: readonly Field[];
  /** Absent: octets, or no body. */
  readonly body?: TypeRef;
  /** Absent: octets, or no answer. */
  readonly answer?: TypeRef;
}

/** Every record of a role's API, each with a name, and its operations in their terms. */
export function recordsOf({ schemas, operations }: ApiShape): {
  readonly records: readonly RecordShape[];
  readonly calls: readonly CallShape[];
} {
  const records = new Map<string, RecordShape>();
  const reader = typeReader(records);
  // A problem document is an error in every language, written by hand beside the code that sends.
  for (const [name, schema] of Object.entries(schemas)) if (name !== 'Problem') reader(schema, name);
  const calls = operations.map((operation) => {
    const { id, query, body, answerSchema } = operation;
    const name = pascal(id);
    return {
      operation,
      query: query.map((each) => ({
        name: each.name,
        type: reader(each.schema, name),
        required: each.required,
      })),
      ...(body === undefined ? {} : { body: reader(body, `${name}Body`) }),
      ...(answerSchema === undefined ? {} : { answer: reader(answerSchema, `${name}Answer`) }),
    };
  });
  return { records: [...records.values()], calls };
}

/** Reads a schema as a type; an object without a name becomes a record named by where it stands. */
function typeReader(records: Map<string, RecordShape>): (schema: Schema, name: string) => TypeRef {
  const read = (schema: Schema, name: string): TypeRef => {
    if (schema.$ref !== undefined) return { kind: 'record', name: schema.$ref.split('/').at(-1) ?? '' };
    if (schema.oneOf !== undefined) return { kind: 'any' };
    if (schema.enum !== undefined) return { kind: 'text', oneOf: schema.enum };
    switch (schema.type) {
      case 'string':
        return { kind: 'text' };
      case 'integer':
        return { kind: 'whole' };
      case 'boolean':
        return { kind: 'truth' };
      case 'array':
        return { kind: 'list', of: read(schema.items ?? {}, name) };
      default:
        return schema.additionalProperties === false ? record(schema, name) : { kind: 'any' };
    }
  };
  const record = ({ properties = {}, required = [] }: Schema, name: string): TypeRef => {
    const fields = Object.entries(properties).map(([field, schema]) => ({
      name: field,
      type: read(schema, `${name}${pascal(field)}`),
      required: required.includes(field),
    }));
    records.set(name, { name, fields });
    return { kind: 'record', name };
  };
  return read;
}

/** `next_cursor`, `nextCursor` → `NextCursor`. */
export function pascal(name: string): string {
  return name.replaceAll(/(?:^|[_-])(\w)/g, (_all, first: string) => first.toUpperCase());
}

/** `readApplication` → `read_application`. */
export function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
