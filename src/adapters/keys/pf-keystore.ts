import { createECDH, generateKeyPairSync } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import type { PfPublicJwk } from '../../contracts/pf-public-jwk.ts';
import { fromBase64Url } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DecryptionKey, DecryptionKeys, KeptElsewhere } from '../../ports/decryption-key.ts';
import {
  activated,
  DEFAULT_OVERLAP,
  expired,
  keyStateAt,
  publicJwkOf,
  requireServiceName,
} from './pf-key-states.ts';
import {
  DEFAULT_SCRYPT_COST,
  newKeystoreFile,
  openOctets,
  type PfKeyRecord,
  type PfKeystoreFile,
  readKeystoreFile,
  sealOctets,
  unlockKeystoreFile,
  withKeystoreLock,
  writeKeystoreFile,
} from './pf-keystore-file.ts';

export type PfEnvironment = 'test' | 'production';

/** A key without its private part, with the state that counts at the instant asked. */
export type PfKeyState = Omit<PfKeyRecord, 'sealed' | 'x' | 'y'> & { readonly publicJwk: PfPublicJwk };

/**
 * Keys of the platform operator, one file, private parts sealed under a passphrase. A key is `generated` (opens bundles
 * already, so that nothing is lost between registration and activation), `active`, `overlap` (replaced, still opens
 * bundles under way until its end), `expired` (opens nothing) and `destroyed` (the private part is gone).
 */
export interface PfKeystore extends DecryptionKeys {
  /**
   * Makes a P-256 key pair. It becomes active at once when its service and environment have no active key.
   * @param change id of the approved change; the same one again gives the key that was made for it
   */
  generate(service: string, environment: PfEnvironment, change?: string): Promise<PfKeyState>;
  /** Makes this the active key; the one before it goes into overlap for `overlapMillis`. */
  activate(kid: string, overlapMillis?: number): Promise<void>;
  expire(kid: string): Promise<void>;
  /** Removes the private part. Only an expired key can be destroyed. */
  destroy(kid: string): Promise<void>;
  list(): Promise<readonly PfKeyState[]>;
}

interface PfKeystoreOptions {
  readonly file: string;
  readonly passphrase: string;
  readonly clock: Clock;
  /** scrypt N of a new file; default 131,072. */
  readonly scryptCost?: number;
}

/**
 * Opens the keystore; a missing file is made at the first `generate`.
 * @throws JitsuinError `config.key-mode` (file readable by others), `config.invalid`, `seal.integrity` (passphrase)
 */
export async function openPfKeystore(options: PfKeystoreOptions): Promise<PfKeystore> {
  const keystore = new FileKeystore(options);
  await keystore.current();
  return keystore;
}

class FileKeystore implements PfKeystore {
  readonly #options: PfKeystoreOptions;
  readonly #opened = new Map<string, KeptElsewhere>();
  #file: PfKeystoreFile | undefined;
  #key: Uint8Array | undefined;
  #seen = '';

  constructor(options: PfKeystoreOptions) {
    this.#options = options;
  }

  /** The keystore as it stands now: rotation by another process is seen without a restart (catalogue M1). */
  async current(): Promise<PfKeystoreFile | undefined> {
    const { file: path, passphrase } = this.#options;
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    const seen = found === undefined ? '' : `${found.ino} ${found.mtimeNs} ${found.size}`;
    if (seen === this.#seen) return this.#file;
    const file = await readKeystoreFile(path);
    const sameSalt = file !== undefined && file.kdf.salt === this.#file?.kdf.salt;
    if (file !== undefined && !sameSalt) this.#key = await unlockKeystoreFile(file, passphrase);
    this.#file = file;
    this.#seen = seen;
    // What was destroyed by another process goes from the memory of this one too.
    this.#opened.clear();
    return file;
  }

  async find(service: string, environment: PfEnvironment, kid: string): Promise<DecryptionKey | undefined> {
    const record = (await this.#records()).find((key) => key.kid === kid);
    if (record === undefined || record.service !== service || record.environment !== environment)
      return undefined;
    return record.sealed === undefined ? undefined : this.#decryptionKey(record, record.sealed);
  }

  async usable(service: string, environment: PfEnvironment): Promise<readonly DecryptionKey[]> {
    const keys: DecryptionKey[] = [];
    for (const record of await this.#records()) {
      if (record.service !== service || record.environment !== environment || record.sealed === undefined)
        continue;
      if (this.#stateOf(record) === 'expired') continue;
      keys.push(this.#decryptionKey(record, record.sealed));
    }
    return keys.sort((a, b) => Number(b.state === 'active') - Number(a.state === 'active'));
  }

  async list(): Promise<readonly PfKeyState[]> {
    return (await this.#records()).map((record) => this.#view(record));
  }

  generate(service: string, environment: PfEnvironment, change?: string): Promise<PfKeyState> {
    requireServiceName(service);
    return this.#change(async (file, key) => {
      const made = change === undefined ? undefined : file.keys.find((each) => each.change === change);
      if (made !== undefined) return [file, this.#view(made)];
      const fresh = await this.#newRecord(service, environment, key, file.keys);
      const record = change === undefined ? fresh : { ...fresh, change };
      return [{ ...file, keys: [...file.keys, record] }, this.#view(record)];
    });
  }

  activate(kid: string, overlapMillis = DEFAULT_OVERLAP): Promise<void> {
    const now = this.#options.clock.now();
    return this.#changeKeys(kid, ['generated'], (chosen, other) =>
      activated(chosen, other, now, overlapMillis),
    );
  }

  expire(kid: string): Promise<void> {
    return this.#changeKeys(kid, ['generated', 'active', 'overlap'], expired);
  }

  destroy(kid: string): Promise<void> {
    return this.#changeKeys(kid, ['expired'], (chosen, other) => {
      if (other.kid !== chosen.kid) return other;
      const { sealed: _gone, ...kept } = other;
      return { ...kept, state: 'destroyed' };
    });
  }

  async #records(): Promise<readonly PfKeyRecord[]> {
    return (await this.current())?.keys ?? [];
  }

  #stateOf(record: PfKeyRecord): PfKeyRecord['state'] {
    return keyStateAt(record, this.#options.clock.now());
  }

  #view(record: PfKeyRecord): PfKeyState {
    const { sealed: _sealed, x: _x, y: _y, ...facts } = record;
    return { ...facts, state: this.#stateOf(record), publicJwk: publicJwkOf(record) };
  }

  #decryptionKey(record: PfKeyRecord, sealed: NonNullable<PfKeyRecord['sealed']>): DecryptionKey {
    const state = this.#stateOf(record);
    const { kid, service, environment } = record;
    const agreement =
      this.#opened.get(kid) ?? keyAgreement(openOctets(this.#masterKey(), sealed, contextOf(record)));
    this.#opened.set(kid, agreement);
    return {
      kid,
      service,
      environment,
      state: state === 'active' || state === 'expired' ? state : 'overlap',
      ...agreement,
    };
  }

  #masterKey(): Uint8Array {
    if (this.#key === undefined) throw new JitsuinError('key.not-found', 'The keystore is not there yet.');
    return this.#key;
  }

  async #newRecord(
    service: string,
    environment: PfEnvironment,
    master: Uint8Array,
    others: readonly PfKeyRecord[],
  ): Promise<PfKeyRecord> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '', d = '' } = privateKey.export({ format: 'jwk' });
    const kid = await calculateJwkThumbprint({ kty: 'EC', crv: 'P-256', x, y }, 'sha256');
    const rival = others.some(
      (key) => key.service === service && key.environment === environment && key.state === 'active',
    );
    const now = this.#options.clock.now();
    const facts = { kid, service, environment, x, y, createdAt: now };
    const sealed = sealOctets(master, fromBase64Url(d), contextOf(facts));
    return rival
      ? { ...facts, state: 'generated', sealed }
      : { ...facts, state: 'active', activatedAt: now, sealed };
  }

  /** Changes one key, found by kid in one of `from`, and its siblings of the same service and environment. */
  #changeKeys(
    kid: string,
    from: readonly PfKeyRecord['state'][],
    step: (chosen: PfKeyRecord, other: PfKeyRecord) => PfKeyRecord,
  ): Promise<void> {
    return this.#change(async (file) => {
      const chosen = file.keys.find((key) => key.kid === kid);
      if (chosen === undefined)
        throw new JitsuinError(
          'key.not-found',
          'The keystore has no key of this kid: `jitsuin pf keys list` shows those it has.',
        );
      const state = this.#stateOf(chosen);
      if (!from.includes(state)) {
        throw new JitsuinError('key.state', `The key is ${state}; this step needs ${from.join(' or ')}.`);
      }
      const keys = file.keys.map((key) =>
        key.service === chosen.service && key.environment === chosen.environment ? step(chosen, key) : key,
      );
      return [{ ...file, keys }, undefined];
    });
  }

  async #change<T>(
    step: (file: PfKeystoreFile, key: Uint8Array) => Promise<[PfKeystoreFile, T]>,
  ): Promise<T> {
    const { file: path, passphrase, scryptCost = DEFAULT_SCRYPT_COST } = this.#options;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return withKeystoreLock(path, async () => {
      let file = await this.current();
      if (file === undefined) {
        [file, this.#key] = await newKeystoreFile(passphrase, scryptCost);
        this.#file = file;
      }
      const [next, result] = await step(file, this.#masterKey());
      await writeKeystoreFile(path, next);
      await this.current();
      return result;
    });
  }
}

/** Associated data of a sealed scalar: a record changed or copied elsewhere does not open (catalogue M3, M5). */
function contextOf(record: Pick<PfKeyRecord, 'kid' | 'service' | 'environment' | 'x' | 'y'>): string {
  return [record.kid, record.service, record.environment, record.x, record.y].join('\n');
}

/**
 * The form of the port in which a request takes a third of the time that it takes with a `CryptoKey`
 * (decisions/platform-operator.md); the scalar has no way out of it.
 */
function keyAgreement(scalar: Uint8Array): KeptElsewhere {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar);
  return { deriveSharedSecret: async (ephemeralKey) => ecdh.computeSecret(ephemeralKey) };
}
