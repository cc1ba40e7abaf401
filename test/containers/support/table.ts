import { appendFileSync } from 'node:fs';
import { it } from 'vitest';

/** The rows of one file with their seconds: printed at its end, and put at the end of the file that JITSUIN_TABLES names. */
export class Table {
  readonly #title: string;
  readonly #rows: string[] = [];

  constructor(title: string) {
    this.#title = title;
  }

  row(what: string, act: () => Promise<void>): void {
    it(what, () => this.time(what, act));
  }

  async time(what: string, act: () => Promise<void>): Promise<void> {
    const started = Date.now();
    await act();
    this.#rows.push(`| ${what} | ${((Date.now() - started) / 1_000).toFixed(1)} |`);
  }

  note(text: string): void {
    this.#rows.push(`| ${text} | |`);
  }

  print(): void {
    const text = `\n| ${this.#title} | seconds |\n| --- | --- |\n${this.#rows.join('\n')}\n`;
    process.stdout.write(text);
    const file = process.env['JITSUIN_TABLES'];
    if (file !== undefined) appendFileSync(file, text);
  }
}
