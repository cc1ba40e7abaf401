import { canonicalJson } from '../../../src/core/evidence/canonical-json.ts';
import { type EvidenceProofs, exportedEvidence } from '../../../src/verifier/evidence/evidence-export.ts';
import { sha256Hex } from '../../../src/verifier/evidence/evidence-record.ts';
import {
  evidencePeriod,
  evidenceTime,
  type StampedEvidence,
  stampedOctets,
} from '../../../src/verifier/evidence/evidence-time.ts';
import { statusAt, tokenOver } from '../../unit/timestamp/tsa-kit.ts';

/** A record's members without its digests, as a thief has them: anything may be put there. */
export type Content = Record<string, unknown> & { parts: Part[]; report: ForgedReport };
export interface Part {
  name: string;
  octets: string;
  sha256: string;
}
export interface ForgedReport {
  indication: string;
  subIndication?: string;
  validationTime: number;
  checks: Record<string, unknown>[];
}

export function contentOf(record: Uint8Array): Content {
  const { sha256: _sha256, digests: _digests, ...content } = JSON.parse(Buffer.from(record).toString('utf8'));
  return content;
}

/** The record with every digest made anew: by itself it is whole. */
export function forgedRecord(content: Record<string, unknown>): Uint8Array {
  const digests = Object.fromEntries(
    Object.entries(content).map(([name, value]) => [name, sha256Hex(canonicalJson(value))]),
  );
  return canonicalJson({ ...content, digests, sha256: sha256Hex(canonicalJson({ ...content, digests })) });
}

/** Stamped by the real authority, which stamps whatever anybody gives it. */
export function stampedExport(record: Uint8Array, at: number, proofs: EvidenceProofs = {}): Uint8Array {
  const leaf = sha256Hex(record);
  const period = evidencePeriod(1, [leaf], 'a'.repeat(64));
  const empty: StampedEvidence = { ...period, tokens: [], revocation: [], trees: [] };
  const stamped = {
    ...empty,
    tokens: [tokenOver(stampedOctets(empty, 1), { at })],
    revocation: [statusAt(1, at)],
  };
  const time = evidenceTime(stamped, { records: [leaf], renewed: [] }, 0);
  try {
    return exportedEvidence(record, { ...proofs, time });
  } catch {
    // No record of the format any more: the export's own maker refuses it, and the thief hands in what he has.
    return record;
  }
}

/** Octets under their own hash. */
export function part(name: string, octets: Uint8Array): Part {
  return { name, octets: Buffer.from(octets).toString('base64'), sha256: sha256Hex(octets) };
}

type Value = Record<string, unknown>;

/** Every member of a record, one below another, as a path: `instant.at`, `policy.path.curves`; lists are one value. */
export function fieldsOf(value: Value, before = ''): readonly string[] {
  return Object.entries(value).flatMap(([name, member]) => {
    if (name === 'parts' || name === 'checks') return [];
    const path = before === '' ? name : `${before}.${name}`;
    const inside = typeof member === 'object' && member !== null && !Array.isArray(member);
    return inside ? [path, ...fieldsOf(member as Value, path)] : [path];
  });
}

/** A copy with another value in this place; `undefined` leaves the member out. */
export function withField(content: Content, path: string, change: (value: unknown) => unknown): Content {
  const copy = structuredClone(content);
  const names = path.split('.');
  const last = names.pop() ?? '';
  let inside: Value = copy;
  for (const name of names) inside = inside[name] as Value;
  const changed = change(inside[last]);
  if (changed === undefined) delete inside[last];
  else inside[last] = changed;
  return copy;
}

export function fieldAt(content: Content, path: string): unknown {
  return path.split('.').reduce((value: unknown, name) => (value as Value | undefined)?.[name], content);
}

/** Another value of the same kind. */
export function otherValue(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return value.length === 0 ? ['sha512'] : value.slice(1);
  if (typeof value === 'string') return OTHER_WORDS[value] ?? otherText(value);
  return {};
}

/** Where the format has a closed list, another word of it: what is no word at all is refused by the format. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  'TOTAL-PASSED': 'INDETERMINATE',
  OK: 'INDETERMINATE',
  test: 'production',
  OCSP: 'CRL',
  CRL: 'OCSP',
  jpki: 'none',
  'digest-info': 'digest',
  enveloped: 'by-id',
  passed: 'failed',
  refused: 'allowed',
  optional: 'required',
  applied: 'ignored',
};

function otherText(text: string): string {
  const first = text.startsWith('a') ? 'b' : 'a';
  return `${first}${text.slice(1)}`;
}
