import { parseArgs } from 'node:util';
import { C14N_1_0, C14N_ALGORITHMS, isC14nUri } from '../core/c14n/algorithms.ts';
import { canonicalOctets } from '../core/c14n/canonicalize.ts';
import { sha256 } from '../core/digest/sha256.ts';
import { toBase64, toHex } from '../core/encoding.ts';
import { JitsuinError } from '../core/errors.ts';
import type { XmlDocument, XmlElement } from '../core/xml/model.ts';
import { parseXml } from '../core/xml/parse.ts';
import type { SignedElementSelector } from '../core/xmldsig/prepared-signature.ts';
import { type Command, UsageError } from './command.ts';
import { onlyFile, readOctets, selectorOption, writeOctets } from './document-arguments.ts';

const usage = `Usage: jitsuin c14n FILE [--algorithm URI] [--prefixes LIST] [--element NAME | --id ID] [--out OUT] [--digest] [--json]

Writes the canonical form of FILE, or of one element in its context. FILE is - for standard input.

  --algorithm URI  default ${C14N_1_0};
                   also with #WithComments, http://www.w3.org/2006/12/xml-c14n11, http://www.w3.org/2001/10/xml-exc-c14n#
  --prefixes LIST  PrefixList of exclusive canonicalization, separated by spaces; #default is the default namespace
  --element NAME   NAME or {namespace}NAME; it must occur once
  --id ID          value of an attribute Id, ID, id or xml:id; it must occur once
  --out OUT        write to a file
  --digest         print the SHA-256 in base64 (a DigestValue) instead
  --json           print algorithm, length and SHA-256 as JSON instead
`;

/** `jitsuin c14n`: canonical octets or their digest. */
export const command: Command = {
  name: 'c14n',
  usage,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        algorithm: { type: 'string' },
        prefixes: { type: 'string' },
        element: { type: 'string' },
        id: { type: 'string' },
        out: { type: 'string' },
        digest: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    });
    const algorithm = values.algorithm ?? C14N_1_0;
    if (!isC14nUri(algorithm)) {
      throw new UsageError(`--algorithm must be one of:\n  ${Object.keys(C14N_ALGORITHMS).join('\n  ')}`);
    }
    const document = parseXml(await readOctets(onlyFile(positionals)));
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
    if (values.json === true) {
      io.stdout(
        `${JSON.stringify({ algorithm, octets: octets.length, sha256: toHex(digest), digest_value: toBase64(digest) })}\n`,
      );
    } else if (values.digest === true) io.stdout(`${toBase64(digest)}\n`);
    if (values.out !== undefined || (values.json !== true && values.digest !== true)) {
      await writeOctets(values.out ?? '-', octets, io);
    }
    return 0;
  },
};

function findElement(document: XmlDocument, selector: SignedElementSelector): XmlElement {
  const found =
    'id' in selector ? document.elementsWithId(selector.id) : elementsCalled(document, selector.name);
  const [element, second] = found;
  if (element === undefined) throw new JitsuinError('xmldsig.signed-element', 'There is no such element.');
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
