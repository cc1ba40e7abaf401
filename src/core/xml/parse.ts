import { JitsuinError } from '../errors.ts';
import { requireUtf8 } from './declaration.ts';
import { ParsedDocument } from './document.ts';
import { Edits } from './edits.ts';
import { ElementIndex } from './element-index.ts';
import { InclusiveTags } from './inclusive-tags.ts';
import { Lexer } from './lexer.ts';
import { effectiveLimits, type XmlLimits } from './limits.ts';
import { NamespaceNames, NameTable } from './names.ts';
import { NamespaceResolver } from './namespaces.ts';

/**
 * Octets → document: the one parse that verifier, reader and viewer share. UTF-8 with one optional byte order mark,
 * XML 1.0 (fifth edition) without document type, Namespaces in XML 1.0. The octets are not copied: they must not be
 * changed afterwards. Time is linear in the input.
 * @param octets the whole document
 * @param limits lower limits than the defaults (see limits.ts)
 * @throws JitsuinError `xml.size`, `xml.encoding`, `xml.version`, `xml.dtd`, `xml.not-well-formed`, `xml.namespace`,
 *   `xml.limit`, each with `at` = line:column and octet offset; `config.invalid` for a raised limit
 */
export function parseXml(octets: Uint8Array, limits?: Partial<XmlLimits>): ParsedDocument {
  const effective = effectiveLimits(limits);
  if (octets.length > effective.size) {
    throw new JitsuinError(
      'xml.size',
      `The document has ${octets.length} octets; at most ${effective.size} are read.`,
      {
        at: 'octets',
      },
    );
  }
  // Always the same kind of array, whatever subclass the caller has: the engine's loops stay specialized.
  const plain = new Uint8Array(octets.buffer, octets.byteOffset, octets.length);
  requireUtf8({ octets: plain, before: 0 }, 0, plain.length);
  const resolver = new NamespaceResolver(new NameTable(effective), new NamespaceNames(), effective);
  const edits = new Edits(plain.length);
  const elements = new ElementIndex(resolver, plain.length);
  const lexer = new Lexer(resolver, new InclusiveTags(resolver), edits, effective, elements);
  lexer.read(plain, 0, plain.length, true);
  const { names, namespaceNames } = resolver;
  return new ParsedDocument(plain, names, namespaceNames, elements, edits, effective, lexer.tag);
}
