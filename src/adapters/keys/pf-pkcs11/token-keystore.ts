import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { JitsuinError } from '../../../core/errors.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { DecryptionKey } from '../../../ports/decryption-key.ts';
import {
  activated,
  DEFAULT_OVERLAP,
  ended,
  expired,
  keyStateAt,
  publicJwkOf,
  requireServiceName,
} from '../pf-key-states.ts';
import type { PfEnvironment, PfKeyState, PfKeystore } from '../pf-keystore.ts';
import type { AgreementKeyRecord, KeyListFile } from './key-list.ts';
import type { TokenKey } from './messages.ts';
import type { Token } from './token.ts';

interface Options {
  readonly token: Token;
  readonly list: KeyListFile;
  readonly clock: Clock;
}

/** Decryption keys in a PKCS#11 token: a key lives as in the keystore file, and its private part never leaves. */
export function openTokenKeystore(options: Options): PfKeystore {
  return new TokenKeystore(options);
}

/** What the token tells of a key against what the list says of it. */
export function judgedAgainst(
  record: Pick<AgreementKeyRecord, 'x' | 'y' | 'id'>,
  keys: readonly TokenKey[],
): 'held' | 'missing' | 'other-curve' | 'other-key' | 'extractable' {
  const key = keys.find(({ id, uses }) => id === record.id && !uses.includes('encryption'));
  if (key === undefined) return 'missing';
  if (key.kind !== 'P-256') return 'other-curve';
  if (key.x !== undefined && (key.x !== record.x || key.y !== record.y)) return 'other-key';
  return key.stays ? 'held' : 'extractable';
}

class TokenKeystore implements PfKeystore {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  async find(service: string, environment: PfEnvironment, kid: string): Promise<DecryptionKey | undefined> {
    const record = (await this.#records()).find((key) => key.kid === kid);
    if (record === undefined || record.service !== service || record.environment !== environment)
      return undefined;
    return record.state === 'destroyed' ? undefined : this.#decryptionKey(record);
  }

  async usable(service: string, environment: PfEnvironment): Promise<readonly DecryptionKey[]> {
    return (await this.#records())
      .filter((record) => record.service === service && record.environment === environment)
      .filter((record) => !['expired', 'destroyed'].includes(this.#stateOf(record)))
      .map((record) => this.#decryptionKey(record))
      .sort((a, b) => Number(b.state === 'active') - Number(a.state === 'active'));
  }

  async list(): Promise<readonly PfKeyState[]> {
    return (await this.#records()).map((record) => this.#view(record));
  }

  generate(service: string, environment: PfEnvironment, change?: string): Promise<PfKeyState> {
    requireServiceName(service);
    const { token, list, clock } = this.#options;
    return list.change(async (file) => {
      const made = change === undefined ? undefined : file.keys.find((each) => each.change === change);
      if (made !== undefined) return [file, this.#view(made)];
      const id = randomBytes(16).toString('hex');
      const key = await token.generate(id, `jitsuin ${environment} ${service}`, 'agreement');
      const { x, y } = pointOf(key);
      const kid = await calculateJwkThumbprint({ kty: 'EC', crv: 'P-256', x, y }, 'sha256');
      const rival = file.keys.some(
        (each) => each.service === service && each.environment === environment && each.state === 'active',
      );
      const createdAt = clock.now();
      const facts = { kid, id, service, environment, x, y, createdAt };
      const stated: AgreementKeyRecord = rival
        ? { ...facts, state: 'generated' }
        : { ...facts, state: 'active', activatedAt: createdAt };
      const record = change === undefined ? stated : { ...stated, change };
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

  async destroy(kid: string): Promise<void> {
    const record = (await this.#records()).find((key) => key.kid === kid);
    if (record !== undefined && this.#stateOf(record) === 'expired')
      await this.#options.token.destroy(record.id);
    await this.#changeKeys(kid, ['expired'], (chosen, other) =>
      other.kid === chosen.kid ? { ...other, state: 'destroyed' } : other,
    );
  }

  async #records(): Promise<readonly AgreementKeyRecord[]> {
    return (await this.#options.list.read()).keys;
  }

  #stateOf(record: AgreementKeyRecord): AgreementKeyRecord['state'] {
    return keyStateAt(record, this.#options.clock.now());
  }

  #view(record: AgreementKeyRecord): PfKeyState {
    const { x: _x, y: _y, id: _id, ...facts } = record;
    return { ...facts, state: this.#stateOf(record), publicJwk: publicJwkOf(record) };
  }

  #decryptionKey(record: AgreementKeyRecord): DecryptionKey {
    const { kid, service, environment, id } = record;
    const state = this.#stateOf(record);
    return {
      kid,
      service,
      environment,
      state: state === 'active' || ended(state) ? (state === 'active' ? 'active' : 'expired') : 'overlap',
      deriveSharedSecret: (ephemeralKey) => this.#options.token.agree(id, ephemeralKey),
    };
  }

  #changeKeys(
    kid: string,
    from: readonly AgreementKeyRecord['state'][],
    step: (chosen: AgreementKeyRecord, other: AgreementKeyRecord) => AgreementKeyRecord,
  ): Promise<void> {
    return this.#options.list.change(async (file) => {
      const chosen = file.keys.find((key) => key.kid === kid);
      if (chosen === undefined) {
        const message = 'The token has no key of this kid: `jitsuin pf keys` shows those it has.';
        throw new JitsuinError('key.not-found', message);
      }
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
}

function pointOf({ x, y, stays }: TokenKey): { readonly x: string; readonly y: string } {
  if (x === undefined || y === undefined) {
    throw new JitsuinError('key.state', 'The token does not tell the public point of the key that it made.');
  }
  if (!stays) {
    throw new JitsuinError(
      'key.state',
      'The token made a key that could leave it, though it was told not to.',
    );
  }
  return { x, y };
}
