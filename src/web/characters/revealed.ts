import type { Bilingual } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { reader } from '../language/reader.ts';
import { spoken } from '../language/words.ts';
import { type Piece, reveal, type Suspicion } from './reveal.ts';

const NAMES: Readonly<Record<Suspicion, Bilingual>> = {
  invisible: { ja: '見えない文字', en: 'invisible' },
  direction: { ja: '読む向きを変える文字', en: 'changes the reading direction' },
  'look-alike': { ja: '別の字に似た文字', en: 'looks like another' },
  combining: { ja: '前の字に重なる文字', en: 'combining' },
  unassigned: { ja: '決まりのない文字', en: 'unassigned' },
};

/** A text of somebody else's, escaped, with every character that is not what it seems pointed out in words. */
export function revealed(text: string): Html {
  return html`${reveal(text).map(piece)}`;
}

function piece(part: Piece): Html {
  if (part.kind === 'plain') return html`${part.text}`;
  const name = NAMES[part.kind];
  const said = spoken(name, reader()?.language ?? 'ja').text;
  const shown = part.kind === 'look-alike' ? html`<span>${part.character}</span> ` : undefined;
  return html`<mark class="revealed" title="${name.en}">${shown}${part.codePoint} ${said}</mark>`;
}
