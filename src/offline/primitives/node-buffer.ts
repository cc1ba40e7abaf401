/** Stands for `node:buffer` and the global `Buffer` in the page, as far as `core` and `verifier` use them. */
export class Buffer extends Uint8Array {
  static override from(value: never, ...[encoding, length]: readonly never[]): never {
    const given: unknown = value;
    const made =
      typeof given === 'string'
        ? new Buffer(octetsOf(given, encoding ?? 'utf8'))
        : new Buffer(value, encoding, length);
    return made as never;
  }

  static isBuffer(value: unknown): boolean {
    return value instanceof Buffer;
  }

  static alloc(length: number): Buffer {
    return new Buffer(length);
  }

  static concat(parts: readonly Uint8Array[]): Buffer {
    const whole = new Buffer(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  static compare(left: Uint8Array, right: Uint8Array): -1 | 0 | 1 {
    const shared = Math.min(left.length, right.length);
    let at = 0;
    while (at < shared && left[at] === right[at]) at += 1;
    const [one, other] = at < shared ? [left[at] ?? 0, right[at] ?? 0] : [left.length, right.length];
    return one === other ? 0 : one < other ? -1 : 1;
  }

  static byteLength(text: string): number {
    return new TextEncoder().encode(text).length;
  }

  override toString(encoding: BufferEncoding = 'utf8'): string {
    switch (encoding) {
      case 'hex':
        return Array.from(this, (octet) => octet.toString(16).padStart(2, '0')).join('');
      case 'base64':
        return btoa(latin1(this));
      case 'base64url':
        return btoa(latin1(this)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
      case 'latin1':
        return latin1(this);
      case 'utf8':
        return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this);
      default:
        throw new TypeError(`The page writes no ${encoding}.`);
    }
  }

  override includes(value: never): boolean {
    const given: unknown = value;
    return typeof given === 'string' ? latin1(this).includes(given) : super.includes(value);
  }

  swap16(): this {
    for (let at = 0; at < this.length; at += 2) this.subarray(at, at + 2).reverse();
    return this;
  }

  readBigUInt64BE(): bigint {
    return new DataView(this.buffer, this.byteOffset, this.byteLength).getBigUint64(0);
  }

  writeBigUInt64BE(value: bigint): void {
    new DataView(this.buffer, this.byteOffset, this.byteLength).setBigUint64(0, value);
  }
}

/** Whether octets are UTF-8 without a fault. */
export function isUtf8(octets: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
    return true;
  } catch {
    return false;
  }
}

/** Arguments that one call may have. */
const AT_ONCE = 8192;

function latin1(octets: Uint8Array): string {
  let text = '';
  for (let at = 0; at < octets.length; at += AT_ONCE)
    text += String.fromCharCode(...octets.subarray(at, at + AT_ONCE));
  return text;
}

function octetsOf(text: string, encoding: BufferEncoding): Uint8Array {
  switch (encoding) {
    case 'utf8':
      return new TextEncoder().encode(text);
    case 'latin1':
    case 'ascii':
      return Uint8Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
    case 'utf16le':
      return new Uint8Array(Uint16Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)).buffer);
    case 'hex': {
      const [digits = ''] = /^(?:[0-9a-fA-F]{2})*/.exec(text) ?? [];
      return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    }
    case 'base64':
    case 'base64url':
      return fromBase64(text);
    default:
      throw new TypeError(`The page reads no ${encoding}.`);
  }
}

/** Reads as Node does: both alphabets, whatever is none of them is passed over, nothing after `=`. */
function fromBase64(text: string): Uint8Array {
  const [before = ''] = text.split('=', 1);
  const plain = before
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replaceAll(/[^A-Za-z0-9+/]/g, '');
  const whole = plain.length % 4 === 1 ? plain.slice(0, -1) : plain;
  return Uint8Array.from(atob(whole), (character) => character.charCodeAt(0));
}
