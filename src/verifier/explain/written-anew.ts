import type { Attributes, Token } from './markup.ts';

/** How a serializer writes what canonicalization would write in one way; left out: as canonicalization does. */
export interface Habits {
  readonly emptyTags?: 'short' | 'spaced' | 'as-written';
  readonly order?: 'document' | 'names' | 'declarations-last';
  readonly quote?: "'";
  /** Characters of text that are written as they are, or escaped, otherwise than the canonical form has them. */
  readonly text?: Readonly<Record<string, string>>;
  readonly attribute?: Readonly<Record<string, string>>;
  readonly references?: 'decimal' | 'hexadecimal' | 'hexadecimal-lower';
  readonly cdata?: 'kept';
  readonly comments?: 'kept';
  readonly outside?: 'dropped';
  /** What stands before the document element. */
  readonly declaration?: string;
  readonly superfluous?: 'kept';
  readonly inherited?: 'none';
  /** Declarations that are left out: of the first element, or everywhere. */
  readonly lost?: (name: string, first: boolean) => boolean;
  readonly added?: Attributes;
  /** White space where the Signature stands. */
  readonly around?: string;
}

/** Namespace names in scope by declaration (`xmlns`, `xmlns:p`), kept so that an element costs what it declares. */
class Scopes {
  private readonly values = new Map<string, string[]>();
  private readonly open: (readonly string[])[] = [];

  get depth(): number {
    return this.open.length;
  }

  of(declaration: string): string {
    return this.values.get(declaration)?.at(-1) ?? '';
  }

  enter(declarations: Attributes): void {
    for (const [name, uri] of declarations) {
      const known = this.values.get(name);
      if (known === undefined) this.values.set(name, [uri]);
      else known.push(uri);
    }
    this.open.push(declarations.map(([name]) => name));
  }

  leave(): void {
    for (const name of this.open.pop() ?? []) this.values.get(name)?.pop();
  }
}

/**
 * Writes tokens as a serializer with these habits would.
 * @param inherited the declarations in force around the first element
 * @param most characters; undefined when it would be more
 */
export function writtenAnew(
  tokens: readonly Token[],
  habits: Habits,
  inherited: Attributes,
  most: number,
): string | undefined {
  const out: string[] = [habits.declaration ?? ''];
  const scopes = new Scopes();
  let length = 0;
  let started = false;
  let hollow = false;
  for (const [index, token] of tokens.entries()) {
    let text = '';
    if (token.kind === 'start') {
      const brought = started || habits.inherited === 'none' ? [] : inherited;
      const written = startTag(token.attributes, habits, scopes, brought);
      started = true;
      hollow = token.empty || (tokens[index + 1]?.kind === 'end' && habits.emptyTags !== 'as-written');
      if (hollow && habits.emptyTags !== undefined)
        text = `<${token.name}${written}${habits.emptyTags === 'spaced' ? ' />' : '/>'}`;
      else text = `<${token.name}${written}>${token.empty ? `</${token.name}>` : ''}`;
      if (token.empty) scopes.leave();
      hollow = hollow && !token.empty && habits.emptyTags !== undefined;
    } else if (token.kind === 'end') {
      scopes.leave();
      if (!hollow) text = `</${token.name}>`;
      hollow = false;
    } else text = other(token, habits, scopes.depth, started);
    length += text.length;
    if (length > most) return undefined;
    out.push(text);
  }
  return out.join('');
}

/** Enters the element's scope. @param brought declarations around it, for the first element */
function startTag(attributes: Attributes, habits: Habits, scopes: Scopes, brought: Attributes): string {
  const own = attributes.filter(([name]) => isDeclaration(name));
  const ownNames = new Set(own.map(([name]) => name));
  const first = scopes.depth === 0;
  const declared = [...brought.filter(([name]) => !ownNames.has(name)), ...own];
  const kept = declared.filter(
    ([name, uri]) =>
      habits.lost?.(name, first) !== true && (habits.superfluous === 'kept' || scopes.of(name) !== uri),
  );
  scopes.enter(declared);
  const declarations = first ? [...kept, ...(habits.added ?? [])] : kept;
  const plain = attributes.filter(([name]) => !isDeclaration(name));
  const mark = habits.quote ?? '"';
  return inOrder(attributes, declarations, plain, habits.order, scopes)
    .map(([name, value]) => ` ${name}=${mark}${attributeText(value, habits)}${mark}`)
    .join('');
}

function isDeclaration(name: string): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:');
}

function inOrder(
  asWritten: Attributes,
  declarations: Attributes,
  plain: Attributes,
  order: Habits['order'],
  scopes: Scopes,
): Attributes {
  if (order === 'document') {
    const at = new Map(asWritten.map(([name], index) => [name, index]));
    return [...declarations, ...plain].sort(([a], [b]) => (at.get(a) ?? -1) - (at.get(b) ?? -1));
  }
  if (order === 'names') return [...declarations, ...plain].sort(([a], [b]) => compare(a, b));
  const sorted = [...declarations].sort(([a], [b]) => compare(a, b));
  const key = (name: string): readonly [string, string] => {
    const colon = name.indexOf(':');
    if (colon < 0) return ['', name];
    const prefix = name.slice(0, colon);
    const uri = prefix === 'xml' ? 'http://www.w3.org/XML/1998/namespace' : scopes.of(`xmlns:${prefix}`);
    return [uri, name.slice(colon + 1)];
  };
  const values = [...plain].sort(([a], [b]) => {
    const [one, other] = [key(a), key(b)];
    return compare(one[0], other[0]) || compare(one[1], other[1]);
  });
  return order === 'declarations-last' ? [...values, ...sorted] : [...sorted, ...values];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function other(
  token: Exclude<Token, { kind: 'start' | 'end' }>,
  habits: Habits,
  depth: number,
  started: boolean,
): string {
  switch (token.kind) {
    case 'hole':
      return habits.around ?? token.before + token.after;
    case 'text':
      return depth === 0 ? '' : textOf(token.value, habits);
    case 'cdata':
      return habits.cdata === 'kept' ? token.raw : textOf(token.raw.slice(9, -3), habits);
    case 'declaration':
      return '';
    case 'comment':
      if (habits.comments !== 'kept') return '';
  }
  if (depth > 0) return token.raw;
  if (habits.outside === 'dropped') return '';
  return started ? `\n${token.raw}` : `${token.raw}\n`;
}

const TEXT: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };
const ATTRIBUTE: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

function textOf(value: string, { text, references }: Habits): string {
  return referred(
    value.replace(/[&<>\r"']/g, (character) => text?.[character] ?? TEXT[character] ?? character),
    references,
  );
}

function attributeText(value: string, { attribute, references }: Habits): string {
  return referred(
    value.replace(
      /[&<>\t\n\r"']/g,
      (character) => attribute?.[character] ?? ATTRIBUTE[character] ?? character,
    ),
    references,
  );
}

function referred(text: string, references: Habits['references']): string {
  if (references === undefined) return text;
  return text.replace(/[^\0-\x7f]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (references === 'decimal') return `&#${code};`;
    const hexadecimal = code.toString(16);
    return `&#x${references === 'hexadecimal' ? hexadecimal.toUpperCase() : hexadecimal};`;
  });
}
