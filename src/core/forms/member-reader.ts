import { JitsuinError } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/strict-json.ts';

/** @throws JitsuinError `config.invalid` that names the file's member, what was found and what was expected */
export function formFault(at: string, found: string): JitsuinError {
  return new JitsuinError('config.invalid', `The form file cannot be used: ${at} ${found}.`, { at });
}

/** Reads the members of one object of a form file; a member that nobody asks for is refused by `done`. */
export interface MemberReader {
  readonly at: string;
  has(name: string): boolean;
  text(name: string, pattern: RegExp, expected: string): string;
  choice<const T extends string>(name: string, words: readonly T[]): T;
  flag(name: string, otherwise: boolean): boolean;
  whole(name: string, min: number, max: number): number;
  object(name: string): MemberReader;
  /** Names and readers of an object whose members are the caller's. */
  objects(name: string): readonly (readonly [name: string, reader: MemberReader])[];
  list(name: string, most: number): readonly JsonValue[];
  texts(name: string, most: number): readonly string[];
  /** One text, or a list of them. */
  textOrList(name: string, most: number): readonly string[];
  /** One text for people. */
  words(name: string): string;
  path(name: string): string;
  done(): void;
}

/** Texts of a form file: no control characters, bounded. */
const TEXT = /^[^\p{Cc}\p{Cs}\p{Bidi_Control}]{1,300}$/u;

export function memberReader(value: JsonValue | undefined, at: string): MemberReader {
  if (value === undefined || !isJsonObject(value)) throw formFault(at, 'must be an object');
  const object: JsonObject = value;
  const asked = new Set<string>();
  const path = (name: string) => (at === '' ? name : `${at}.${name}`);
  const member = (name: string): JsonValue | undefined => {
    asked.add(name);
    return object[name];
  };
  const reader: MemberReader = {
    at,
    has: (name) => member(name) !== undefined,
    text(name, pattern, expected) {
      const text = member(name);
      if (typeof text === 'string' && pattern.test(text)) return text;
      throw formFault(
        path(name),
        text === undefined ? `is missing; it is ${expected}` : `must be ${expected}`,
      );
    },
    choice(name, words) {
      const text = member(name);
      const found = words.find((word) => word === text);
      if (found !== undefined) return found;
      throw formFault(path(name), `must be one of ${words.join(', ')}`);
    },
    flag(name, otherwise) {
      const flag = member(name) ?? otherwise;
      if (typeof flag === 'boolean') return flag;
      throw formFault(path(name), 'must be true or false');
    },
    whole(name, min, max) {
      const number = member(name);
      if (typeof number === 'number' && Number.isSafeInteger(number) && number >= min && number <= max)
        return number;
      throw formFault(path(name), `must be a whole number from ${min} to ${max}`);
    },
    object: (name) => memberReader(member(name), path(name)),
    objects(name) {
      const inner = member(name);
      if (inner === undefined || !isJsonObject(inner)) throw formFault(path(name), 'must be an object');
      return Object.entries(inner).map(([key, each]) => [key, memberReader(each, `${path(name)}.${key}`)]);
    },
    list(name, most) {
      const values = member(name);
      if (!Array.isArray(values)) throw formFault(path(name), 'must be a list');
      if (values.length > most) throw formFault(path(name), `has more than ${most} members`);
      return values as readonly JsonValue[];
    },
    texts(name, most) {
      return reader.list(name, most).map((each, index) => {
        if (typeof each === 'string' && TEXT.test(each)) return each;
        throw formFault(`${path(name)}[${index}]`, 'must be a text of 1 to 300 characters');
      });
    },
    textOrList(name, most) {
      const value = member(name);
      return typeof value === 'string' ? [reader.words(name)] : reader.texts(name, most);
    },
    words: (name) => reader.text(name, TEXT, 'a text of 1 to 300 characters'),
    path,
    done() {
      const stranger = Object.keys(object).find((name) => !asked.has(name));
      if (stranger !== undefined) throw formFault(path(stranger), 'is not a member of a form file');
    },
  };
  return reader;
}
