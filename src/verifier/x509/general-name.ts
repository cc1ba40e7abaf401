import { contextConstructed, contextPrimitive, type DerReader, TAG } from './der.ts';
import { ia5Text } from './der-strings.ts';
import { oidValue } from './der-values.ts';
import { type Name, parseName } from './name.ts';

/** `GeneralName` (RFC 5280 section 4.2.1.6). */
export type GeneralName =
  /** `value` is the DER inside the `[0] EXPLICIT`. */
  | { readonly type: 'otherName'; readonly oid: string; readonly value: Uint8Array }
  | { readonly type: 'rfc822Name' | 'dNSName' | 'uniformResourceIdentifier'; readonly text: string }
  | { readonly type: 'x400Address' | 'ediPartyName'; readonly der: Uint8Array }
  | { readonly type: 'directoryName'; readonly name: Name }
  /** 4 or 16 octets in a name, 8 or 32 (address and mask) in a constraint. */
  | { readonly type: 'iPAddress'; readonly octets: Uint8Array }
  | { readonly type: 'registeredID'; readonly oid: string };

export type GeneralNameType = GeneralName['type'];

/**
 * Octets of an iPAddress: an address in a name, address and mask in a constraint (RFC 5280 sections 4.2.1.6 and
 * 4.2.1.10).
 */
const ADDRESS_OCTETS = { name: [4, 16], subtree: [8, 32] } as const;

/** One GeneralName. @throws JitsuinError `der.invalid` */
export function parseGeneralName(
  parent: DerReader,
  place: keyof typeof ADDRESS_OCTETS = 'name',
): GeneralName {
  const element = parent.next();
  switch (element.tag) {
    case contextConstructed(0):
      return otherName(element);
    case contextPrimitive(1):
      return { type: 'rfc822Name', text: ia5Text(element) };
    case contextPrimitive(2):
      return { type: 'dNSName', text: ia5Text(element) };
    case contextConstructed(3):
      return { type: 'x400Address', der: element.der };
    case contextConstructed(4):
      return directoryName(element);
    case contextConstructed(5):
      return { type: 'ediPartyName', der: element.der };
    case contextPrimitive(6):
      return { type: 'uniformResourceIdentifier', text: ia5Text(element) };
    case contextPrimitive(7):
      if (!ADDRESS_OCTETS[place].some((octets) => octets === element.length))
        throw element.invalid('iPAddress');
      return { type: 'iPAddress', octets: element.content };
    case contextPrimitive(8):
      return { type: 'registeredID', oid: oidValue(element) };
    default:
      throw element.invalid('GeneralName');
  }
}

/** Content of `GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName`, also when implicitly tagged. */
export function parseGeneralNames(sequence: DerReader): readonly GeneralName[] {
  const names: GeneralName[] = [];
  while (!sequence.exhausted) names.push(parseGeneralName(sequence));
  if (names.length === 0) throw sequence.invalid('empty GeneralNames');
  return names;
}

/** The directoryNames among general names. */
export function directoryNames(names: readonly GeneralName[] | undefined): readonly Name[] {
  const found: Name[] = [];
  for (const name of names ?? []) if (name.type === 'directoryName') found.push(name.name);
  return found;
}

function otherName(element: DerReader): GeneralName {
  const oid = oidValue(element.read(TAG.oid));
  const wrapper = element.read(contextConstructed(0));
  element.finish();
  const value = wrapper.next();
  wrapper.finish();
  return { type: 'otherName', oid, value: value.der };
}

/** Name is a CHOICE, so its context tag is EXPLICIT (X.680 section 31.2.7). */
function directoryName(element: DerReader): GeneralName {
  const name = parseName(element.read(TAG.sequence));
  element.finish();
  return { type: 'directoryName', name };
}
