/** A JSON value as `parseStrictJson` gives it: objects have no prototype. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: JsonValue;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING_END = /["\\]|[^\P{Cc}\x7f-\x9f]/gu;
/** Printable ASCII but the backslash, as base64 and most of what is read here. */
const PLAIN = /^[ -[\]-~]*$/;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const LONE_SURROGATE = /\p{Cs}/u;
const SPACE = /[ \t\n\r]*/y;
const LITERALS: ReadonlyMap<string, JsonValue> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

interface Cursor {
  readonly text: string;
  readonly maxDepth: number;
  /** Values that may still be made: each costs some hundred octets, however short it is written. */
  values: number;
  at: number;
}

/** More than any document that is read here has; `[[],[],…` of a megabyte would be a third of a million. */
const MOST_VALUES = 50_000;

/**
 * JSON text (RFC 8259) → value, without the two traps of `JSON.parse` that matter to a verifier: a member name that
 * occurs twice in an object is refused (RFC 8725 section 2.4, RFC 7515 section 4), and so is nesting deeper than
 * `maxDepth`, any lone surrogate, and more values than `mostValues`. The caller bounds the length. Undefined when
 * the text is refused.
 */
export function parseStrictJson(text: string, maxDepth = 8, mostValues = MOST_VALUES): JsonValue | undefined {
  const cursor: Cursor = { text, maxDepth, values: mostValues, at: 0 };
  take(cursor, SPACE);
  const value = readValue(cursor, 0);
  if (value === undefined) return undefined;
  take(cursor, SPACE);
  return cursor.at === text.length ? value : undefined;
}

/** True for an object (not an array, not null). */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function take(cursor: Cursor, token: RegExp): string | undefined {
  token.lastIndex = cursor.at;
  const found = token.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}

function readValue(cursor: Cursor, depth: number): JsonValue | undefined {
  if (cursor.values === 0) return undefined;
  cursor.values -= 1;
  const first = cursor.text[cursor.at];
  if (first === '{' || first === '[') {
    if (depth >= cursor.maxDepth) return undefined;
    cursor.at += 1;
    return first === '{' ? readObject(cursor, depth + 1) : readArray(cursor, depth + 1);
  }
  if (first === '"') return readString(cursor);
  for (const [word, value] of LITERALS) {
    if (!cursor.text.startsWith(word, cursor.at)) continue;
    cursor.at += word.length;
    return value;
  }
  const number = take(cursor, NUMBER);
  const value = number === undefined ? Number.NaN : Number(number);
  return Number.isFinite(value) ? value : undefined;
}

function readString(cursor: Cursor): string | undefined {
  const start = cursor.at;
  if (cursor.text[start] !== '"') return undefined;
  cursor.at += 1;
  const plain = plainString(cursor);
  if (plain !== undefined) return plain;
  for (;;) {
    STRING_END.lastIndex = cursor.at;
    const stop = STRING_END.exec(cursor.text);
    if (stop === null) return undefined;
    cursor.at = stop.index;
    if (stop[0] !== '"') {
      if (take(cursor, ESCAPE) === undefined) return undefined;
      continue;
    }
    cursor.at += 1;
    const value: unknown = JSON.parse(cursor.text.slice(start, cursor.at));
    return typeof value === 'string' && !LONE_SURROGATE.test(value) ? value : undefined;
  }
}

/** One without escapes, which may be megabytes: found and read by what is native. Undefined for any other. */
function plainString(cursor: Cursor): string | undefined {
  const end = cursor.text.indexOf('"', cursor.at);
  const value = cursor.text.slice(cursor.at, end);
  if (end < 0 || !PLAIN.test(value)) return undefined;
  cursor.at = end + 1;
  return value;
}

/** After the opening bracket: true when the list is already at its end. */
function closes(cursor: Cursor, bracket: string): boolean {
  take(cursor, SPACE);
  if (cursor.text[cursor.at] !== bracket) return false;
  cursor.at += 1;
  return true;
}

/** After a member: 'next' on a comma, 'end' on the closing bracket. */
function afterMember(cursor: Cursor, bracket: string): 'next' | 'end' | undefined {
  if (closes(cursor, bracket)) return 'end';
  if (cursor.text[cursor.at] !== ',') return undefined;
  cursor.at += 1;
  take(cursor, SPACE);
  return 'next';
}

function readArray(cursor: Cursor, depth: number): readonly JsonValue[] | undefined {
  const items: JsonValue[] = [];
  if (closes(cursor, ']')) return items;
  for (;;) {
    const item = readValue(cursor, depth);
    if (item === undefined) return undefined;
    items.push(item);
    const after = afterMember(cursor, ']');
    if (after !== 'next') return after === 'end' ? items : undefined;
  }
}

function readObject(cursor: Cursor, depth: number): JsonObject | undefined {
  const members: Record<string, JsonValue> = Object.create(null);
  if (closes(cursor, '}')) return members;
  for (;;) {
    const name = readString(cursor);
    if (name === undefined || Object.hasOwn(members, name)) return undefined;
    take(cursor, SPACE);
    if (cursor.text[cursor.at] !== ':') return undefined;
    cursor.at += 1;
    take(cursor, SPACE);
    const value = readValue(cursor, depth);
    if (value === undefined) return undefined;
    members[name] = value;
    const after = afterMember(cursor, '}');
    if (after !== 'next') return after === 'end' ? members : undefined;
  }
}
