import { C14N_1_0, C14N_ALGORITHMS, isC14nUri } from '../core/c14n/algorithms.ts';
import { canonicalOctets } from '../core/c14n/canonicalize.ts';
import { sha256 } from '../core/digest/sha256.ts';
import { toBase64, toHex } from '../core/encoding.ts';
import { JitsuinError } from '../core/errors.ts';
import type { XmlDocument, XmlElement } from '../core/xml/model.ts';
import { parseXml } from '../core/xml/parse.ts';
import type { SignedElementSelector } from '../core/xmldsig/prepared-signature.ts';
import { type Command, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { onlyFile, readOctets, selectorOption, writeOctets } from './document-arguments.ts';

/** `jitsuin c14n`: canonical octets or their digest. */
export const command: Command = declareCommand({
  name: 'c14n',
  operands: 'FILE',
  about: 'Writes the canonical form of FILE, or of one element in its context. FILE is - for standard input.',
  options: {
    algorithm: {
      type: 'string',
      value: 'URI',
      default: C14N_1_0,
      means:
        'also with #WithComments, http://www.w3.org/2006/12/xml-c14n11, http://www.w3.org/2001/10/xml-exc-c14n#',
    },
    prefixes: {
      type: 'string',
      value: 'LIST',
      means:
        'PrefixList of exclusive canonicalization, separated by spaces; #default is the default namespace',
    },
    element: { type: 'string', value: 'NAME', means: 'NAME or {namespace}NAME; it must occur once' },
    id: {
      type: 'string',
      value: 'ID',
      means: 'value of an attribute Id, ID, id or xml:id; it must occur once',
    },
    out: { type: 'string', value: 'OUT', means: 'write to a file' },
    digest: { type: 'boolean', means: 'print the SHA-256 in base64 (a DigestValue) instead' },
    json: { type: 'boolean', means: 'print algorithm, length and SHA-256 as JSON instead' },
  },
  async run(values, operands, io) {
    const algorithm = values.algorithm;
    if (!isC14nUri(algorithm)) {
      throw new UsageError(`--algorithm must be one of:\n  ${Object.keys(C14N_ALGORITHMS).join('\n  ')}`);
    }
    const document = parseXml(await readOctets(onlyFile(operands)));
    const prefixes =
      values.prefixes === undefined
        ? {}
        : { inclusivePrefixes: values.prefixes.split(/\s+/).filter(Boolean) };
    const { signedElement } = selectorOption(values);
    const target =
      signedElement === undefined
        ? ({ kind: 'document' } as const)
        : ({ kind: 'element', element: findElement(document, signedElement) } as const);
    const octets = canonicalOctets(document, target, { algorithm, ...prefixes });
    const digest = sha256(octets);
    if (values.json) {
      const { length } = octets;
      const told = { algorithm, octets: length, sha256: toHex(digest), digest_value: toBase64(digest) };
      io.stdout(`${JSON.stringify(told)}\n`);
    } else if (values.digest) io.stdout(`${toBase64(digest)}\n`);
    if (values.out !== undefined || (!values.json && !values.digest)) {
      await writeOctets(values.out ?? '-', octets, io);
    }
    return 0;
  },
});

function findElement(document: XmlDocument, selector: SignedElementSelector): XmlElement {
  const found =
    'id' in selector ? document.elementsWithId(selector.id) : elementsCalled(document, selector.name);
  const [element, second] = found;
  if (element === undefined)
    throw new JitsuinError(
      'xmldsig.signed-element',
      'No element of the document is the one that --element names.',
    );
  if (second !== undefined) {
    throw new JitsuinError('xmldsig.signed-element', `There are ${found.length} such elements.`, {
      at: `octet ${second.start}`,
    });
  }
  return element;
}

function elementsCalled(document: XmlDocument, name: string): XmlElement[] {
  const clark = /^\{([^}]*)\}(.+)$/.exec(name);
  return document.elementsNamed(clark?.[1] ?? '', clark?.[2] ?? name);
}
