/** A Japanese sentence of the pages → the sentence in one other language. `{name}` stands for a value. */
export type Catalogue = ReadonlyMap<string, string>;

/**
 * Reads a catalogue: each Japanese sentence begins a line, its translation follows, indented, on one line or more.
 * @param joint between lines of a translation: a space where the language writes spaces
 * @throws Error for a sentence that is there twice or without a translation
 */
export function readCatalogue(text: string, joint: '' | ' '): Catalogue {
  const entries = new Map<string, string>();
  let sentence: string | undefined;
  for (const line of text.split('\n')) {
    const said = line.trim();
    if (said === '') continue;
    if (line === line.trimStart()) {
      requireTranslated(entries, sentence);
      if (entries.has(said)) throw new Error(`"${said}" is there twice.`);
      sentence = said;
      entries.set(said, '');
    } else if (sentence !== undefined) {
      const before = entries.get(sentence) ?? '';
      entries.set(sentence, before === '' ? said : `${before}${joint}${said}`);
    }
  }
  requireTranslated(entries, sentence);
  return entries;
}

function requireTranslated(entries: Catalogue, sentence: string | undefined): void {
  if (sentence !== undefined && entries.get(sentence) === '')
    throw new Error(`"${sentence}" has no translation.`);
}
