import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toBase64 } from '../../core/encoding.ts';

/** Beside the built program, and where the build puts it when the source runs. */
const PLACES = ['../../../offline/verify.html', '../../../dist/offline/verify.html'];
const DATA = '<script type="application/json" id="given">{}</script>';

/**
 * The verifier that a browser runs by itself, with something in it (src/offline/given.ts); undefined where this
 * installation was built without it.
 */
export function offlinePageWith(given: object): string | undefined {
  const path = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(existsSync);
  if (path === undefined) return undefined;
  const page = readFileSync(path, 'utf8');
  const at = page.lastIndexOf(DATA);
  if (at < 0) throw new Error('The page has no place for what is given.');
  const json = JSON.stringify(given, (_name, value: unknown) =>
    value instanceof Uint8Array ? { base64: toBase64(value) } : value,
  );
  const data = DATA.replace('{}', () => json.replaceAll('<', '\\u003c'));
  return page.slice(0, at) + data + page.slice(at + DATA.length);
}
