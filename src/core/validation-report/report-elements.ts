/** One element of a report as it is written: attributes in their order, text or elements inside. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: readonly (Element | string)[];
}

export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...content: readonly (Element | string | undefined)[]
): Element {
  return { name, attributes, content: content.filter((one) => one !== undefined) };
}

/**
 * The element as text. It is its own canonical form where every namespace is declared at the root and attributes are
 * in order.
 */
export function elements({ name, attributes, content }: Element): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${attributeText(value)}"`);
  const inside = content.map((one) => (typeof one === 'string' ? elementText(one) : elements(one)));
  return `<${name}${given.join('')}>${inside.join('')}</${name}>`;
}

/** What XML 1.0 has no place for is written as the replacement character. */
function legal(text: string): string {
  return text.replace(/[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
}

function elementText(text: string): string {
  return legal(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function attributeText(text: string): string {
  return legal(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\t', '&#x9;')
    .replaceAll('\n', '&#xA;');
}
