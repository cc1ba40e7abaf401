/**
 * `jitsuin/xml-crypto`: the six canonicalization algorithms of the W3C for people who have xml-crypto with
 * @xmldom/xmldom, and the interface of xml-c14n beside it. No verdict of jitsuin is ever based on them: what the DOM's
 * own parser lost or repaired before is out of their hands.
 */
export { canonicalizeNode } from '../adapters/xml-peers/canonicalize-node.ts';
export type { DomNode } from '../adapters/xml-peers/dom.ts';
export {
  registerCanonicalizers,
  type XmlC14nCanonicaliser,
  type XmlC14nOptions,
  type XmlC14nRegistry,
} from '../adapters/xml-peers/xml-c14n.ts';
export { useCanonicalizers } from '../adapters/xml-peers/xml-crypto.ts';
export {
  C14N_1_0,
  C14N_1_0_WITH_COMMENTS,
  C14N_1_1,
  C14N_1_1_WITH_COMMENTS,
  type C14nUri,
  EXC_C14N,
  EXC_C14N_WITH_COMMENTS,
} from '../core/c14n/algorithms.ts';
export type { C14nMethod } from '../core/c14n/targets.ts';
export { type ErrorCode, JitsuinError } from '../core/errors.ts';
