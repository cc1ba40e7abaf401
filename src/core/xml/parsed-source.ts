import type { Edits } from './edits.ts';
import type { ElementIndex } from './element-index.ts';
import type { XmlLimits } from './limits.ts';
import type { NamespaceNames, NameTable } from './names.ts';
import type { StartTag } from './start-tag.ts';

/** What one parse leaves: the octets and, beside them, only numbers. Handles on nodes read from it. */
export interface ParsedSource {
  readonly octets: Uint8Array;
  readonly before: 0;
  readonly names: NameTable;
  readonly namespaceNames: NamespaceNames;
  readonly elements: ElementIndex;
  readonly edits: Edits;
  readonly limits: XmlLimits;
  /** Scratch for reading one tag again; never kept across calls. */
  readonly tag: StartTag;
}
