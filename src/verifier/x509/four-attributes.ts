import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { Certificate } from './certificate-types.ts';
import { openDer, TAG } from './der.ts';
import { stringValue } from './der-strings.ts';
import type { DateOfBirth, FourAttributes, JapaneseEra, SubstitutableText } from './jpki-types.ts';

/** otherName type-ids of JPKI (利用者証明書の別名). Looked up by OID: their order in certificates is no rule. */
const JPKI_ATTRIBUTE_ARC = '1.2.392.200149.8.5.5';
const NAME = `${JPKI_ATTRIBUTE_ARC}.1`;
const NAME_MAP = `${JPKI_ATTRIBUTE_ARC}.2`;
const SEX = `${JPKI_ATTRIBUTE_ARC}.3`;
const DATE_OF_BIRTH = `${JPKI_ATTRIBUTE_ARC}.4`;
const ADDRESS = `${JPKI_ATTRIBUTE_ARC}.5`;
const ADDRESS_MAP = `${JPKI_ATTRIBUTE_ARC}.6`;
const UNDERSTOOD: readonly string[] = [NAME, NAME_MAP, SEX, DATE_OF_BIRTH, ADDRESS, ADDRESS_MAP];

/** 住所 has at most 200 characters. */
const MAXIMUM_ADDRESS_CHARACTERS = 200;

/**
 * 基本4情報 of a JPKI signature certificate: name, sex, date of birth, address with their maps of substitute characters,
 * to the code point as the certificate has them. Other OIDs of the arc are kept raw. Protected data: never log it.
 * @throws JitsuinError `certificate.profile` for an OID twice, a value of another type, or a value of another form
 */
export function readFourAttributes(certificate: Certificate): FourAttributes {
  const values = attributeValues(certificate);
  const name = substitutable(values, NAME, NAME_MAP);
  const sex = SEXES.get(text(values, SEX) ?? '');
  const birth = text(values, DATE_OF_BIRTH);
  const address = substitutable(values, ADDRESS, ADDRESS_MAP);
  if (values.has(SEX) && sex === undefined) throw otherForm('sex');
  if (address !== undefined && [...address.text].length > MAXIMUM_ADDRESS_CHARACTERS)
    throw otherForm('address');
  return defined({
    name,
    sex,
    dateOfBirth: birth === undefined ? undefined : dateOfBirth(birth),
    address,
    additional: [...values]
      .filter(([oid]) => !UNDERSTOOD.includes(oid))
      .map(([oid, value]) => ({ oid, value })),
  });
}

/** The otherNames of the arc: OID → DER of the value. */
function attributeValues(certificate: Certificate): ReadonlyMap<string, Uint8Array> {
  const values = new Map<string, Uint8Array>();
  for (const name of certificate.subjectAltName ?? []) {
    if (name.type !== 'otherName' || !name.oid.startsWith(`${JPKI_ATTRIBUTE_ARC}.`)) continue;
    if (values.has(name.oid))
      throw new JitsuinError('certificate.profile', 'An attribute stands twice.', { at: name.oid });
    values.set(name.oid, name.value);
  }
  return values;
}

/** UTF8String as specified; BMPString is read too, and the lint says so. */
function text(values: ReadonlyMap<string, Uint8Array>, oid: string): string | undefined {
  const der = values.get(oid);
  if (der === undefined) return undefined;
  const tag = der[0] === TAG.bmpString ? TAG.bmpString : TAG.utf8String;
  try {
    return stringValue(openDer(der, tag));
  } catch (cause) {
    throw new JitsuinError('certificate.profile', 'An attribute is not a UTF8String.', { cause, at: oid });
  }
}

/** A text and its map: one digit for each code point, 0 as it is, 1 a substitute character. */
function substitutable(
  values: ReadonlyMap<string, Uint8Array>,
  oid: string,
  mapOid: string,
): SubstitutableText | undefined {
  const value = text(values, oid);
  const map = text(values, mapOid);
  if (value === undefined) {
    if (map !== undefined) throw otherForm('substitution map without its text');
    return undefined;
  }
  if (map === undefined) return { text: value, substituted: [] };
  if (!/^[01]*$/.test(map) || map.length !== [...value].length) throw otherForm('substitution map');
  const substituted = [...map].flatMap((digit, index) => (digit === '1' ? [index] : []));
  return { text: value, substitutionMap: map, substituted };
}

const SEXES: ReadonlyMap<string, 'male' | 'female' | 'unknown'> = new Map([
  ['1', 'male'],
  ['2', 'female'],
  ['3', 'unknown'],
]);

const ERAS: readonly JapaneseEra[] = ['unknown', 'meiji', 'taisho', 'showa', 'heisei', 'reiwa'];

/**
 * Era digit and YYYYMMDD with a Gregorian year. Unknown parts are zeros, so ranges are checked and nothing is
 * computed.
 */
function dateOfBirth(raw: string): DateOfBirth {
  const [, eraDigit = '', year = '', month = '', day = ''] = /^([0-5])(\d{4})(\d{2})(\d{2})$/.exec(raw) ?? [];
  const era = ERAS[Number(eraDigit)];
  if (eraDigit === '' || era === undefined || Number(month) > 12 || Number(day) > 31)
    throw otherForm('date of birth');
  return { era, year, month, day, raw };
}

function otherForm(what: string): JitsuinError {
  return new JitsuinError('certificate.profile', `Not in the form of the JPKI profile: ${what}.`);
}
