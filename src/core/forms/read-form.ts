import { defined } from '../defined.ts';
import { hexSha256 } from '../digest/sha256.ts';
import { fromUtf8 } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';
import { type JsonValue, parseStrictJson } from '../json/strict-json.ts';
import { type SignatureAlgorithm, signatureAlgorithm } from '../xmldsig/algorithms.ts';
import { ENVELOPED_SIGNATURE } from '../xmldsig/profile.ts';
import type {
  DigestWord,
  Form,
  FormPlace,
  FormReference,
  FormSignature,
  FormTransforms,
  KeyInfoAlso,
  Range,
} from './form.ts';
import { expectSafeForm } from './form-safety.ts';
import { formFault, type MemberReader, memberReader } from './member-reader.ts';
import { ALGORITHM_WORDS, C14N_WORDS } from './words.ts';

/** Octets of one form file; those that ship have two thousand. */
const LARGEST_FILE = 64 * 1024;
const FORM_NAME = /^[a-z][a-z0-9-]{0,63}$/;
const PLACE_NAME = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
/** A local name, `{namespace}local`, or `*`; nothing that XPath or a pattern would give a meaning. */
const STEP = /^(?:\*|(?:\{[^{}\s\p{Cc}]{1,500}\})?[\p{L}_][\p{L}\p{M}\p{N}._-]{0,199})$/u;
const NC_NAME = /^[\p{L}_][\p{L}\p{M}\p{N}._-]{0,199}$/u;
const FILE_SUFFIX = /^document-name:(\.[A-Za-z0-9.]{1,40})$/;
/** More files than one application has; each may be a Reference. */
const MOST_FILES = 63;
const MOST_ELEMENTS = 1000;
const KEY_INFO_ALSO: readonly KeyInfoAlso[] = [
  'X509SubjectName',
  'X509IssuerSerial',
  'X509SKI',
  'X509Digest',
  'X509CRL',
  'KeyName',
  'KeyValue',
];

/**
 * Reads one form file and refuses what is not one, or could let a signature pass without covering something. Nothing
 * is opened,
 * fetched or executed; names are exact and there are no patterns in it.
 * @param octets UTF-8 JSON of at most 64 KiB
 * @throws JitsuinError `config.invalid`, with the member in `at`
 */
export function readForm(octets: Uint8Array): Form {
  if (octets.length > LARGEST_FILE) throw formFault('the file', `has more than ${LARGEST_FILE} octets`);
  const file = memberReader(parsed(octets), '');
  const form: Form = defined({
    name: file.text('form', FORM_NAME, 'a name of a-z, 0-9 and -'),
    version: file.whole('version', 1, 1_000_000),
    basis: file.choice('basis', ['observed', 'official', 'inferred']),
    title: file.has('title') ? readTitle(file.object('title')) : untitled(file),
    sources: file.has('sources') ? file.texts('sources', 20) : [],
    use: file.has('use') ? file.choice('use', ['sign', 'verify']) : 'sign',
    sha256: hexSha256(octets),
    source: Uint8Array.from(octets),
    root: readRoot(file),
    places: new Map(file.objects('places').map(([name, place]) => [placeName(name), readPlace(place)])),
    signature: readSignature(file.object('signature')),
    signers: readSigners(file.object('signers')),
    c14n: words(file, 'c14n', 4, C14N_WORDS),
    algorithms: words(file, 'algorithm', 8, ALGORITHM_WORDS).map(algorithmOf),
    references: file
      .list('references', 16)
      .map((value, index) => readReference(value, `references[${index}]`)),
    keyInfo: file.choice('keyInfo', ['leaf', 'leaf-and-ca']),
    keyInfoAlso: file.has('keyInfoAlso') ? file.texts('keyInfoAlso', 8).map(keyInfoAlso) : [],
    unsigned: readUnsigned(file.object('unsigned')),
    named: file.has('named') ? file.texts('named', 16) : [],
    container: file.has('container') ? readContainer(file.object('container')) : undefined,
  });
  file.done();
  expectSafeForm(form);
  return form;
}

function parsed(octets: Uint8Array): JsonValue | undefined {
  try {
    const value = parseStrictJson(fromUtf8(octets), 8, 5000);
    if (value !== undefined) return value;
  } catch (cause) {
    throw new JitsuinError('config.invalid', 'The form file cannot be used: it is not UTF-8.', { cause });
  }
  throw formFault('the file', 'is not JSON, or names a member twice');
}

function readTitle(title: MemberReader): Form['title'] {
  const [ja, en] = [title.words('ja'), title.words('en')];
  title.done();
  return { ja, en };
}

function untitled(file: MemberReader): Form['title'] {
  const name = file.text('form', FORM_NAME, 'a name of a-z, 0-9 and -');
  return { ja: name, en: name };
}

function readRoot(file: MemberReader): readonly string[] {
  const roots = file.textOrList('root', 50).map((name) => step(name, 'root'));
  if (roots.length === 0) throw formFault('root', 'names no element');
  return roots.length === 1 && roots[0] === 'Signature' ? [] : roots;
}

function placeName(name: string): string {
  if (PLACE_NAME.test(name) && name !== 'caller') return name;
  throw formFault(`places.${name}`, 'must be called by letters, digits and -');
}

function step(name: string, at: string): string {
  if (STEP.test(name)) return name;
  throw formFault(at, `holds "${name}", which is neither a name, nor {namespace}name, nor *`);
}

function readPlace(place: MemberReader): FormPlace {
  const path = place.texts('path', 32).map((name) => step(name, `${place.at}.path`));
  const count = readRange(place.list('count', 2), `${place.at}.count`, MOST_ELEMENTS);
  const id = place.has('id') ? readId(place.object('id')) : undefined;
  const title = place.has('title') ? readTitle(place.object('title')) : undefined;
  place.done();
  return defined({ path, count, id, title });
}

function readId(id: MemberReader): { readonly name: string; readonly value: string } {
  const name = id.text('name', NC_NAME, 'the name of an attribute');
  const value = id.text('value', STEP, 'an XML name, or * for any');
  id.done();
  return { name, value };
}

function readRange(values: readonly JsonValue[], at: string, most: number): Range {
  const [min, max] = values;
  const right =
    typeof min === 'number' &&
    typeof max === 'number' &&
    Number.isSafeInteger(min) &&
    Number.isSafeInteger(max) &&
    min >= 0 &&
    max >= Math.max(1, min) &&
    max <= most;
  if (values.length !== 2 || !right) throw formFault(at, `must be [least, most] with most from 1 to ${most}`);
  return { min, max };
}

function readSignature(signature: MemberReader): FormSignature {
  const read: FormSignature = defined({
    in: signature.texts('in', 32).map((name) => step(name, 'signature.in')),
    after: signature.has('after') ? signature.text('after', PLACE_NAME, 'the name of a place') : undefined,
    alone: signature.flag('alone', false),
    prefix: signature.text(
      'prefix',
      /^(?:|\*|[A-Za-z_][A-Za-z0-9._-]{0,63})$/,
      'a prefix, "" for none or * for any',
    ),
    namespace: signature.has('namespace') ? signature.choice('namespace', ['xmldsig', 'none']) : 'xmldsig',
    id: signature.has('id') ? readSignatureId(signature.object('id')) : undefined,
  });
  signature.done();
  return read;
}

function readSignatureId(id: MemberReader): NonNullable<FormSignature['id']> {
  const name = id.text('name', NC_NAME, 'the name of an attribute');
  const form = id.text('form', /^(?:digits:[1-9][0-9]?|any)$/, 'digits:14, or any');
  const optional = id.flag('optional', false);
  id.done();
  return defined({
    name,
    optional,
    digits: form === 'any' ? undefined : Number(form.slice('digits:'.length)),
  });
}

/** `from`, `distinct` and `same` say what always holds: the number is asked for, no signer twice, all sign the same. */
function readSigners(signers: MemberReader): Range {
  const range = { min: signers.whole('min', 1, 10), max: signers.whole('max', 1, 10) };
  if (range.max < range.min) throw formFault('signers', 'has max below min');
  if (signers.has('from')) signers.choice('from', ['request']);
  for (const rule of ['distinct', 'same']) {
    if (!signers.flag(rule, true)) throw formFault(`signers.${rule}`, 'can only be true');
  }
  signers.done();
  return range;
}

function words<T>(
  file: MemberReader,
  name: string,
  most: number,
  meanings: Readonly<Record<string, T>>,
): readonly T[] {
  const texts = file.texts(name, most);
  if (texts.length === 0) throw formFault(file.path(name), 'is empty');
  return texts.map((word) => meaning(word, file.path(name), meanings));
}

function meaning<T>(word: string, at: string, meanings: Readonly<Record<string, T>>): T {
  const found = Object.hasOwn(meanings, word) ? meanings[word] : undefined;
  if (found !== undefined) return found;
  throw formFault(at, `holds "${word}"; it may hold ${Object.keys(meanings).join(', ')}`);
}

function algorithmOf(uri: string): SignatureAlgorithm {
  const algorithm = signatureAlgorithm(uri);
  if (algorithm === undefined) throw formFault('algorithm', 'names one that is not accepted');
  return algorithm;
}

function readReference(value: JsonValue, at: string): FormReference {
  const reference = memberReader(value, at);
  const transforms = reference.list('transforms', 8).map((list) => readTransforms(list, `${at}.transforms`));
  if (transforms.length === 0) throw formFault(`${at}.transforms`, 'is empty; [[]] is no transform');
  const digest = words(reference, 'digest', 3, DIGEST_OF);
  const read = withTarget(reference, { transforms, digest });
  reference.done();
  return read;
}

const DIGEST_OF: Readonly<Record<string, DigestWord>> = {
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
};

function withTarget(
  reference: MemberReader,
  rest: Pick<FormReference, 'transforms' | 'digest'>,
): FormReference {
  if (reference.has('document')) {
    if (!reference.flag('document', false)) throw formFault(`${reference.at}.document`, 'can only be true');
    reference.choice('uri', ['empty']);
    return { ...rest, kind: 'document' };
  }
  if (reference.has('element')) {
    const place = reference.text('element', PLACE_NAME, 'the name of a place');
    return { ...rest, kind: 'element', place, uri: reference.choice('uri', ['percent', 'raw', 'none']) };
  }
  const names = readNames(reference);
  const uri = reference.textOrList('uri', 2).map((word) => meaning(word, `${reference.at}.uri`, SPELLINGS));
  const count = reference.has('count')
    ? readRange(reference.list('count', 2), `${reference.at}.count`, MOST_FILES)
    : { min: 1, max: MOST_FILES };
  return { ...rest, kind: 'files', names, count, uri };
}

const SPELLINGS = { percent: 'percent', raw: 'raw' } as const;

function readNames(reference: MemberReader): Extract<FormReference, { kind: 'files' }>['names'] {
  const texts = reference.textOrList('files', 8);
  const [first = ''] = texts;
  if (first === 'caller' && texts.length === 1) return { from: 'caller' };
  const suffix = FILE_SUFFIX.exec(first)?.[1];
  if (suffix !== undefined && texts.length === 1) return { from: 'document-name', suffix };
  if (texts.length === 0) throw formFault(`${reference.at}.files`, 'names no place');
  return { from: 'places', places: texts };
}

/**
 * The enveloped-signature transform at most, then a canonicalization at most: what else there is has no meaning here.
 */
function readTransforms(value: JsonValue, at: string): FormTransforms {
  if (!Array.isArray(value) || value.length > 2) throw formFault(at, 'must be lists of at most two words');
  const list = (value as readonly JsonValue[]).map((word) => (typeof word === 'string' ? word : ''));
  const uris = list.map((word) => meaning(word, at, TRANSFORM_WORDS));
  const canonical = list.filter((word) => word !== 'enveloped');
  if (new Set(list).size !== list.length || canonical.length > 1)
    throw formFault(at, 'may hold "enveloped" and one canonicalization, each once');
  const algorithm = meaning(canonical[0] ?? 'c14n10', at, C14N_WORDS);
  return { uris, enveloped: list.includes('enveloped'), algorithm };
}

const TRANSFORM_WORDS: Readonly<Record<string, string>> = { enveloped: ENVELOPED_SIGNATURE, ...C14N_WORDS };

function keyInfoAlso(word: string): KeyInfoAlso {
  const found = KEY_INFO_ALSO.find((known) => known === word);
  if (found !== undefined) return found;
  throw formFault('keyInfoAlso', `holds "${word}"; it may hold ${KEY_INFO_ALSO.join(', ')}`);
}

function readUnsigned(unsigned: MemberReader): Form['unsigned'] {
  const read = {
    elements: unsigned.texts('elements', 50).map((name) => step(name, 'unsigned.elements')),
    instructions: unsigned.texts('instructions', 20),
    files: unsigned.flag('files', false),
  };
  unsigned.done();
  return read;
}

function readContainer(container: MemberReader): NonNullable<Form['container']> {
  const zip = container.choice('zip', ['one-folder']);
  const document = container.text(
    'document',
    /^[A-Za-z0-9._-]{1,100}$/,
    'the name of the document in the ZIP',
  );
  container.done();
  return { zip, document };
}
