import { fromBase64Url } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { Sealer } from '../../ports/sealer.ts';
import { macKeyId, macMatches, macOf } from './row-macs.ts';
import {
  createSealKeyFile,
  invalidSealKeyFile,
  isWrapped,
  newSealKey,
  readSealKeyFile,
  replaceSealKeyFile,
  type SealKey,
  sealKeyFileStamp,
} from './seal-key-file.ts';
import { openOctets, sealedKeyId, sealOctets } from './sealed-octets.ts';

/** The Sealer over a key file. Several keys open, one seals. */
export interface FileSealer extends Sealer {
  /** Id of the key that seals. */
  readonly activeKey: string;
  /** Ids of all keys that open. */
  readonly keys: readonly string[];
}

/**
 * Reads a key file in clear (made by `createSealKey`), and reads it again when it was replaced: a rotation needs no
 * restart. A file that cannot be read then changes nothing.
 * @throws JitsuinError `config.invalid` (missing, malformed, wrapped, or readable by group or others)
 */
export function openFileSealer(file: string): FileSealer {
  return openRingSealer(file, (key) => clearSecret(file, key));
}

/**
 * The same over keys whose octets `secretOf` gives; what it throws makes the file one that cannot be read now.
 * @param missing what to throw for a key that is not in the ring
 */
export function openRingSealer(
  file: string,
  secretOf: (key: SealKey) => Uint8Array,
  missing: (id: string) => JitsuinError = notFound,
): FileSealer {
  let ring = readRing(file, secretOf);
  const current = () => {
    const stamp = sealKeyFileStamp(file);
    if (stamp === undefined || stamp === ring.stamp) return ring;
    try {
      ring = readRing(file, secretOf);
    } catch {
      // what was good serves on; the next start will say what is wrong
    }
    return ring;
  };
  const secret = ({ secrets }: Ring, id: string) => {
    const octets = secrets.get(id);
    if (octets === undefined) throw missing(id);
    return octets;
  };
  return {
    get activeKey() {
      return current().active;
    },
    get keys() {
      return [...current().secrets.keys()];
    },
    seal: (plaintext, context) => {
      const now = current();
      return sealOctets(now.active, secret(now, now.active), plaintext, context);
    },
    open: (sealed, context) => {
      const id = sealedKeyId(sealed);
      return openOctets(ring.secrets.get(id) ?? secret(current(), id), sealed, context);
    },
    mac: (text) => {
      const now = current();
      return macOf(now.active, secret(now, now.active), text);
    },
    isMac: (text, mac) => {
      const id = macKeyId(mac);
      return macMatches(ring.secrets.get(id) ?? secret(current(), id), text, mac);
    },
  };
}

interface Ring {
  readonly active: string;
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  /** Tells this state of the file from another. */
  readonly stamp: string | undefined;
}

function readRing(file: string, secretOf: (key: SealKey) => Uint8Array): Ring {
  const stamp = sealKeyFileStamp(file);
  const { active, keys } = readSealKeyFile(file);
  return { active, secrets: new Map(keys.map((key) => [key.id, secretOf(key)])), stamp };
}

/** The octets of a key in clear. @throws JitsuinError `config.invalid` for a wrapped one */
function clearSecret(file: string, key: SealKey): Uint8Array {
  if (isWrapped(key)) throw invalidSealKeyFile(file, 'holds wrapped keys: set JITSUIN_SEAL_KMS_MODULE');
  return fromBase64Url(key.secret, 'secret');
}

/** Makes a key file (mode 0600) with one new active key in clear. Never writes over a file. Returns the key's id. */
export function createSealKey(file: string, now: Date = new Date()): string {
  const key = newSealKey(now);
  createSealKeyFile(file, { active: key.id, keys: [key] });
  return key.id;
}

/** The first step of a rotation: adds a new key and makes it the active one; the others still open. Returns its id. */
export function rotateSealKey(file: string, now: Date = new Date()): string {
  const { keys } = readSealKeyFile(file);
  for (const key of keys) clearSecret(file, key);
  const key = newSealKey(now);
  replaceSealKeyFile(file, { active: key.id, keys: [...keys, key] });
  return key.id;
}

/**
 * The last step of a rotation: takes a key out of the file.
 * @param rowsNaming how many sealed values still name it (`valuesSealedBy` of the store, summed over all stores)
 * @throws JitsuinError `key.state` while a value names it or it is the active one, `key.not-found`
 */
export async function retireSealKey(
  file: string,
  id: string,
  rowsNaming: (id: string) => Promise<number>,
): Promise<void> {
  const { active, keys } = readSealKeyFile(file);
  if (!keys.some((key) => key.id === id)) throw notFound(id);
  if (id === active)
    throw new JitsuinError('key.state', 'The active seal key cannot be retired.', { at: id });
  const rows = await rowsNaming(id);
  if (rows > 0) {
    throw new JitsuinError('key.state', `${rows} sealed values still name this key: re-seal them first.`, {
      at: id,
    });
  }
  replaceSealKeyFile(file, { active, keys: keys.filter((key) => key.id !== id) });
}

function notFound(id: string): JitsuinError {
  return new JitsuinError('key.not-found', `The seal key "${id}" is not in the key file.`, { at: id });
}
