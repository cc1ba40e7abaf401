const LIFE_SECONDS = 60;

/** A private JWK with `kid` and `alg` (ES256 or RS256), whose public half is registered at the platform operator. */
export interface ClientKey {
  readonly kid: string;
  readonly alg: string;
  readonly kty: string;
  readonly [member: string]: unknown;
}

interface Algorithm {
  readonly name: string;
  readonly hash: string;
  readonly namedCurve?: string;
}

/** `alg` of RFC 7518 section 3.1 → WebCrypto's names; both give the signature as a JWS has it. */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  ES256: { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
};

/**
 * The bearer of a platform operator's tenant: a JWT of its own for each request (the claims of RFC 7523 section 3),
 * good for a minute and used once. Signed by the platform's WebCrypto.
 * @throws TypeError at once for an `alg` that is neither ES256 nor RS256
 */
export function clientAssertions(options: {
  readonly clientId: string;
  readonly key: ClientKey;
  /** The platform operator's public URL. */
  readonly audience: string;
}): () => Promise<string> {
  const { clientId, key, audience } = options;
  const algorithm = ALGORITHMS[key.alg];
  if (algorithm === undefined) throw new TypeError(`The key's "alg" must be ES256 or RS256, not ${key.alg}.`);
  const header = base64url(jsonOctets({ alg: key.alg, kid: key.kid, typ: 'JWT' }));
  // WebCrypto refuses a JWK whose "use" or "key_ops" say something else than signing
  const imported = crypto.subtle.importKey('jwk', key, algorithm, false, ['sign']);
  imported.catch(() => undefined);
  return async () => {
    const iat = Math.floor(Date.now() / 1000);
    const claims = jsonOctets({
      iss: clientId,
      sub: clientId,
      aud: audience,
      jti: crypto.randomUUID(),
      iat,
      exp: iat + LIFE_SECONDS,
    });
    const input = `${header}.${base64url(claims)}`;
    const octets = new TextEncoder().encode(input);
    const signature = await crypto.subtle.sign(algorithm, await imported, octets);
    return `${input}.${base64url(new Uint8Array(signature))}`;
  };
}

function jsonOctets(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** RFC 7515 section 2: base64url without padding. */
function base64url(octets: Uint8Array): string {
  const text = btoa(Array.from(octets, (octet) => String.fromCharCode(octet)).join(''));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
