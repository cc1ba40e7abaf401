const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Other texts that a lenient decoder takes for the same compact serialization: [what is done, text]. `jose` accepts most of them.
 * Every part is respelled in each way that its length allows.
 */
export function otherSpellings(compact: string): readonly (readonly [string, string])[] {
  const parts = compact.split('.');
  const spellings = parts.flatMap((part, index) =>
    respelled(part).map(
      ([name, text]) => [`${name} in part ${index + 1}`, parts.with(index, text).join('.')] as const,
    ),
  );
  return spellings.filter(([, text]) => octetsOf(text) === octetsOf(compact));
}

function respelled(part: string): (readonly [string, string])[] {
  if (part === '') return [];
  const half = part.length >> 1;
  const last = ALPHABET.indexOf(part.at(-1) ?? '');
  return [
    ['white space', `${part.slice(0, half)} ${part.slice(half)}`],
    ['a line feed at the end', `${part}\n`],
    ...(part.length % 4 === 0
      ? []
      : ([['padding', part.padEnd(Math.ceil(part.length / 4) * 4, '=')]] as const)),
    ...(part.length % 4 === 0
      ? []
      : ([['unused bits', part.slice(0, -1) + (ALPHABET[last + 1] ?? '')]] as const)),
    ...(/[-_]/.test(part)
      ? ([['the other alphabet', part.replaceAll('-', '+').replaceAll('_', '/')]] as const)
      : []),
  ];
}

function octetsOf(compact: string): string {
  return compact
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString('hex'))
    .join('.');
}
