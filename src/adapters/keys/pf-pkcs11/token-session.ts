import { createPublicKey } from 'node:crypto';
import { defined } from '../../../core/defined.ts';
import { JitsuinError } from '../../../core/errors.ts';
import { readSecretLine } from '../secret-line.ts';
import { CK, type Cryptoki, type CryptokiAttribute, loadBinding } from './binding.ts';
import { cryptokiName, TokenRefusal } from './fault.ts';
import type { TokenKey, TokenKeyUse, TokenPlace, TokenRequest } from './messages.ts';

/** CKA_EC_PARAMS of P-256: the object identifier 1.2.840.10045.3.1.7 (RFC 5480 section 2.1.1.1). */
const P256 = Buffer.from('06082a8648ce3d030107', 'hex');
/** Head of an OCTET STRING with an uncompressed point: PKCS#11's CKA_EC_POINT, and CKM_ECDH1_DERIVE of some tokens. */
const POINT_HEAD = Buffer.from('0441', 'hex');
const TAG = 16;
const IV = 12;
const OBJECTS_AT_ONCE = 64;

/** A token that is open: logged in, with some sessions. Lives in the token's process only. */
export interface OpenToken {
  /** One operation. @throws TokenRefusal, and whatever the module throws */
  perform(request: TokenRequest): Promise<unknown>;
}

interface Parts {
  readonly cryptoki: Cryptoki;
  readonly slot: Buffer;
  readonly params: { readonly ecdh: number; readonly gcm: number };
  /** Sessions that do nothing now. */
  readonly idle: Buffer[];
  readonly waiting: ((session: Buffer) => void)[];
  /** Handles by class and CKA_ID. */
  readonly handles: Map<string, Buffer>;
  /** How this token wants the other side's point; found out by the first agreement. */
  pointForm: 'raw' | 'octet-string' | undefined;
}

/**
 * Loads the module, finds the token by its label and logs in.
 * @throws JitsuinError `config.invalid`, `config.key-mode`; TokenRefusal; what the module throws
 */
export async function openTokenHere(place: TokenPlace): Promise<OpenToken> {
  const pin = await readSecretLine(place.pinFile, 'PIN file');
  const binding = loadBinding();
  const cryptoki = new binding.PKCS11();
  try {
    cryptoki.load(place.module);
  } catch {
    const message = `The library ${place.module} is no PKCS#11 module that can be loaded here.`;
    throw new JitsuinError('config.invalid', message, { at: 'JITSUIN_PKCS11_MODULE' });
  }
  cryptoki.C_Initialize({ flags: CK.CKF_OS_LOCKING_OK });
  const slot = slotOf(cryptoki, place.token);
  const idle = Array.from({ length: place.sessions }, () =>
    cryptoki.C_OpenSession(slot, CK.CKF_SERIAL_SESSION),
  );
  logIn(cryptoki, idle[0] ?? Buffer.alloc(0), pin);
  const params = { ecdh: binding.CK_PARAMS_EC_DH, gcm: binding.CK_PARAMS_AES_GCM_v240 };
  const parts: Parts = {
    cryptoki,
    slot,
    params,
    idle,
    waiting: [],
    handles: new Map(),
    pointForm: undefined,
  };
  return { perform: (request) => perform(parts, request) };
}

function slotOf(cryptoki: Cryptoki, token: string): Buffer {
  const slots = cryptoki
    .C_GetSlotList(true)
    .filter((slot) => cryptoki.C_GetTokenInfo(slot).label.replace(/[\s\0]+$/, '') === token);
  const [slot] = slots;
  if (slots.length > 1) {
    const message = `${slots.length} tokens have the label of JITSUIN_PKCS11_TOKEN; give each its own.`;
    throw new TokenRefusal('config.invalid', message);
  }
  if (slot === undefined) {
    throw new TokenRefusal(
      'key.unavailable',
      'No slot holds a token with the label of JITSUIN_PKCS11_TOKEN now.',
    );
  }
  return slot;
}

function logIn(cryptoki: Cryptoki, session: Buffer, pin: string): void {
  try {
    cryptoki.C_Login(session, CK.CKU_USER, pin);
  } catch (thrown) {
    if (cryptokiName(thrown) !== 'CKR_USER_ALREADY_LOGGED_IN') throw thrown;
  }
}

async function perform(parts: Parts, request: TokenRequest): Promise<unknown> {
  if (request.does === 'generate' || request.does === 'destroy') return change(parts, request);
  const session = await take(parts);
  try {
    switch (request.does) {
      case 'keys':
        return keysOf(parts, session);
      case 'agree':
        return await agree(parts, session, request.id, request.point);
      case 'sign':
        return await sign(parts, session, request.id, request.digest);
      default:
        return await crypt(parts, session, request);
    }
  } finally {
    give(parts, session);
  }
}

function take({ idle, waiting }: Parts): Promise<Buffer> {
  const session = idle.pop();
  return session === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(session);
}

function give({ idle, waiting }: Parts, session: Buffer): void {
  const next = waiting.shift();
  if (next === undefined) idle.push(session);
  else next(session);
}

/** Making and destroying keys needs a session that may write, which is opened for it alone. */
async function change(
  parts: Parts,
  request: Extract<TokenRequest, { readonly does: 'generate' | 'destroy' }>,
): Promise<unknown> {
  const { cryptoki, slot } = parts;
  const session = cryptoki.C_OpenSession(slot, CK.CKF_SERIAL_SESSION | CK.CKF_RW_SESSION);
  try {
    if (request.does === 'generate') return await generate(cryptoki, session, request);
    for (const type of [CK.CKO_PRIVATE_KEY, CK.CKO_SECRET_KEY, CK.CKO_PUBLIC_KEY]) {
      for (const object of objects(cryptoki, session, withId(type, request.id))) {
        cryptoki.C_DestroyObject(session, object);
      }
    }
    parts.handles.clear();
    return undefined;
  } finally {
    cryptoki.C_CloseSession(session);
  }
}

async function generate(
  cryptoki: Cryptoki,
  session: Buffer,
  { id, label, use }: Extract<TokenRequest, { readonly does: 'generate' }>,
): Promise<TokenKey> {
  const named = [
    { type: CK.CKA_ID, value: Buffer.from(id, 'hex') },
    { type: CK.CKA_LABEL, value: label },
    { type: CK.CKA_TOKEN, value: true },
  ];
  const kept = [
    ...named,
    { type: CK.CKA_PRIVATE, value: true },
    { type: CK.CKA_SENSITIVE, value: true },
    { type: CK.CKA_EXTRACTABLE, value: false },
  ];
  if (use === 'encryption') {
    await cryptoki.C_GenerateKeyAsync(session, { mechanism: CK.CKM_AES_KEY_GEN }, [
      ...kept,
      { type: CK.CKA_VALUE_LEN, value: 32 },
      { type: CK.CKA_ENCRYPT, value: true },
      { type: CK.CKA_DECRYPT, value: true },
    ]);
  } else {
    await cryptoki.C_GenerateKeyPairAsync(
      session,
      { mechanism: CK.CKM_EC_KEY_PAIR_GEN },
      [
        ...named,
        { type: CK.CKA_EC_PARAMS, value: P256 },
        { type: CK.CKA_VERIFY, value: use === 'signature' },
      ],
      [
        ...kept,
        { type: CK.CKA_DERIVE, value: use === 'agreement' },
        { type: CK.CKA_SIGN, value: use === 'signature' },
      ],
    );
  }
  const made = listed(cryptoki, session).find((key) => key.id === id);
  if (made === undefined)
    throw new TokenRefusal('key.not-found', 'The token does not show the key that it made.');
  return made;
}

function keysOf({ cryptoki }: Parts, session: Buffer): readonly TokenKey[] {
  return listed(cryptoki, session);
}

function listed(cryptoki: Cryptoki, session: Buffer): readonly TokenKey[] {
  return [CK.CKO_PRIVATE_KEY, CK.CKO_SECRET_KEY].flatMap((type) =>
    objects(cryptoki, session, [
      { type: CK.CKA_CLASS, value: type },
      { type: CK.CKA_TOKEN, value: true },
    ]).map((object) => shown(cryptoki, session, object)),
  );
}

function shown(cryptoki: Cryptoki, session: Buffer, object: Buffer): TokenKey {
  const read = (type: number) => attribute(cryptoki, session, object, type);
  const id = (read(CK.CKA_ID) ?? Buffer.alloc(0)).toString('hex');
  const uses: readonly (readonly [TokenKeyUse, number])[] = [
    ['agreement', CK.CKA_DERIVE],
    ['signature', CK.CKA_SIGN],
    ['encryption', CK.CKA_ENCRYPT],
  ];
  const keyType = numberOf(read(CK.CKA_KEY_TYPE));
  const isP256 = keyType === CK.CKK_EC && read(CK.CKA_EC_PARAMS)?.equals(P256) === true;
  const isAes256 = keyType === CK.CKK_AES && numberOf(read(CK.CKA_VALUE_LEN)) === 32;
  const point = isP256 ? pointOf(cryptoki, session, object, id) : undefined;
  return defined({
    id,
    label: (read(CK.CKA_LABEL) ?? Buffer.alloc(0)).toString('utf8').replace(/\0+$/, ''),
    uses: uses.filter(([, type]) => read(type)?.[0] === 1).map(([use]) => use),
    kind: isP256 ? ('P-256' as const) : isAes256 ? ('AES-256' as const) : ('other' as const),
    x: point?.subarray(1, 33).toString('base64url'),
    y: point?.subarray(33).toString('base64url'),
    stays: read(CK.CKA_SENSITIVE)?.[0] === 1 && read(CK.CKA_EXTRACTABLE)?.[0] === 0,
  });
}

/** The public point, from the public key of the same CKA_ID or from the private key where the token tells it there. */
function pointOf(cryptoki: Cryptoki, session: Buffer, object: Buffer, id: string): Buffer | undefined {
  const [publicKey] = id === '' ? [] : objects(cryptoki, session, withId(CK.CKO_PUBLIC_KEY, id));
  const value =
    (publicKey === undefined ? undefined : attribute(cryptoki, session, publicKey, CK.CKA_EC_POINT)) ??
    attribute(cryptoki, session, object, CK.CKA_EC_POINT);
  const point = value?.subarray(0, 2).equals(POINT_HEAD) && value.length === 67 ? value.subarray(2) : value;
  return point?.length === 65 && point[0] === 4 ? point : undefined;
}

async function agree(parts: Parts, session: Buffer, id: string, point: Uint8Array): Promise<Uint8Array> {
  const { cryptoki } = parts;
  const key = privateKey(parts, session, id);
  const raw = Buffer.from(point);
  // throws for what is no point of the curve: the token is never asked to judge it
  createPublicKey({
    key: { kty: 'EC', crv: 'P-256', x: raw.toString('base64url', 1, 33), y: raw.toString('base64url', 33) },
    format: 'jwk',
  });
  const secret = await derived(parts, session, key, raw);
  try {
    const [{ value } = { value: Buffer.alloc(0) }] = cryptoki.C_GetAttributeValue(session, secret, [
      { type: CK.CKA_VALUE },
    ]);
    if (value.length !== 32) {
      const message = `The token gave a shared secret of ${value.length} octets, where P-256 has 32.`;
      throw new TokenRefusal('key.state', message);
    }
    return new Uint8Array(value);
  } finally {
    cryptoki.C_DestroyObject(session, secret);
  }
}

/** Z as an object of the session, which the token keeps nowhere. */
async function derived(parts: Parts, session: Buffer, key: Buffer, raw: Buffer): Promise<Buffer> {
  const form = parts.pointForm ?? 'raw';
  const template = [
    { type: CK.CKA_CLASS, value: CK.CKO_SECRET_KEY },
    { type: CK.CKA_KEY_TYPE, value: CK.CKK_GENERIC_SECRET },
    { type: CK.CKA_VALUE_LEN, value: 32 },
    { type: CK.CKA_TOKEN, value: false },
    { type: CK.CKA_SENSITIVE, value: false },
    { type: CK.CKA_EXTRACTABLE, value: true },
  ];
  const publicData = form === 'raw' ? raw : Buffer.concat([POINT_HEAD, raw]);
  const parameter = { type: parts.params.ecdh, kdf: CK.CKD_NULL, publicData };
  try {
    const mechanism = { mechanism: CK.CKM_ECDH1_DERIVE, parameter };
    const secret = await parts.cryptoki.C_DeriveKeyAsync(session, mechanism, key, template);
    parts.pointForm = form;
    return secret;
  } catch (thrown) {
    const other = parts.pointForm === undefined && cryptokiName(thrown) === 'CKR_MECHANISM_PARAM_INVALID';
    if (!other) throw thrown;
    parts.pointForm = 'octet-string';
    return derived(parts, session, key, raw);
  }
}

async function sign(parts: Parts, session: Buffer, id: string, digest: Uint8Array): Promise<Uint8Array> {
  const key = privateKey(parts, session, id);
  parts.cryptoki.C_SignInit(session, { mechanism: CK.CKM_ECDSA }, key);
  const signature = await parts.cryptoki.C_SignAsync(session, Buffer.from(digest), Buffer.alloc(64));
  if (signature.length !== 64) {
    throw new TokenRefusal('key.state', `The token gave a signature of ${signature.length} octets, not 64.`);
  }
  return new Uint8Array(signature);
}

/** AES-256-GCM: IV ‖ ciphertext ‖ tag. The IV comes with the request's octets, from who asks. */
async function crypt(
  { cryptoki, params, handles }: Parts,
  session: Buffer,
  { does, id, octets, aad }: Extract<TokenRequest, { readonly does: 'encrypt' | 'decrypt' }>,
): Promise<Uint8Array> {
  const key = found(cryptoki, handles, session, CK.CKO_SECRET_KEY, id);
  const iv = Buffer.from(octets.subarray(0, IV));
  const body = Buffer.from(octets.subarray(IV));
  const parameter = { type: params.gcm, iv, ivBits: IV * 8, aad: Buffer.from(aad), tagBits: TAG * 8 };
  const mechanism = { mechanism: CK.CKM_AES_GCM, parameter };
  if (does === 'encrypt') {
    cryptoki.C_EncryptInit(session, mechanism, key);
    const sealed = await cryptoki.C_EncryptAsync(session, body, Buffer.alloc(body.length + TAG));
    return new Uint8Array(Buffer.concat([iv, sealed]));
  }
  cryptoki.C_DecryptInit(session, mechanism, key);
  return new Uint8Array(await cryptoki.C_DecryptAsync(session, body, Buffer.alloc(body.length)));
}

/** The handle of a P-256 private key. @throws TokenRefusal `key.not-found`, `key.state` for another curve */
function privateKey({ cryptoki, handles }: Parts, session: Buffer, id: string): Buffer {
  const key = found(cryptoki, handles, session, CK.CKO_PRIVATE_KEY, id);
  const curve = attribute(cryptoki, session, key, CK.CKA_EC_PARAMS);
  if (curve?.equals(P256) === true) return key;
  handles.delete(handleName(CK.CKO_PRIVATE_KEY, id));
  throw new TokenRefusal('key.state', `The token's key ${id} is not on the curve P-256.`);
}

function found(
  cryptoki: Cryptoki,
  handles: Map<string, Buffer>,
  session: Buffer,
  type: number,
  id: string,
): Buffer {
  const known = handles.get(handleName(type, id));
  if (known !== undefined) return known;
  const [object, second] = objects(cryptoki, session, withId(type, id));
  if (object === undefined) throw new TokenRefusal('key.not-found', `The token holds no key ${id}.`);
  if (second !== undefined) throw new TokenRefusal('key.state', `The token holds two keys ${id}.`);
  handles.set(handleName(type, id), object);
  return object;
}

function handleName(type: number, id: string): string {
  return `${type} ${id}`;
}

function withId(type: number, id: string): readonly CryptokiAttribute[] {
  return [
    { type: CK.CKA_CLASS, value: type },
    { type: CK.CKA_ID, value: Buffer.from(id, 'hex') },
  ];
}

function objects(
  cryptoki: Cryptoki,
  session: Buffer,
  template: readonly CryptokiAttribute[],
): readonly Buffer[] {
  cryptoki.C_FindObjectsInit(session, template);
  const all: Buffer[] = [];
  try {
    for (;;) {
      const some = cryptoki.C_FindObjects(session, OBJECTS_AT_ONCE);
      all.push(...some);
      if (some.length < OBJECTS_AT_ONCE) return all;
    }
  } finally {
    cryptoki.C_FindObjectsFinal(session);
  }
}

/** Undefined where the object has no such attribute, or the token does not tell it. */
function attribute(cryptoki: Cryptoki, session: Buffer, object: Buffer, type: number): Buffer | undefined {
  try {
    return cryptoki.C_GetAttributeValue(session, object, [{ type }])[0]?.value;
  } catch (thrown) {
    const untold = ['CKR_ATTRIBUTE_TYPE_INVALID', 'CKR_ATTRIBUTE_SENSITIVE'].includes(
      cryptokiName(thrown) ?? '',
    );
    if (untold) return undefined;
    throw thrown;
  }
}

/** CK_ULONG in the machine's own order; the machines of Node are little-endian. */
function numberOf(value: Buffer | undefined): number | undefined {
  return value === undefined || value.length < 4 ? undefined : value.readUInt32LE(0);
}
