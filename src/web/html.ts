/** Markup that is safe to send: made by `html` only. */
export interface Html {
  readonly markup: string;
}

type Insertable = string | number | Html | readonly Html[] | undefined;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Tagged template: every inserted text is escaped, inserted `Html` stands as it is, undefined is nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Insertable[]): Html {
  const markup = parts.map((part, index) => part + insert(values[index])).join('');
  return { markup };
}

function insert(value: Insertable): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeText(String(value));
  if ('markup' in value) return value.markup;
  return value.map((item) => item.markup).join('');
}

/**
 * Text for element content and quoted attribute values. Characters that turn the reading direction or cannot be
 * seen are shown by their number, so that what the citizen reads is what is there.
 */
export function escapeText(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) =>
      character === '\n'
        ? '\n'
        : `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}
