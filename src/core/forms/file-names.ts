import { fromUtf8 } from '../encoding.ts';
import { normalizedText } from '../normalized-text.ts';
import type { UriSpelling } from './form.ts';

const FORBIDDEN = /[/\\:?#\p{Cc}\p{Cs}\p{Bidi_Control}]/u;
const EDGES = /^[.\s]|[.\s]$/u;
const LONGEST = 255;

/**
 * What is wrong with a name for a file that lies beside a document, undefined for nothing. A name is never a path, and
 * never looks like
 * another one.
 */
export function fileNameFault(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (Buffer.byteLength(name) > LONGEST) return `has more than ${LONGEST} octets`;
  if (FORBIDDEN.test(name))
    return 'holds one of / \\ : ? #, a control character, or one that changes the direction of text';
  return EDGES.test(name) ? 'begins or ends with a dot or a space' : undefined;
}

/** As it is written when composed; as it came, where composing it would be costly. */
export function composedName(name: string): string {
  return normalizedText(name, 'NFC') ?? name;
}

/** Two names that a file system or a person could take for one; undefined when there are none. */
export function sameNames(names: readonly string[]): readonly [string, string] | undefined {
  const seen = new Map<string, string>();
  for (const name of names) {
    const folded = composedName(name).toLowerCase().toUpperCase().toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) return [other, name];
    seen.set(folded, name);
  }
  return undefined;
}

/** How a Reference to a file of this name is written. */
export function fileUri(name: string, spelling: UriSpelling): string {
  return spelling === 'raw' ? name : encodeURIComponent(name);
}

const ESCAPES = /^(?:[^%]|%[0-9A-Fa-f]{2})*$/;

/** The name that a Reference's URI spells, decoded exactly once and by strict UTF-8; undefined for what spells none. */
export function nameOfUri(uri: string): string | undefined {
  if (!ESCAPES.test(uri)) return undefined;
  const octets: number[] = [];
  for (let at = 0; at < uri.length; ) {
    if (uri.charAt(at) === '%') {
      octets.push(Number.parseInt(uri.slice(at + 1, at + 3), 16));
      at += 3;
    } else {
      const character = String.fromCodePoint(uri.codePointAt(at) ?? 0);
      octets.push(...Buffer.from(character));
      at += character.length;
    }
  }
  try {
    const name = fromUtf8(Uint8Array.from(octets));
    return fileNameFault(name) === undefined ? name : undefined;
  } catch {
    return undefined;
  }
}
