import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { hexSha256 } from '../../core/digest/sha256.ts';
import { JitsuinError } from '../../core/errors.ts';

type Settings = Readonly<Record<string, string | boolean | undefined>>;

const NAME = 'world.json';
const recordSchema = z.strictObject({
  format: z.literal('jitsuin-world-1'),
  /** SHA-256 of each setting: some hold passwords. */
  settings: z.record(z.string(), z.string()),
});

/** Writes down what a finished world was made with. */
export function recordWorld(folder: string, settings: Settings): void {
  const record = { format: 'jitsuin-world-1', settings: hashesOf(settings) };
  writeFileSync(join(folder, NAME), `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
}

/**
 * Whether a finished world made with these settings lies there.
 * @throws JitsuinError `config.invalid` where it was made with others, naming them
 */
export function isSameWorld(folder: string, settings: Settings): boolean {
  const file = join(folder, NAME);
  if (!existsSync(file)) return false;
  const { settings: made } = recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const given = hashesOf(settings);
  const names = [...new Set([...Object.keys(made), ...Object.keys(given)])];
  const other = names.filter((name) => made[name] !== given[name]).map((name) => `--${name}`);
  if (other.length === 0) return true;
  throw new JitsuinError(
    'config.invalid',
    `There is a world already that was made with another ${other.join(', ')}. Give the same, or ` +
      'remove it (its keys and data go with it).',
    { at: folder },
  );
}

function hashesOf(settings: Settings): Readonly<Record<string, string>> {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  const hash = (value: unknown) => hexSha256(String(value));
  return Object.fromEntries(given.map(([name, value]) => [name, hash(value)]));
}
