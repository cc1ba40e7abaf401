/** One piece of markup or text of a document that the parser has taken: nothing is judged here. */
export type Token =
  | {
      readonly kind: 'start';
      readonly name: string;
      readonly attributes: Attributes;
      readonly empty: boolean;
    }
  | { readonly kind: 'end'; readonly name: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'cdata' | 'comment' | 'instruction' | 'declaration'; readonly raw: string }
  | { readonly kind: 'hole'; readonly before: string; readonly after: string };

/** Names as written with their values, namespace declarations among them, in the order of the document. */
export type Attributes = readonly (readonly [string, string])[];

const OPENINGS = [
  { from: '<!--', to: '-->', kind: 'comment' },
  { from: '<![CDATA[', to: ']]>', kind: 'cdata' },
  { from: '<?', to: '?>', kind: 'instruction' },
] as const;

/** The pieces of a well-formed text without document type, in one pass. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text[at] === '<' ? markupEnd(text, at) : textEnd(text, at);
    const raw = text.slice(at, end);
    tokens.push(raw.startsWith('<') ? markup(raw) : { kind: 'text', value: decoded(raw) });
    at = end;
  }
  return tokens;
}

function textEnd(text: string, at: number): number {
  const next = text.indexOf('<', at);
  return next < 0 ? text.length : next;
}

function markupEnd(text: string, at: number): number {
  const opening = OPENINGS.find(({ from }) => text.startsWith(from, at));
  if (opening !== undefined) return after(text, opening.to, at + opening.from.length);
  for (let position = at + 1; position < text.length; position += 1) {
    const character = text[position];
    if (character === '>') return position + 1;
    if (character === '"' || character === "'") position = after(text, character, position + 1) - 1;
  }
  return text.length;
}

function after(text: string, closing: string, from: number): number {
  const found = text.indexOf(closing, from);
  return found < 0 ? text.length : found + closing.length;
}

function markup(raw: string): Token {
  const opening = OPENINGS.find(({ from }) => raw.startsWith(from));
  if (opening !== undefined) {
    const declaration = /^<\?xml[\t\n ]/.test(raw);
    return { kind: declaration ? 'declaration' : opening.kind, raw };
  }
  if (raw.startsWith('</')) return { kind: 'end', name: raw.slice(2, -1).trimEnd() };
  const empty = raw.endsWith('/>');
  const inside = raw.slice(1, empty ? -2 : -1);
  const name = /^[^\t\n ]+/.exec(inside)?.[0] ?? '';
  return { kind: 'start', name, attributes: attributesOf(inside.slice(name.length)), empty };
}

function attributesOf(text: string): Attributes {
  return [...text.matchAll(/([^\t\n =]+)[\t\n ]*=[\t\n ]*(?:"([^"]*)"|'([^']*)')/g)].map(
    ([, name = '', double, single]) => [name, decoded((double ?? single ?? '').replace(/[\t\n]/g, ' '))],
  );
}

const PREDEFINED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^&;]*);/g, (reference, name: string) => {
    if (!name.startsWith('#')) return PREDEFINED[name] ?? reference;
    const hexadecimal = name[1] === 'x';
    const code = Number.parseInt(name.slice(hexadecimal ? 2 : 1), hexadecimal ? 16 : 10);
    return code <= 0x10_ffff ? String.fromCodePoint(code) : reference;
  });
}
