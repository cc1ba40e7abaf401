import type { CommandIo } from '../command.ts';
import type { Step } from './narrator.ts';

/** Prints the walk: numbered steps for people, one JSON object a line for machines. */
export class Show {
  readonly #io: CommandIo;
  readonly #json: boolean;

  constructor(io: CommandIo, json: boolean) {
    this.#io = io;
    this.#json = json;
  }

  heading(text: string): void {
    if (this.#json) this.#line({ heading: text });
    else this.#io.stdout(`\n${this.#bold(text)}\n`);
  }

  step(step: Step): void {
    if (this.#json) {
      this.#line({ step: step.number, ja: step.ja, en: step.en, wire: step.wire });
      return;
    }
    this.#io.stdout(`  [${step.number}] ${this.#bold(step.ja)} (${step.en})\n`);
    for (const line of step.wire.filter((text) => text !== '')) this.#io.stdout(`        ${line}\n`);
  }

  fact(name: string, value: string): void {
    if (this.#json) this.#line({ [name]: value });
    else this.#io.stdout(`  ${name.padEnd(22)} ${value}\n`);
  }

  /** One line that is drawn over while a person watches, and printed once when nobody does. */
  progress(text: string): void {
    if (this.#json) return;
    if (this.#io.isTty) this.#io.stdout(`\r\u001b[2K  … ${text}`);
    else this.#io.stdout(`  … ${text}\n`);
  }

  progressDone(): void {
    if (!this.#json && this.#io.isTty) this.#io.stdout('\r\u001b[2K');
  }

  #line(value: unknown): void {
    this.#io.stdout(`${JSON.stringify(value)}\n`);
  }

  #bold(text: string): string {
    return this.#io.isTty ? `\u001b[1m${text}\u001b[0m` : text;
  }
}
