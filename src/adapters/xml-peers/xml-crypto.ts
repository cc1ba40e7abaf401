import type { CanonicalizationOrTransformationAlgorithmProcessOptions, SignedXml } from 'xml-crypto';
import { C14N_ALGORITHMS, type C14nUri, isC14nUri } from '../../core/c14n/algorithms.ts';
import { canonicalizeNode } from './canonicalize-node.ts';
import type { DomNode } from './dom.ts';

/**
 * Puts our six canonicalization algorithms in the place of xml-crypto's own in one SignedXml. Its verdict still never
 * decides anything here: it is a peer in tests, and a help for people who have it already.
 */
export function useCanonicalizers(signedXml: SignedXml): void {
  for (const algorithm of Object.keys(C14N_ALGORITHMS).filter(isC14nUri)) {
    signedXml.CanonicalizationAlgorithms[algorithm] = canonicalizerClass(algorithm);
  }
}

type ProcessOptions = CanonicalizationOrTransformationAlgorithmProcessOptions;

function canonicalizerClass(algorithm: C14nUri): SignedXml['CanonicalizationAlgorithms'][C14nUri] {
  const exclusive = C14N_ALGORITHMS[algorithm].method === 'exclusive-1.0';
  return class {
    readonly includeComments = C14N_ALGORITHMS[algorithm].comments === 'kept';

    /** xml-crypto hands over detached copies, with the namespaces of their ancestors apart. */
    process(node: DomNode, options: ProcessOptions): string {
      const declared = new Map(
        options.ancestorNamespaces?.map(({ prefix, namespaceURI }) => [prefix, namespaceURI]),
      );
      const inclusivePrefixes = exclusive ? options.inclusiveNamespacesPrefixList : undefined;
      const method = inclusivePrefixes === undefined ? { algorithm } : { algorithm, inclusivePrefixes };
      return canonicalizeNode(node, method, declared);
    }

    getAlgorithmName(): C14nUri {
      return algorithm;
    }
  };
}
