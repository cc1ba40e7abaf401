/** A seeded source of XML documents that are well-formed, namespace-well-formed and as awkward as they can be. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** An integer from 0 to below `limit` (mulberry32). */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.below(from.length)] ?? from[0];
  }
}

const NAMES = [
  'a',
  'b',
  'Z',
  '_x',
  'a-b',
  'a.b',
  '氏名',
  '住所',
  'ふりがな',
  'ヲ',
  '﨑',
  '𠮷',
  '葛󠄀',
  'é',
  'x1',
] as const;
const PREFIXES = ['p', 'q', 'r', '様式', 'P', 'ns0', '𠮟'] as const;
const NAMESPACES = [
  'urn:a',
  'urn:b',
  'http://example.jp/',
  'http://example.jp/x?y=1',
  'urn:Z',
  'x-y:z',
] as const;
const WORDS = [
  'a',
  ' ',
  '\n',
  '\t',
  '\r\n',
  '\r',
  '山田 太郎',
  '髙橋',
  '𠮷野家',
  '葛󠄀飾区',
  '\ue000\ue757',
  'が',
  'か\u3099',
  '〜～−-',
  '\u0085',
  '\u2028',
  '\ufffd',
  'ｱｲｳ（）',
  "'",
] as const;
const TEXT_REFERENCES = [
  '&amp;',
  '&lt;',
  '&gt;',
  '&quot;',
  '&apos;',
  '&#13;',
  '&#xD;',
  '&#10;',
  '&#9;',
  '&#x20BB7;',
  '&#00065;',
  '&#x3042;',
] as const;
const LANGUAGES = ['ja', 'en', ''] as const;
// Only bases for which libxml2 follows C14N 1.1 section 2.4. It does not for '' (dropped even where nothing is left out),
// for several dot segments, and for '?q' after a path; those are in test/unit/c14n/xml-base.test.ts.
const BASES = ['http://example.jp/a/b', 'c', 'd/', '/e/', 'h/i'] as const;

/** One document as text; `features` decides how much of the dark corners to use. */
export class DocumentSource {
  private readonly random: Random;
  private elements = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  document(): string {
    const { random } = this;
    const bom = random.chance(5) ? '\ufeff' : '';
    const declaration = random.chance(40)
      ? `<?xml version="1.0"${random.chance(50) ? " encoding='utf-8'" : ''}?>`
      : '';
    return bom + declaration + this.outside() + this.element(new Map(), 0) + this.outside();
  }

  private outside(): string {
    const { random } = this;
    let text = '';
    while (random.chance(25)) text += random.pick(['\n', ' ', '\r\n', this.comment(), this.instruction()]);
    return text;
  }

  private element(inherited: ReadonlyMap<string, string>, depth: number): string {
    const { random } = this;
    this.elements += 1;
    const scope = new Map(inherited);
    const declarations = this.declarations(scope);
    const name = this.qualifiedName(scope, true);
    const entries = this.shuffled([...declarations, ...this.attributes(scope, depth)]);
    const tag = `<${name}${entries.map((entry) => this.space() + entry).join('')}${random.chance(10) ? ' ' : ''}`;
    if (random.chance(15)) return `${tag}/>`;
    return `${tag}>${this.content(scope, depth)}</${name}${random.chance(5) ? '\n' : ''}>`;
  }

  private declarations(scope: Map<string, string>): string[] {
    const { random } = this;
    const declared = new Map<string, string>();
    while (random.chance(30)) declared.set(random.pick(PREFIXES), random.pick(NAMESPACES));
    if (random.chance(20)) declared.set('', random.chance(30) ? '' : random.pick(NAMESPACES));
    for (const [prefix, namespace] of declared) scope.set(prefix, namespace);
    const source = [...declared].map(([prefix, namespace]) => {
      return (prefix === '' ? 'xmlns' : `xmlns:${prefix}`) + this.quoted(namespace);
    });
    if (random.chance(2)) source.push(`xmlns:xml${this.quoted('http://www.w3.org/XML/1998/namespace')}`);
    return source;
  }

  private attributes(scope: ReadonlyMap<string, string>, depth: number): string[] {
    const { random } = this;
    const used = new Set<string>();
    const attributes: string[] = [];
    while (random.chance(45) && attributes.length < 8) {
      const name = this.qualifiedName(scope, false);
      const [prefix, local] = name.includes(':') ? name.split(':') : ['', name];
      const expanded = `${prefix === '' ? '' : scope.get(prefix ?? '')} ${local}`;
      if (used.has(expanded)) continue;
      used.add(expanded);
      attributes.push(name + this.quoted(this.value()));
    }
    if (random.chance(15)) attributes.push(`xml:lang${this.quoted(random.pick(LANGUAGES))}`);
    if (random.chance(8)) attributes.push(`xml:space${this.quoted(random.pick(['preserve', 'default']))}`);
    if (random.chance(8)) attributes.push(`xml:base${this.quoted(random.pick(BASES))}`);
    if (random.chance(8)) attributes.push(`xml:id${this.quoted(`i${depth}${this.elements}`)}`);
    return attributes;
  }

  private qualifiedName(scope: ReadonlyMap<string, string>, element: boolean): string {
    const prefixes = [...scope.keys()].filter((prefix) => prefix !== '');
    const local = this.random.pick(NAMES);
    const [first, ...rest] = prefixes;
    if (first === undefined || this.random.chance(element ? 50 : 60)) return local;
    return `${this.random.pick([first, ...rest])}:${local}`;
  }

  private content(scope: ReadonlyMap<string, string>, depth: number): string {
    const { random } = this;
    let content = '';
    const most = depth > 6 || this.elements > 40 ? 1 : 5;
    for (let pieces = random.below(most + 1); pieces > 0; pieces -= 1) {
      switch (random.below(7)) {
        case 0:
          content += random.chance(50) ? this.comment() : this.instruction();
          break;
        case 1:
          content += `<![CDATA[${random.pick(['', 'x', '<&>"', ']]', ']', '\r\n', '氏名&amp;'])}]]>`;
          break;
        case 2:
        case 3:
          content += this.text();
          break;
        default:
          if (depth < 8 && this.elements < 50) content += this.element(scope, depth + 1);
      }
    }
    return content;
  }

  private text(): string {
    const { random } = this;
    let text = '';
    do
      text += random.pick([
        random.pick(WORDS),
        random.pick(WORDS),
        random.pick(TEXT_REFERENCES),
        '"',
        ']',
        '>',
      ]);
    while (random.chance(70));
    return `${text.replaceAll(']]>', ']] >')}${text.endsWith(']') ? '.' : ''}`;
  }

  private value(): string {
    const { random } = this;
    let value = '';
    while (random.chance(60))
      value += random.pick([random.pick(WORDS), random.pick(TEXT_REFERENCES), '>', '"']);
    return value;
  }

  private quoted(value: string): string {
    const equals = this.random.pick(['=', '=', '=', ' = ', '=\n']);
    if (this.random.chance(30)) return `${equals}'${value.replaceAll("'", '&apos;')}'`;
    return `${equals}"${value.replaceAll('"', '&quot;')}"`;
  }

  private comment(): string {
    return `<!--${this.random.pick([' 備考 ', '', '\r\n', '- <a> &amp; ', ']]>'])}-->`;
  }

  private instruction(): string {
    return `<?${this.random.pick(['pi', '処理', 'xml-stylesheet'])}${this.random.pick(['', ' ', ' href="a"', '\r\n  x  ', '\t?', ' a\rb'])}?>`;
  }

  private space(): string {
    return this.random.pick([' ', ' ', ' ', '  ', '\n', '\r\n\t']);
  }

  private shuffled(entries: readonly string[]): string[] {
    const left = [...entries];
    const shuffled: string[] = [];
    while (left.length > 0) shuffled.push(...left.splice(this.random.below(left.length), 1));
    return shuffled;
  }
}
