import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { JitsuinError } from '../core/errors.ts';
import { clientSchema } from './admin-schemas.ts';
import { isRecord } from './auth-and-sign/parameters.ts';
import type { Bilingual } from './explanation.ts';
import type { PublicJwk, SimulatorClient } from './options.ts';

/** Why a client cannot be registered: it would never work, or hands over what must stay secret. */
export interface RegistrationRefusal {
  /** Path of the member, `jwks.keys.0`. */
  readonly at: string;
  readonly message: Bilingual;
}

type Registration = { readonly client: SimulatorClient } | { readonly refusal: RegistrationRefusal };

const URI_MOST = 255;
const RSA_LEAST = 2048;

/**
 * A client from JSON: a form, a file or a call of the API. `jwks` is a JWK Set (RFC 7517 section 5) or one JWK, as
 * `jitsuin rp keygen` prints it.
 */
export function readClient(value: unknown): Registration {
  const parsed = clientSchema.safeParse(withKeySet(value));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const said = issue?.message ?? 'it is not acceptable';
    return {
      refusal: { at: issue?.path.join('.') ?? '', message: { en: said, ja: `受け取れません (${said})` } },
    };
  }
  const client = parsed.data;
  const refusal = keyRefusal(client) ?? pfKeyRefusal(client) ?? addressRefusal(client);
  return refusal === undefined ? { client } : { refusal };
}

/**
 * Clients of a file: a list, `{"clients": […]}`, or one.
 * @throws JitsuinError `config.invalid` that names the member
 */
export function readClients(text: string, file: string): readonly SimulatorClient[] {
  const listed = listOf(parsed(text, file));
  return listed.map((value, index) => {
    const read = readClient(value);
    if ('client' in read) return read.client;
    const { at, message } = read.refusal;
    const place = [listed.length > 1 ? String(index) : '', at].filter((part) => part !== '').join('.');
    const where = place === '' ? '' : ` at ${place}`;
    throw new JitsuinError('config.invalid', `The simulator's clients file${where}: ${message.en}.`, {
      at: file,
    });
  });
}

/** JSON Schema (2020-12) of a client, as the API and the files have it. */
export function clientJsonSchema(): unknown {
  return z.toJSONSchema(clientSchema, { unrepresentable: 'any', io: 'input' });
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new JitsuinError('config.invalid', "The simulator's clients file is no JSON.", { at: file });
  }
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isRecord(value) && Array.isArray(value['clients'])) return value['clients'];
  return [value];
}

function withKeySet(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { jwks } = value;
  if (!isRecord(jwks) || 'keys' in jwks) return value;
  return { ...value, jwks: { keys: [jwks] } };
}

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

function keyRefusal({ jwks }: SimulatorClient): RegistrationRefusal | undefined {
  for (const [index, key] of jwks.keys.entries()) {
    const message = jwkFault(key);
    if (message !== undefined) return { at: `jwks.keys.${index}`, message };
  }
  const kids = jwks.keys.map((key) => key['kid']).filter((kid) => kid !== undefined);
  if (new Set(kids).size === kids.length) return undefined;
  return {
    at: 'jwks.keys',
    message: { en: 'two keys have the same kid', ja: '同じ kid の鍵が2つあります' },
  };
}

function jwkFault(key: PublicJwk): Bilingual | undefined {
  const secret = PRIVATE.find((member) => member in key);
  if (secret !== undefined) {
    return {
      en: `it is a private key ("${secret}"): register the public one, and take this one out of use`,
      ja: `秘密鍵です(「${secret}」)。公開鍵を登録し、この鍵はもう使わないでください`,
    };
  }
  const { kty, crv, use, alg } = key;
  if (kty !== 'EC' && kty !== 'RSA')
    return {
      en: `kty "${String(kty)}" cannot sign ES256 or RS256`,
      ja: `kty「${String(kty)}」は使えません(EC か RSA)`,
    };
  if (kty === 'EC' && crv !== 'P-256')
    return {
      en: `the curve is "${String(crv)}"; ES256 needs P-256`,
      ja: `曲線が「${String(crv)}」です。ES256 は P-256 だけです`,
    };
  if (use !== undefined && use !== 'sig')
    return { en: `use is "${String(use)}", not "sig"`, ja: `use が「${String(use)}」です(sig が要ります)` };
  const needed = kty === 'EC' ? 'ES256' : 'RS256';
  if (alg !== undefined && alg !== needed)
    return {
      en: `alg is "${String(alg)}"; this key signs ${needed}`,
      ja: `alg が「${String(alg)}」です。この鍵は ${needed} です`,
    };
  const imported = importedKey(key);
  if (imported === undefined) return { en: 'its members are no key', ja: '鍵として読めません' };
  const bits = imported.asymmetricKeyDetails?.modulusLength ?? RSA_LEAST;
  if (bits < RSA_LEAST)
    return { en: `it has ${bits} bits; at least ${RSA_LEAST}`, ja: `${bits} ビットです(${RSA_LEAST} 以上)` };
  return undefined;
}

function importedKey(key: PublicJwk): KeyObject | undefined {
  try {
    return createPublicKey({ key: { ...key }, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function pfKeyRefusal({ variant, pfPublicKey }: SimulatorClient): RegistrationRefusal | undefined {
  if (pfPublicKey === undefined) return undefined;
  const at = 'pfPublicKey';
  if (variant === 'government') {
    const en = "an agency gets the result in clear and has no platform operator's key";
    return {
      at,
      message: { en, ja: '行政機関は結果を平文で受け取るため、プラットフォーム事業者の鍵はありません' },
    };
  }
  const { kty, crv, x, y } = pfPublicKey;
  if (importedKey({ kty, crv, x, y }) !== undefined) return undefined;
  return { at, message: { en: 'x and y are no point of P-256', ja: 'x と y が P-256 の点ではありません' } };
}

function addressRefusal(client: SimulatorClient): RegistrationRefusal | undefined {
  const all = [
    ...client.redirectUris.map((uri, index) => [`redirectUris.${index}`, uri] as const),
    ...(client.backchannelLogoutUri === undefined
      ? []
      : [['backchannelLogoutUri', client.backchannelLogoutUri] as const]),
  ];
  for (const [at, uri] of all) {
    const message = uriFault(uri);
    if (message !== undefined) return { at, message };
  }
  return undefined;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

function uriFault(uri: string): Bilingual | undefined {
  const { protocol, hostname } = new URL(uri);
  if (uri.includes('#'))
    return {
      en: 'it has a fragment (RFC 6749 section 3.1.2)',
      ja: 'フラグメント(#)は付けられません(RFC 6749 3.1.2節)',
    };
  if (uri.includes('*'))
    return {
      en: 'it has a "*"; it is compared character by character',
      ja: '「*」は使えません。1文字ずつ比較します',
    };
  if (uri.length > URI_MOST)
    return {
      en: `it has ${uri.length} characters; at most ${URI_MOST}`,
      ja: `${uri.length}文字です(${URI_MOST}文字まで)`,
    };
  if (protocol === 'http:' && !LOOPBACK.test(hostname) && hostname.includes('.'))
    return {
      en: 'http is for this machine only; use https',
      ja: 'http はこのマシンだけです。https にしてください',
    };
  return undefined;
}
