import type { Outcome, Tone } from '../core/outcomes.ts';
import { type Bilingual, both } from './bilingual.ts';
import { type Html, html } from './html.ts';

/** What a part shows: a text in both languages, or markup. */
export type Content = Bilingual | Html;

/** Attributes by name: `true` stands without a value, undefined and false not at all. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

function attributesOf(given: Attributes): readonly Html[] {
  return Object.entries(given)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => (value === true ? html` ${name}` : html` ${name}="${String(value)}"`));
}

function shown(content: Content): Html {
  return 'markup' in content ? content : both(content);
}

/** A word to the reader that must not be missed; without a tone it is neither good nor bad. */
export function notice(tone: Tone | undefined, content: Content, attributes: Attributes = {}): Html {
  const look = tone === undefined ? 'notice' : `notice ${tone}`;
  return html`<p${attributesOf({ class: look, ...attributes })}>${shown(content)}</p>`;
}

/** A state in words; its colour says nothing that the words do not. */
export function toned(tone: Tone, { ja, en }: Bilingual): Html {
  return html`<span class="badge ${tone}">${ja}</span>${en === '' ? undefined : html`<span lang="en">${en}</span>`}`;
}

/** What came of a record, by the one table: icon and words in its tone. */
export function outcomeBadge({ tone, icon, label }: Outcome): Html {
  return toned(tone, { ja: `${icon} ${label.ja}`, en: label.en });
}

export function heading(text: Bilingual): Html {
  return html`<h2>${both(text)}</h2>`;
}

/** A value as machines write it: an id, a code, a digest. */
export function code(value: string | undefined): Html | undefined {
  return value === undefined ? undefined : html`<code>${value}</code>`;
}

export function link(href: string, content: Content, attributes: Attributes = {}): Html {
  return html`<a${attributesOf({ href, ...attributes })}>${shown(content)}</a>`;
}

interface ListTable {
  readonly id: string;
  readonly caption: Bilingual;
  /** Heads of the columns; one that is undefined is left out, as its cells are. */
  readonly columns: readonly (Bilingual | string | undefined)[];
  readonly rows: readonly Html[];
}

/** A table of records that may be wider than the screen: a region of its own that scrolls by keyboard too. */
export function listTable({ id, caption, columns, rows }: ListTable): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}-caption">
<table id="${id}" class="list"><caption id="${id}-caption">${both(caption)}</caption>
${columnHeads(columns)}
<tbody>${rows}</tbody></table></div>`;
}

/** A small table, its caption for those who hear it only. */
export function smallTable({ id, caption, columns, rows }: ListTable): Html {
  return html`<table id="${id}" class="list"><caption class="unseen">${both(caption)}</caption>
${columnHeads(columns)}
<tbody>${rows}</tbody></table>`;
}

export function columnHeads(columns: ListTable['columns']): Html {
  const heads = columns
    .filter((column) => column !== undefined)
    .map(
      (column) => html`<th scope="col">${typeof column === 'string' ? html`${column}` : both(column)}</th>`,
    );
  return html`<thead><tr>${heads}</tr></thead>`;
}

/** A cell with a look of its own. */
interface ClassedCell {
  readonly look: 'number' | 'actions';
  readonly content: Html | string;
}

type Cell = Html | readonly Html[] | ClassedCell | string | number | undefined;

/** A row of such a table: the first cell is its head; one that is undefined is left out. */
export function tableRow(
  attributes: Attributes,
  [head, ...cells]: readonly [Html | string | number, ...Cell[]],
): Html {
  const others = cells.filter((cell) => cell !== undefined).map(dataCell);
  return html`<tr${attributesOf(attributes)}><th scope="row">${head}</th>${others}</tr>`;
}

function dataCell(cell: NonNullable<Cell>): Html {
  if (typeof cell !== 'object' || !('look' in cell)) return html`<td>${cell}</td>`;
  return html`<td class="${cell.look}">${cell.content}</td>`;
}

/** Terms and their values in a table; its caption for those who hear it only. */
export function factTable(caption: Bilingual, rows: readonly (Html | undefined)[], id?: string): Html {
  return html`<table${attributesOf({ id })}><caption class="unseen">${both(caption)}</caption>
<tbody>${rows.filter((row) => row !== undefined)}</tbody></table>`;
}

/** One row of a term and its value. */
export function factRow(label: Bilingual, value: Html | string): Html {
  return html`<tr><th scope="row">${both(label)}</th><td>${value}</td></tr>`;
}

/** A field of a form under its label; what is not said is a line of text that the browser keeps no memory of. */
export function field(label: Content, { id, ...rest }: Attributes & { readonly id: string }): Html {
  const attributes = { type: 'text', id, name: id, ...rest };
  const kept = attributes.type === 'text' ? { autocomplete: 'off' } : {};
  return html`<label for="${id}">${shown(label)}</label>
<input${attributesOf({ ...attributes, ...kept })}>`;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** A choice of one under its label. */
export function choice(
  label: Content,
  { id, ...rest }: Attributes & { readonly id: string },
  options: readonly Choice[],
  chosen?: string,
): Html {
  const shownOptions = options.map(
    (one) =>
      html`<option${attributesOf({ value: one.value, selected: one.value === chosen })}>${one.label}</option>`,
  );
  return html`<label for="${id}">${shown(label)}</label>
<select${attributesOf({ id, name: id, ...rest })}>${shownOptions}</select>`;
}

export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}
