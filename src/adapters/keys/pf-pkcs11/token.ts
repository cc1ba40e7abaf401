import { type ChildProcess, fork } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ERROR_CODES, JitsuinError } from '../../../core/errors.ts';
import { MINUTE_MILLIS } from '../../../core/spans.ts';
import type {
  FromToken,
  TokenFault,
  TokenKey,
  TokenKeyUse,
  TokenPlace,
  TokenRequest,
  ToToken,
} from './messages.ts';

export interface TokenOptions extends TokenPlace {
  /** Milliseconds that one operation may take in the token; then its process is ended and the next asks a new one. */
  readonly millis: number;
  /** Told when the token went, and when it came back. */
  readonly changed?: (state: 'away' | 'back', code: string) => void;
}

/** A PKCS#11 token. Every operation throws `key.unavailable` while the token is away: the same may succeed later. */
export interface Token {
  /**
   * Opens it now. @throws JitsuinError `config.invalid` (package, module, PIN, two tokens of one label),
   * `config.key-mode`, `key.unavailable`
   */
  open(): Promise<void>;
  /** Every private and secret key that it shows. */
  keys(): Promise<readonly TokenKey[]>;
  /** Makes a key that cannot leave the token. @param id CKA_ID, hexadecimal, not there yet */
  generate(id: string, label: string, use: TokenKeyUse): Promise<TokenKey>;
  /** Destroys every object of this CKA_ID. */
  destroy(id: string): Promise<void>;
  /**
   * CKM_ECDH1_DERIVE with CKD_NULL.
   * @param point uncompressed, 65 octets
   * @returns Z, 32 octets
   * @throws JitsuinError `key.not-found`, `key.state` (another curve)
   */
  agree(id: string, point: Uint8Array): Promise<Uint8Array>;
  /** CKM_ECDSA over a digest of 32 octets → r ‖ s, 64 octets. */
  sign(id: string, digest: Uint8Array): Promise<Uint8Array>;
  /** CKM_AES_GCM. @param octets IV of 12 octets ‖ plaintext; the answer is IV ‖ ciphertext ‖ tag */
  encrypt(id: string, octets: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
  decrypt(id: string, octets: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
  close(): void;
}

/** Milliseconds after a failed opening before the next try. */
const PAUSE = 1_000;
/** Milliseconds for starting the process, loading the module and logging in. */
const OPENING = 30_000;
/** What of our own environment a vendor's library has no business with. */
const OURS = /^(JITSUIN_|DATABASE_URL$|REDIS_URL$|PG|NODE_OPTIONS$)/;

export function createToken(options: TokenOptions): Token {
  const holder = new TokenHolder(options);
  const ask = (request: TokenRequest) => holder.ask(request);
  return {
    open: () => holder.open(),
    keys: async () => (await ask({ does: 'keys' })) as readonly TokenKey[],
    generate: async (id, label, use) => (await ask({ does: 'generate', id, label, use })) as TokenKey,
    destroy: async (id) => void (await ask({ does: 'destroy', id })),
    agree: async (id, point) => octetsOf(await ask({ does: 'agree', id, point })),
    sign: async (id, digest) => octetsOf(await ask({ does: 'sign', id, digest })),
    encrypt: async (id, octets, aad) => octetsOf(await ask({ does: 'encrypt', id, octets, aad })),
    decrypt: async (id, octets, aad) => octetsOf(await ask({ does: 'decrypt', id, octets, aad })),
    close: () => holder.close(),
  };
}

function octetsOf(result: unknown): Uint8Array {
  return result instanceof Uint8Array ? Uint8Array.from(result) : new Uint8Array();
}

/** Keeps one process with the token open, bounds what it is asked at once, and starts another one when it went. */
class TokenHolder {
  readonly #options: TokenOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #process: Promise<TokenProcess> | undefined;
  #notBefore = 0;
  /** Until then a key that is missing is believed to be. */
  #believeUntil = 0;
  /** The state of the PIN file whose PIN the token refused, with what it said: a second try would help to lock it. */
  #refused: { readonly stamp: string; readonly error: JitsuinError } | undefined;
  #state: 'unknown' | 'away' | 'back' = 'unknown';
  #closed = false;

  constructor(options: TokenOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    await this.#opened();
  }

  async ask(request: TokenRequest): Promise<unknown> {
    await this.#turn();
    try {
      const process = await this.#opened();
      try {
        return await process.ask(request, this.#options.millis);
      } catch (thrown) {
        if (!(thrown instanceof LostToken) || !this.#again(process, request, thrown.fault)) throw thrown;
        return await (await this.#opened()).ask(request, this.#options.millis);
      }
    } catch (thrown) {
      throw this.#noted(thrown);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  /**
   * Whether a process that did its work before may be wrong now, and a new one is asked the same. What the token did
   * before it was lost is not known of a key that was to be made or destroyed.
   */
  #again(process: TokenProcess, request: TokenRequest, { code }: TokenFault): boolean {
    if (!process.served || request.does === 'generate' || request.does === 'destroy') return false;
    if (!process.alive) return true;
    // Modules go on without the keys of a token that was out for a moment, and say that there are none.
    const doubted = code === 'key.not-found' && performance.now() >= this.#believeUntil;
    if (doubted) {
      this.#believeUntil = performance.now() + MINUTE_MILLIS;
      process.end();
    }
    return doubted;
  }

  close(): void {
    this.#closed = true;
    void this.#process?.then(
      (process) => process.end(),
      () => undefined,
    );
  }

  async #turn(): Promise<void> {
    if (this.#running >= this.#options.sessions) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
  }

  async #opened(): Promise<TokenProcess> {
    const known = await this.#process?.catch(() => undefined);
    if (known?.alive === true) return known;
    if (this.#closed) throw away('The token was closed.');
    if (known !== undefined || this.#process === undefined) this.#process = this.#begin();
    try {
      return await this.#process;
    } catch (thrown) {
      this.#process = undefined;
      throw thrown;
    }
  }

  async #begin(): Promise<TokenProcess> {
    const stamp = await stampOf(this.#options.pinFile);
    if (this.#refused?.stamp === stamp) throw this.#refused.error;
    if (performance.now() < this.#notBefore) throw away('The token did not answer a moment ago.');
    const process = new TokenProcess(this.#options);
    try {
      await process.opened(OPENING);
    } catch (thrown) {
      process.end();
      this.#notBefore = performance.now() + PAUSE;
      const error = errorOf(thrown);
      if (thrown instanceof LostToken && thrown.fault.ends === 'pin') this.#refused = { stamp, error };
      throw error;
    }
    if (this.#state === 'away') this.#change('back', 'ok');
    this.#state = 'back';
    return process;
  }

  /** What goes to who asked; the first failure after a success is told to the operator. */
  #noted(thrown: unknown): JitsuinError {
    const error = errorOf(thrown);
    const lost = error.code === 'key.unavailable' || error.code.startsWith('config.');
    if (lost && this.#state !== 'away') this.#change('away', error.code);
    return error;
  }

  #change(state: 'away' | 'back', code: string): void {
    this.#state = state;
    this.#options.changed?.(state, code);
  }
}

class LostToken extends Error {
  override readonly name = 'LostToken';
  readonly fault: TokenFault;

  constructor(fault: TokenFault) {
    super(fault.message);
    this.fault = fault;
  }
}

interface Open {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: LostToken) => void;
}

/** One process with the token; once it is not alive it stays so. */
class TokenProcess {
  readonly #child: ChildProcess;
  readonly #open = new Map<number, Open>();
  readonly #begun: Promise<void>;
  #begin: Open = { resolve: () => undefined, reject: () => undefined };
  #last = 0;
  alive = true;
  /** Whether it ever answered: then a failure may be of this process alone. */
  served = false;

  constructor({ module, token, pinFile, sessions }: TokenPlace) {
    // computed from the file that runs, so that it is found from source and from the build
    const entry = new URL(`./token-process${import.meta.url.slice(-3)}`, import.meta.url);
    this.#child = fork(fileURLToPath(entry), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: libraryEnvironment(sessions),
    });
    this.#begun = new Promise<void>((resolve, reject) => {
      this.#begin = { resolve: () => resolve(), reject };
    });
    this.#begun.catch(() => undefined);
    this.#child.on('message', (message) => this.#receive(message as FromToken));
    this.#child.on('error', () => this.#lost(GONE));
    this.#child.on('exit', () => this.#lost(GONE));
    this.#tell({ place: { module, token, pinFile, sessions } });
  }

  opened(millis: number): Promise<void> {
    return this.#within(millis, this.#begun);
  }

  ask(request: TokenRequest, millis: number): Promise<unknown> {
    const number = ++this.#last;
    const answer = new Promise<unknown>((resolve, reject) => {
      if (this.alive) this.#open.set(number, { resolve, reject });
      else reject(new LostToken(GONE));
    });
    this.#tell({ number, request });
    return this.#within(millis, answer);
  }

  end(): void {
    this.#lost(GONE);
    this.#child.kill('SIGKILL');
  }

  /** The program may end while nothing is asked. */
  async #within<T>(millis: number, answer: Promise<T>): Promise<T> {
    this.#hold(true);
    const timer = setTimeout(() => {
      this.#lost({ code: 'key.unavailable', message: 'The token did not answer in time.', ends: 'process' });
      this.end();
    }, millis);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      if (this.#open.size === 0) this.#hold(false);
    }
  }

  #hold(asked: boolean): void {
    const { channel } = this.#child;
    if (asked) {
      this.#child.ref();
      channel?.ref();
    } else {
      this.#child.unref();
      channel?.unref();
    }
  }

  #tell(message: ToToken): void {
    if (this.#child.connected) this.#child.send(message, (error) => error !== null && this.#lost(GONE));
  }

  #receive(message: FromToken): void {
    if ('opened' in message) this.#begin.resolve(undefined);
    else if ('refused' in message) this.#lost(message.refused);
    else this.#answered(message);
  }

  #answered(message: Extract<FromToken, { readonly number: number }>): void {
    const waiting = this.#open.get(message.number);
    this.#open.delete(message.number);
    if ('result' in message) {
      this.served = true;
      waiting?.resolve(message.result);
      return;
    }
    waiting?.reject(new LostToken(message.fault));
    if (message.fault.ends !== undefined) this.end();
  }

  #lost(fault: TokenFault): void {
    this.alive = false;
    this.#begin.reject(new LostToken(fault));
    for (const { reject } of this.#open.values()) reject(new LostToken(fault));
    this.#open.clear();
  }
}

const GONE: TokenFault = {
  code: 'key.unavailable',
  message: 'The process that holds the token went.',
  ends: 'process',
};

function errorOf(thrown: unknown): JitsuinError {
  if (thrown instanceof JitsuinError) return thrown;
  if (!(thrown instanceof LostToken)) return away('The token failed.', thrown);
  const { code, message } = thrown.fault;
  // the code came from another process
  const known = Object.hasOwn(ERROR_CODES, code) ? code : 'key.unavailable';
  return new JitsuinError(known, message, { at: known.startsWith('config.') ? 'JITSUIN_PKCS11' : 'token' });
}

function away(message: string, cause?: unknown): JitsuinError {
  return new JitsuinError('key.unavailable', message, { at: 'token', cause });
}

async function stampOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found === undefined ? '' : `${found.ino} ${found.mtimeNs} ${found.size}`;
}

/** The vendor's own variables; nothing of ours, and as many threads as sessions. */
function libraryEnvironment(sessions: number): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OURS.test(name));
  return { ...Object.fromEntries(kept), UV_THREADPOOL_SIZE: String(sessions) };
}
