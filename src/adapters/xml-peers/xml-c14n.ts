import { C14N_ALGORITHMS, isC14nUri } from '../../core/c14n/algorithms.ts';
import type { C14nMethod } from '../../core/c14n/targets.ts';
import { canonicalizeNode } from './canonicalize-node.ts';
import type { DomNode } from './dom.ts';

/** What is used of xml-c14n's registry (the package has no types). */
export interface XmlC14nRegistry {
  registerAlgorithm(uri: string, factory: (options?: XmlC14nOptions) => XmlC14nCanonicaliser): unknown;
}

export interface XmlC14nOptions {
  /** PrefixList of exclusive canonicalization. */
  readonly inclusiveNamespacesPrefixList?: readonly string[];
}

export interface XmlC14nCanonicaliser {
  name(): string;
  canonicalise(node: DomNode, done: (error: unknown, canonical?: string) => void): void;
}

/** Registers our six algorithms under their W3C identifiers, in place of the package's own exclusive one. */
export function registerCanonicalizers(registry: XmlC14nRegistry): void {
  for (const algorithm of Object.keys(C14N_ALGORITHMS).filter(isC14nUri)) {
    registry.registerAlgorithm(algorithm, (options) => {
      const inclusivePrefixes = options?.inclusiveNamespacesPrefixList;
      return canonicaliser(
        inclusivePrefixes === undefined ? { algorithm } : { algorithm, inclusivePrefixes },
      );
    });
  }
}

function canonicaliser(method: C14nMethod): XmlC14nCanonicaliser {
  return {
    name: () => method.algorithm,
    canonicalise: (node, done) => {
      let canonical: string;
      try {
        canonical = canonicalizeNode(node, method);
      } catch (error) {
        setImmediate(done, error);
        return;
      }
      setImmediate(done, null, canonical);
    },
  };
}
