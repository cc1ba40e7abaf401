import { type SubtreeC14NOptions, XmlC14NMode, XmlDocument, type XmlNode } from 'libxml2-wasm';
import { C14N_ALGORITHMS, type C14nUri } from '../../../src/core/c14n/algorithms.ts';

const MODES = {
  'inclusive-1.0': XmlC14NMode.XML_C14N_1_0,
  'inclusive-1.1': XmlC14NMode.XML_C14N_1_1,
  'exclusive-1.0': XmlC14NMode.XML_C14N_EXCLUSIVE_1_0,
} as const;

/** libxml2 (as WebAssembly, without the HUGE option) as an independent opinion. Dispose of it after use. */
export class Oracle {
  private readonly document: XmlDocument;
  private readonly elements: readonly XmlNode[];

  constructor(octets: Uint8Array) {
    this.document = XmlDocument.fromBuffer(octets);
    this.elements = this.document.find('//*');
  }

  get elementCount(): number {
    return this.elements.length;
  }

  /** Canonical form of the whole document, or of the nth element in document order. */
  canonical(algorithm: C14nUri, inclusivePrefixes: readonly string[] | undefined, element?: number): string {
    const { method, comments } = C14N_ALGORITHMS[algorithm];
    const options: SubtreeC14NOptions = { mode: MODES[method], withComments: comments === 'kept' };
    if (inclusivePrefixes !== undefined) options.inclusiveNamespacePrefixes = [...inclusivePrefixes];
    const apex = element === undefined ? undefined : this.elements[element];
    return (apex ?? this.document).canonicalizeToString(options);
  }

  dispose(): void {
    this.document.dispose();
  }
}
