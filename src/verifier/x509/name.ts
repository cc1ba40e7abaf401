import { normalizedText } from '../../core/normalized-text.ts';
import { type DerReader, openDer, TAG } from './der.ts';
import { stringValue } from './der-strings.ts';
import { oidValue } from './der-values.ts';
import { sameOctets } from './octets.ts';

/** `AttributeTypeAndValue` (RFC 5280 section 4.1.2.4). */
interface AttributeTypeAndValue {
  /** Dotted OID. */
  readonly type: string;
  /** Tag of the string type. */
  readonly tag: number;
  readonly value: string;
}

/** RelativeDistinguishedName: one attribute or several. */
type RelativeDistinguishedName = readonly AttributeTypeAndValue[];

/** A distinguished name, parsed once; comparison form made when first needed. */
export class Name {
  readonly der: Uint8Array;
  readonly rdns: readonly RelativeDistinguishedName[];
  private comparable: readonly string[] | undefined;

  constructor(der: Uint8Array, rdns: readonly RelativeDistinguishedName[]) {
    this.der = der;
    this.rdns = rdns;
  }

  get empty(): boolean {
    return this.rdns.length === 0;
  }

  /** One string an RDN, equal when the RDNs match by RFC 5280 section 7.1. */
  get comparisonForm(): readonly string[] {
    this.comparable ??= this.rdns.map(comparableRdn);
    return this.comparable;
  }

  /** RFC 5280 section 7.1: string types, case and insignificant space do not count. */
  equals(other: Name): boolean {
    if (this === other || sameOctets(this.der, other.der)) return true;
    return this.rdns.length === other.rdns.length && this.within(other);
  }

  /** Whether this name lies in the subtree that `base` heads (RFC 5280 section 4.2.1.10). */
  within(base: Name): boolean {
    const mine = this.comparisonForm;
    return base.comparisonForm.every((rdn, index) => mine[index] === rdn);
  }

  /** Key for maps of names: equal names have equal keys. */
  get key(): string {
    return JSON.stringify(this.comparisonForm);
  }
}

/** Name ::= RDNSequence. @throws JitsuinError `der.invalid` */
export function parseName(sequence: DerReader): Name {
  const rdns: RelativeDistinguishedName[] = [];
  while (!sequence.exhausted) rdns.push(parseRdn(sequence.read(TAG.set)));
  return new Name(sequence.der, rdns);
}

/** A Name from its own DER. @throws JitsuinError `der.invalid` */
export function nameFromDer(der: Uint8Array): Name {
  return parseName(openDer(der, TAG.sequence));
}

/** Content of a RelativeDistinguishedName (a SET, or IMPLICIT in a DistributionPointName). */
export function parseRdn(set: DerReader): RelativeDistinguishedName {
  const attributes: AttributeTypeAndValue[] = [];
  let previous: DerReader | undefined;
  while (!set.exhausted) {
    const attribute = set.read(TAG.sequence);
    if (previous !== undefined && Buffer.compare(previous.der, attribute.der) >= 0) {
      throw attribute.invalid('SET OF not sorted'); // X.690 section 11.6
    }
    previous = attribute;
    attributes.push(parseAttribute(attribute));
  }
  if (attributes.length === 0) throw set.invalid('empty RelativeDistinguishedName');
  return attributes;
}

const UNIQUE_IDENTIFIER = '2.5.4.45';

function parseAttribute(sequence: DerReader): AttributeTypeAndValue {
  const type = oidValue(sequence.read(TAG.oid));
  const element = sequence.next();
  sequence.finish();
  const isBits = element.tag === TAG.bitString && type === UNIQUE_IDENTIFIER;
  const value = isBits ? Buffer.from(element.content).toString('hex') : stringValue(element);
  return { type, tag: element.tag, value };
}

function comparableRdn(rdn: RelativeDistinguishedName): string {
  const attributes = rdn.map((attribute) => JSON.stringify([attribute.type, comparableValue(attribute)]));
  return attributes.sort().join('+');
}

/** Types whose characters are certain. TeletexString is compared as it stands, only with itself. */
function comparableValue({ tag, value }: AttributeTypeAndValue): string {
  if (tag === TAG.teletexString || tag === TAG.bitString) return `${tag}:${value}`;
  return prepared(value);
}

/** Code point ranges that are mapped to nothing (RFC 4518 section 2.2), hexadecimal. */
const MAPPED_TO_NOTHING_RANGES =
  '1-8 E-1F 7F-84 86-9F AD-AD 34F-34F 6DD-6DD 70F-70F 1806-1806 180B-180E 200B-200F 202A-202E ' +
  '2060-2063 206A-206F FE00-FE0F FEFF-FEFF FFF9-FFFC';

const MAPPED_TO_NOTHING = new RegExp(
  `[${MAPPED_TO_NOTHING_RANGES.replace(/([0-9A-F]+)-([0-9A-F]+) ?/g, '\\u{$1}-\\u{$2}')}]`,
  'gu',
);

/** LDAP StringPrep for caseIgnoreMatch (RFC 4518): map, fold, normalize, collapse insignificant spaces. */
function prepared(text: string): string {
  const mapped = text.replace(MAPPED_TO_NOTHING, '');
  const folded = normalizedText((normalizedText(mapped, 'NFKC') ?? mapped).toLowerCase(), 'NFKC');
  // a run of marks that no writing has: compared as it stands
  return (folded ?? mapped).replace(/[\s\u0085]+/g, ' ').trim();
}
