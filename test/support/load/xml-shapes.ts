/**
 * Shapes of XML that have cost more than their size somewhere: each gives the inside of an element with about `size` octets.
 * The kinds are the load table's columns; a new superlinear cause adds its shape here.
 */
export type XmlShape = (size: number) => string;

const times = (piece: string, size: number): string =>
  piece.repeat(Math.max(1, Math.floor(size / Buffer.byteLength(piece))));

const numbered = (piece: (number: number) => string, size: number): string => {
  const pieces: string[] = [];
  for (let octets = 0, number = 0; octets < size; number += 1) {
    const next = piece(number);
    pieces.push(next);
    octets += Buffer.byteLength(next);
  }
  return pieces.join('');
};

/** Elements nested `depth` deep, with leaves at the bottom. */
const deep = (depth: number, leaf: string, size: number): string =>
  `${'<d>'.repeat(depth)}${times(leaf, Math.max(leaf.length, size - 7 * depth))}${'</d>'.repeat(depth)}`;

/** A rightly indented document: white space before every tag, as deep as its place. */
const indentedDeep = (depth: number, size: number): string => {
  const lines: string[] = [];
  for (let at = 0; at < depth; at += 1) lines.push(`${'  '.repeat(at)}<d>`);
  const line = `${'  '.repeat(depth)}<e>x</e>`;
  for (let octets = 0; octets < size - depth * depth * 2; octets += line.length) lines.push(line);
  for (let at = depth - 1; at >= 0; at -= 1) lines.push(`${'  '.repeat(at)}</d>`);
  return lines.join('\n');
};

const longNamespace = `urn:${'n'.repeat(900)}`;

export const XML_SHAPES: Readonly<Record<string, XmlShape>> = {
  text: (size) => times('申請', size),
  'empty-tags': (size) => times('<a/>', size),
  'tag-pairs': (size) => times('<a></a>', size),
  'tags-indented': (size) => times('<a>x</a>\n  ', size),
  instructions: (size) => times('<?a?>', size),
  comments: (size) => times('<!---->', size),
  'comments-in-tags': (size) => times('<b><!--c--></b>', size),
  cdata: (size) => times('<![CDATA[]]>', size),
  'cdata-open': (size) => `<![CDATA[${times('<![CDATA[ ]] > ', size)}]]>`,
  'marks-alternating': (size) => `<m>a${times('\u0300\u0323\u0315\u0327', size)}</m>`,
  'marks-kana': (size) => `<m>か${times('\u3099\u0323', size)}</m>`,
  'marks-hangul': (size) => `<m>${times('\u1100\u1161\u11a8', size)}</m>`,
  'nfkc-growing': (size) => `<m>${times('\ufdfa', size)}</m>`,
  'names-distinct': (size) => numbered((n) => `<n${n.toString(36)}/>`, size),
  'names-long': (size) => numbered((n) => `<${'n'.repeat(900)}${n.toString(36)}/>`, size),
  depth: (size) => deep(250, '<e/>', size),
  'depth-towers': (size) => times(`${'<d>'.repeat(200)}${'</d>'.repeat(200)}`, size),
  'depth-indented': (size) => indentedDeep(250, size),
  'attributes-one-tag': (size) =>
    times(`<a ${numbered((n) => `a${n} =''`, 800)}/>`, size).replaceAll("''a", "'' a"),
  'attributes-many': (size) => times("<a b='' c='' d=''/>", size),
  'attribute-quotes': (size) =>
    `<a b='${times('"', Math.min(size, 65_536))}'/>${times(`<a b='""""""""'/>`, size)}`,
  'namespaces-long': (size) => `<p:a xmlns:p="${longNamespace}">${times('<p:b/>', size)}</p:a>`,
  'namespaces-many': (size) =>
    `<a ${Array.from({ length: 60 }, (_, n) => `xmlns:p${n}="urn:${n}:${'x'.repeat(500)}"`).join(' ')}>${numbered((n) => `<p${n % 60}:b/>`, size)}</a>`,
  'namespaces-again': (size) => times('<a xmlns="urn:a"><a xmlns="urn:b"/></a>', size),
  'xml-attributes': (size) => deep(200, '<e xml:lang="ja" xml:space="preserve"/>', size),
  'quotes-in-text': (size) => times('&quot;\'"', size),
  'line-ends': (size) => times('\r\n', size),
  'carriage-returns': (size) => times('&#13;', size),
  'white-space': (size) => `<w>${times(' \n\t', size)}</w>`,
  'greater-signs': (size) => times('&gt; ', size),
  'closing-brackets': (size) => times(']] ', size),
  references: (size) => times('&#x41;', size),
  'ids-alike': (size) => times('<a Id="x1"/>', size),
  base64: (size) => `<v>${times('QUJD\n', size)}</v>`,
};
