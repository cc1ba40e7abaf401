import { describe, expect, it } from 'vitest';
import { C14N_ALGORITHMS, isC14nUri } from '../../../src/core/c14n/algorithms.ts';
import { canonicalOctets } from '../../../src/core/c14n/canonicalize.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { DocumentSource, Random } from './documents.ts';
import { Oracle } from './oracle.ts';

const DOCUMENTS = Number(process.env['JITSUIN_FUZZ_DOCS'] ?? 2000);
const SEED = Number(process.env['JITSUIN_FUZZ_SEED'] ?? Date.now() % 1_000_000_000);
const ALGORITHMS = Object.keys(C14N_ALGORITHMS).filter(isC14nUri);
const PREFIX_LISTS = [undefined, ['#default'], ['p', 'q'], ['#default', '様式', 'none']] as const;

/** The first difference between us and libxml2 over one generated document, for the message of a failure. */
function difference(seed: number): string | undefined {
  const source = new DocumentSource(seed).document();
  const octets = Buffer.from(source);
  const document = parseXml(octets);
  const random = new Random(seed ^ 0x5eed);
  const oracle = new Oracle(octets);
  try {
    const elements = document.elementCount;
    if (oracle.elementCount !== elements)
      return `seed ${seed}: ${elements} elements, not ${oracle.elementCount}`;
    for (const algorithm of ALGORITHMS) {
      const exclusive = C14N_ALGORITHMS[algorithm].method === 'exclusive-1.0';
      const inclusivePrefixes = exclusive ? random.pick(PREFIX_LISTS) : undefined;
      for (const number of [undefined, random.below(elements)]) {
        const method = inclusivePrefixes === undefined ? { algorithm } : { algorithm, inclusivePrefixes };
        const element = number === undefined ? undefined : document.element(number);
        const target =
          element === undefined ? ({ kind: 'document' } as const) : ({ kind: 'element', element } as const);
        const ours = Buffer.from(canonicalOctets(document, target, method)).toString();
        const theirs = oracle.canonical(algorithm, inclusivePrefixes, number);
        if (ours !== theirs) {
          return `seed ${seed} ${algorithm} [${inclusivePrefixes}] element ${number}: ${firstDifference(ours, theirs)}`;
        }
      }
    }
    return undefined;
  } finally {
    oracle.dispose();
  }
}

function firstDifference(ours: string, theirs: string): string {
  let at = 0;
  while (ours[at] === theirs[at]) at += 1;
  const context = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 80), at + 60));
  return `ours ${context(ours)}, libxml2 ${context(theirs)}`;
}

describe('canonical XML against libxml2', () => {
  it(`gives the same octets for ${DOCUMENTS} generated documents, all algorithms, whole and subtree`, {
    timeout: 3_600_000,
  }, () => {
    console.log(`differential seed ${SEED} (JITSUIN_FUZZ_SEED), documents ${DOCUMENTS} (JITSUIN_FUZZ_DOCS)`);
    const differences: string[] = [];
    for (let i = 0; i < DOCUMENTS && differences.length < 3; i += 1) {
      const found = difference(SEED + i);
      if (found !== undefined) differences.push(found);
    }
    expect(differences).toEqual([]);
  });
});
