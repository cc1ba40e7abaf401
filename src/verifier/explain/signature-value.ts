import { constants, type KeyObject, publicDecrypt, verify } from 'node:crypto';
import type { Sha256Digest } from '../../core/brand.ts';
import { sha256 } from '../../core/digest/sha256.ts';
import { digestInfo } from '../../core/digest/signing-input.ts';
import {
  keyPolicyFault,
  type SignatureAlgorithm,
  verifySignatureValue,
} from '../../core/xmldsig/algorithms.ts';
import { OWN, type Reading } from './readings.ts';
import { type Found, foundBy, search } from './search.ts';
import { hashedAgain, type Spelled, type Step, spelledInside } from './spellings.ts';

/** Why a signature value is not that of the octets that it should be of. */
export interface ValueExplanation {
  /** The value, as it is written, belongs to the octets. */
  readonly agrees: boolean;
  readonly cause?: { readonly name: string; readonly explanation: string };
  /**
   * Whether opening the value with the certificate's key gives the padding of a signature: then this key made it, over
   * something else. Undefined where no key opens a value (ECDSA).
   */
  readonly opened?: boolean;
  /** How many readings were tried. */
  readonly tried: number;
}

interface SignedValue {
  readonly algorithm: SignatureAlgorithm;
  readonly publicKey: KeyObject;
  /** The value as it is written may spell several. */
  readonly spelled: readonly Spelled[];
}

/**
 * Looks for the step between the octets and the card that was left out, doubled or done otherwise. It opens an RSA
 * value with the public key (no secret is involved) and compares what is inside with what each reading would have
 * given; an ECDSA value is verified over each.
 * @param own the octets that the value should be of
 * @param readings what may have been signed instead, `own` first
 */
export function explainValue(
  { algorithm, publicKey, spelled }: SignedValue,
  own: Uint8Array,
  readings: () => Iterable<Reading>,
): ValueExplanation {
  if (keyPolicyFault(publicKey, algorithm) !== undefined) return { agrees: false, tried: 0 };
  const [usual] = spelled;
  if (usual !== undefined && verifySignatureValue(algorithm, publicKey, own, usual.octets))
    return { agrees: true, tried: 1 };
  if (algorithm.hash !== 'sha256') return { agrees: false, tried: 1 };
  let tried = 0;
  const counted = function* (): Generator<Reading> {
    for (const reading of readings()) {
      tried += 1;
      yield reading;
    }
  };
  if (algorithm.family === 'ecdsa') {
    const found = verifiedOver(
      spelled.flatMap((each) => pointForms(each, publicKey)),
      publicKey,
      counted(),
    );
    return explained(found, tried, undefined);
  }
  const values = spelled.flatMap(bothOrders);
  const opened = values.flatMap((value) => openedBy(value, publicKey));
  const padded = otherPadding(values, algorithm, publicKey, own);
  if (padded !== undefined) return explained(padded, 1, true);
  const found = opened.length === 0 ? undefined : search(counted(), opened.flatMap(insideOf));
  return explained(found, tried, opened.length > 0);
}

function explained(found: Found | undefined, tried: number, opened: boolean | undefined): ValueExplanation {
  const known = opened === undefined ? {} : { opened };
  if (found === undefined) return { agrees: false, tried, ...known };
  if (found.cause === OWN) return { agrees: false, tried, ...known };
  return { agrees: false, cause: { name: found.cause, explanation: found.explanation }, tried, ...known };
}

function bothOrders({ octets, causes }: Spelled): readonly Spelled[] {
  const step = { cause: 'value-byte-order', explanation: 'its value written in reverse order' };
  return [
    { octets, causes },
    { octets: Uint8Array.from(octets).reverse(), causes: [...causes, step] },
  ];
}

/** What a value says when it is opened: the octets behind the padding of RSASSA-PKCS1-v1_5, or behind zeros. */
function openedBy({ octets, causes }: Spelled, publicKey: KeyObject): readonly Spelled[] {
  const length = Math.ceil((publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
  if (octets.length !== length) return [];
  let message: Uint8Array;
  try {
    message = publicDecrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, octets);
  } catch {
    return [];
  }
  let at = 1;
  if (message[0] === 0 && message[1] === 1) {
    at = 2;
    while (message[at] === 0xff) at += 1;
    if (at < 10 || message[at] !== 0) return [];
    return [{ octets: Uint8Array.from(message.subarray(at + 1)), causes }];
  }
  at = 0;
  while (message[at] === 0) at += 1;
  if (at < 16) return [];
  const step = { cause: 'padding-none', explanation: 'without padding (RSA on the bare octets)' };
  return [{ octets: Uint8Array.from(message.subarray(at)), causes: [...causes, step] }];
}

const NO_DIGEST_INFO: Step = {
  cause: 'no-digest-info',
  explanation: 'as a bare hash, without DigestInfo',
};
const DEEPEST = 3;

/** What the card was given, taken out of the DigestInfo and the texts around it. */
function insideOf(opened: Spelled): readonly Spelled[] {
  return hashesIn(opened, 0);
}

function hashesIn({ octets, causes }: Spelled, infos: number): readonly Spelled[] {
  const info = digestInfoOf(octets);
  if (info !== undefined && infos < DEEPEST) {
    const twice: Step = { cause: 'digest-info-twice', explanation: 'wrapped in DigestInfo twice' };
    const steps = [...info.causes, ...(infos > 0 ? [twice] : [])];
    return hashesIn({ octets: info.octets, causes: [...steps, ...causes] }, infos + 1);
  }
  const bare = infos === 0 ? [NO_DIGEST_INFO] : [];
  const inner = spelledInside(octets).flatMap((each) => {
    const inside = digestInfoOf(each.octets);
    if (inside === undefined) return [{ octets: each.octets, causes: [...bare, ...each.causes, ...causes] }];
    const wrapped =
      infos > 0 ? [{ cause: 'digest-info-twice', explanation: 'wrapped in DigestInfo twice' }] : [];
    return [{ octets: inside.octets, causes: [...inside.causes, ...wrapped, ...each.causes, ...causes] }];
  });
  return [{ octets, causes: [...bare, ...causes] }, ...inner];
}

const HASH_OIDS: Readonly<Record<string, string>> = {
  '2b0e03021a': 'SHA-1',
  '608648016503040201': 'SHA-256',
  '608648016503040202': 'SHA-384',
  '608648016503040203': 'SHA-512',
  '608648016503040204': 'SHA-224',
};

/** DigestInfo of any hash (RFC 8017 section 9.2), with or without the NULL of its parameters. */
function digestInfoOf(octets: Uint8Array): Spelled | undefined {
  const [sequence, length, inner, algorithmLength, tag, oidLength] = octets;
  if (sequence !== 0x30 || length !== octets.length - 2 || inner !== 0x30 || tag !== 0x06) return undefined;
  const oidEnd = 6 + (oidLength ?? 0);
  const end = 4 + (algorithmLength ?? 0);
  const hash = HASH_OIDS[Buffer.from(octets.subarray(6, oidEnd)).toString('hex')];
  if (hash === undefined || octets[end] !== 0x04 || octets[end + 1] !== octets.length - end - 2)
    return undefined;
  const causes: Step[] = [];
  if (end === oidEnd)
    causes.push({
      cause: 'digest-info-without-null',
      explanation: 'in a DigestInfo without the NULL of its parameters',
    });
  if (hash !== 'SHA-256')
    causes.push({
      cause: 'digest-info-hash',
      explanation: `in a DigestInfo that names ${hash} instead of SHA-256`,
    });
  return { octets: octets.subarray(end + 2), causes };
}

/** RSASSA-PSS where RSASSA-PKCS1-v1_5 was agreed, or the other way round, over the right octets. */
function otherPadding(
  values: readonly Spelled[],
  { family, hash }: SignatureAlgorithm,
  key: KeyObject,
  octets: Uint8Array,
): Found | undefined {
  const pss = family === 'rsa-pkcs1';
  const padding = pss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const saltLength = constants.RSA_PSS_SALTLEN_AUTO;
  const right = values.find(({ octets: value }) =>
    attempt(() => verify(hash, octets, pss ? { key, padding, saltLength } : { key, padding }, value)),
  );
  if (right === undefined) return undefined;
  const name = pss ? 'RSASSA-PSS' : 'RSASSA-PKCS1-v1_5';
  const step = { cause: 'padding', explanation: `with the padding of ${name}` };
  return foundBy({ cause: OWN, explanation: '', octets }, [step, ...right.causes]);
}

function attempt(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

/** How an ECDSA value may be written: r ‖ s, DER, and either with its numbers exchanged or reversed. */
function pointForms(
  { octets, causes }: Spelled,
  publicKey: KeyObject,
): readonly (Spelled & { der?: true })[] {
  const length = publicKey.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 96 : 64;
  if (octets.length !== length) {
    const step = { cause: 'ecdsa-der', explanation: 'its value written in DER instead of r ‖ s' };
    return octets[0] === 0x30 ? [{ octets, causes: [...causes, step], der: true }] : [];
  }
  const r = octets.slice(0, length / 2);
  const s = octets.slice(length / 2);
  const joined = (one: Uint8Array, other: Uint8Array) => Uint8Array.from([...one, ...other]);
  const form = (value: Uint8Array, cause: string, explanation: string) => ({
    octets: value,
    causes: [...causes, { cause, explanation }],
  });
  return [
    { octets, causes },
    form(joined(s, r), 'ecdsa-exchanged', 'its value written as s ‖ r'),
    form(
      joined(Uint8Array.from(r).reverse(), Uint8Array.from(s).reverse()),
      'value-byte-order',
      'the two numbers of its value written in reverse order',
    ),
    form(Uint8Array.from(octets).reverse(), 'value-byte-order', 'its value written in reverse order'),
  ];
}

/** Public-key operations that one value may cost. */
const MOST_VERIFICATIONS = 256;

function verifiedOver(
  values: readonly (Spelled & { der?: true })[],
  key: KeyObject,
  readings: Iterable<Reading>,
): Found | undefined {
  let left = MOST_VERIFICATIONS;
  const hash = key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'sha384' : 'sha256';
  for (const reading of readings) {
    const digest = sha256(reading.octets);
    const own = reading.cause === OWN;
    const steps = [{ octets: reading.octets, causes: [] as readonly Step[] }, ...hashedSteps(digest)];
    for (const { octets, causes } of steps) {
      for (const value of own ? values : values.slice(0, 1)) {
        if (left === 0) return undefined;
        left -= 1;
        const dsaEncoding = value.der === true ? 'der' : 'ieee-p1363';
        if (!attempt(() => verify(hash, octets, { key, dsaEncoding }, value.octets))) continue;
        return foundBy(reading, [...causes, ...value.causes]);
      }
    }
  }
  return undefined;
}

function hashedSteps(digest: Sha256Digest): readonly { octets: Uint8Array; causes: readonly Step[] }[] {
  return hashedAgain(digest, digestInfo(digest)).map(({ octets, cause, explanation }) => ({
    octets,
    causes: [{ cause, explanation }],
  }));
}
