import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What a test spoils of an otherwise right answer. */
export interface AnswerFaults {
  readonly rpId?: string;
  readonly origin?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly counter?: number;
  /** `absent`: the authenticator did not verify the user. */
  readonly userVerification?: 'absent';
  readonly key?: KeyObject;
}

interface Ceremony extends AnswerFaults {
  readonly rpId: string;
  readonly origin: string;
  readonly challenge: string;
}

const FLAGS = { present: 0x01, verified: 0x04, attested: 0x40 };

/** An authenticator of ES256 passkeys in software (WebAuthn Level 3, section 6), for tests of the ceremonies. */
export class SoftwareAuthenticator {
  readonly id = randomBytes(32);
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  counter = 0;

  /** `RegistrationResponseJSON` as text. */
  create(ceremony: Ceremony): string {
    const authData = Buffer.concat([
      this.#authenticatorData(ceremony, FLAGS.attested),
      Buffer.alloc(16),
      Buffer.from([0, this.id.length]),
      this.id,
      this.#coseKey(),
    ]);
    const attestationObject = Buffer.concat([
      Buffer.from([0xa3]),
      text('fmt'),
      text('none'),
      text('attStmt'),
      Buffer.from([0xa0]),
      text('authData'),
      bytes(authData),
    ]);
    const clientDataJSON = clientData({ type: 'webauthn.create', ...ceremony });
    return this.#answer({ clientDataJSON, attestationObject, transports: ['internal'] });
  }

  /** `AuthenticationResponseJSON` as text. */
  get(ceremony: Ceremony): string {
    this.counter = ceremony.counter ?? this.counter + 1;
    const authenticatorData = this.#authenticatorData({ ...ceremony, counter: this.counter }, 0);
    const clientDataJSON = clientData({ type: 'webauthn.get', ...ceremony });
    const signed = Buffer.concat([authenticatorData, createHash('sha256').update(clientDataJSON).digest()]);
    const signature = sign('sha256', signed, ceremony.key ?? this.#keys.privateKey);
    return this.#answer({ clientDataJSON, authenticatorData, signature });
  }

  #authenticatorData({ rpId, userVerification, counter = 0 }: Ceremony, extra: number): Buffer {
    const verified = userVerification === 'absent' ? 0 : FLAGS.verified;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    const rpIdHash = createHash('sha256').update(rpId).digest();
    return Buffer.concat([rpIdHash, Buffer.from([FLAGS.present | verified | extra]), count]);
  }

  #coseKey(): Buffer {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' });
    return Buffer.concat([
      Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
      bytes(Buffer.from(x, 'base64url')),
      Buffer.from([0x22]),
      bytes(Buffer.from(y, 'base64url')),
    ]);
  }

  #answer(response: Readonly<Record<string, Buffer | readonly string[]>>): string {
    const id = this.id.toString('base64url');
    const encoded = Object.entries(response).map(([name, value]) => [
      name,
      Buffer.isBuffer(value) ? value.toString('base64url') : value,
    ]);
    const fields = { id, rawId: id, type: 'public-key', clientExtensionResults: {} };
    return JSON.stringify({ ...fields, response: Object.fromEntries(encoded) });
  }
}

function clientData({ type, challenge, origin }: Ceremony & { readonly type: string }): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

/** CBOR (RFC 8949): a text of fewer than 24 octets. */
function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)]);
}

/** CBOR: a byte string of fewer than 65,536 octets. */
function bytes(value: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  const head =
    value.length < 256 ? Buffer.from([0x58, value.length]) : Buffer.concat([Buffer.from([0x59]), length]);
  return Buffer.concat([head, value]);
}
