import { isUtf8 } from 'node:buffer';
import type { KeyObject } from 'node:crypto';
import type { SignatureValue, SigningMode } from '../../core/brand.ts';
import { C14N_1_0 } from '../../core/c14n/algorithms.ts';
import { canonicalOctets } from '../../core/c14n/canonicalize.ts';
import { sha256 } from '../../core/digest/sha256.ts';
import { fromUtf8, toUtf8 } from '../../core/encoding.ts';
import { asJitsuinError } from '../../core/errors.ts';
import { readOnlySignature } from '../../core/forms/form-signature.ts';
import { parseXml } from '../../core/xml/parse.ts';
import { RSA_SHA256, type SignatureAlgorithm, signatureAlgorithm } from '../../core/xmldsig/algorithms.ts';
import type { PreparedSignature } from '../../core/xmldsig/prepared-signature.ts';
import { XML_SIGNATURE_PROFILES } from '../../core/xmldsig/profile-table.ts';
import { signedTarget } from '../../core/xmldsig/signed-octets.ts';
import { signedInfoSource } from './document-sources.ts';
import { OctetBudget } from './octet-budget.ts';
import { OWN, type Reading, readings } from './readings.ts';
import { explainValue, type ValueExplanation } from './signature-value.ts';
import { type Spelled, spelledInside } from './spellings.ts';
import { TEXT_CHANGES, twinChanges } from './text-changes.ts';

const OCTETS_MADE = 16 * 1024 * 1024;
const MOST_OCTETS = 4 * 1024 * 1024;
const ALGORITHM: SignatureAlgorithm = { uri: RSA_SHA256, family: 'rsa-pkcs1', hash: 'sha256' };

/** A value that lies beside what it signs. */
interface ValueBeside {
  /** Octets as given; they may be text themselves. */
  readonly value: SignatureValue;
  readonly publicKey: KeyObject;
}

/** Why a detached value is not that of a file in this mode. Bounded and linear in the file. */
export function explainFileValue(
  octets: Uint8Array,
  mode: SigningMode,
  { value, publicKey }: ValueBeside,
): ValueExplanation {
  const own = mode === 'digest' ? sha256(octets) : octets;
  return explainValue({ algorithm: ALGORITHM, publicKey, spelled: spelledValue(value) }, own, () =>
    mode === 'digest' ? inModeDigest(octets) : fileReadings(octets),
  );
}

/** Why a value is not that of a prepared document. @throws JitsuinError for a state that is none of ours */
export function explainPreparedValue(
  { profile: name, skeleton, signedInfoOctets }: PreparedSignature,
  { value, publicKey }: ValueBeside,
): ValueExplanation | undefined {
  const document = parseXml(skeleton);
  const profile = XML_SIGNATURE_PROFILES[name];
  const shape = readOnlySignature(document, profile.form);
  const [reference] = shape.references;
  const algorithm = signatureAlgorithm(shape.signatureMethod.uri);
  if (reference === undefined || algorithm === undefined) return undefined;
  const { signature, signedInfo } = shape;
  const parts = { signedInfo, signature, digestValue: reference.digestValue };
  const source = signedInfoSource(document, parts, signedTarget(profile, document.root, signature));
  return explainValue({ algorithm, publicKey, spelled: spelledValue(value) }, signedInfoOctets, () =>
    readings(source, new OctetBudget(OCTETS_MADE)),
  );
}

function spelledValue(value: Uint8Array): readonly Spelled[] {
  return [{ octets: value, causes: [] }, ...spelledInside(value)];
}

/** The service hashes `data` once more: what it signed is the hash of each reading. */
function* inModeDigest(octets: Uint8Array): Generator<Reading> {
  yield { cause: OWN, explanation: 'the hash of the file', octets: sha256(octets) };
  for (const reading of fileReadings(octets)) {
    const own = reading.cause === OWN;
    if (own)
      yield {
        cause: 'mode-digest-info',
        explanation: 'the file itself, in mode digest-info',
        octets: reading.octets,
      };
    else
      yield {
        cause: reading.cause,
        explanation: `the hash of ${reading.explanation}`,
        octets: sha256(reading.octets),
      };
  }
}

/** The file, what it may have been on its way, and its canonical form where it is XML. */
export function* fileReadings(octets: Uint8Array): Generator<Reading> {
  yield { cause: OWN, explanation: 'the file', octets };
  if (octets.length > MOST_OCTETS || !isUtf8(octets)) return;
  const budget = new OctetBudget(OCTETS_MADE);
  const text = fromUtf8(octets);
  for (const change of [...WITHOUT, ...TEXT_CHANGES, ...twinChanges(text)]) {
    const changed = change.apply(text, budget);
    if (changed !== undefined)
      yield { cause: change.cause, explanation: `the file ${change.explanation}`, octets: changed };
  }
  const canonical = canonicalForm(octets);
  if (canonical !== undefined)
    yield { cause: 'canonicalized', explanation: 'the canonical form of the XML', octets: canonical };
}

/** What a file has of its own, and may have lost. */
const WITHOUT = [
  without('line-ends-lf', 'with its lines ended by LF', (text) => text.replaceAll('\r\n', '\n')),
  without('without-byte-order-mark', 'without its byte order mark', (text) => text.replace(/^\ufeff/, '')),
  without('without-trailing-line-end', 'without the line end after it', (text) => text.replace(/\r?\n$/, '')),
] as const;

function without(cause: string, explanation: string, rewrite: (text: string) => string) {
  return {
    cause,
    explanation,
    apply: (text: string, budget: OctetBudget) => {
      const rewritten = rewrite(text);
      return rewritten === text || !budget.take(text.length) ? undefined : toUtf8(rewritten);
    },
  };
}

function canonicalForm(octets: Uint8Array): Uint8Array | undefined {
  try {
    return canonicalOctets(parseXml(octets), { kind: 'document' }, { algorithm: C14N_1_0 }, OCTETS_MADE);
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return undefined;
  }
}
