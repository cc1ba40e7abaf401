import { appendFileSync } from 'node:fs';

/** Says that a part of the tests cannot run on this machine, and how it would: loudly at once, and together at the end. */
export function notRun(what: string, how: string): void {
  process.stderr.write(`*** NOT RUN: ${what} (${how}) ***\n`);
  const file = process.env['JITSUIN_NOT_RUN'];
  if (file !== undefined) appendFileSync(file, `${what} (${how})\n`);
}

/** As `notRun`; where the environment variable `required` is 1, it throws instead. */
export function notRunUnless(required: string, what: string, how: string): void {
  if (process.env[required] === '1') throw new Error(`*** NOT RUN: ${what} (${how}) ***`);
  notRun(what, how);
}
