import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  C14N_1_0,
  C14N_1_0_WITH_COMMENTS,
  C14N_1_1,
  type C14nUri,
  EXC_C14N,
} from '../../src/core/c14n/algorithms.ts';
import { canonicalOctets } from '../../src/core/c14n/canonicalize.ts';
import type { C14nMethod, C14nTarget } from '../../src/core/c14n/targets.ts';
import { JitsuinError } from '../../src/core/errors.ts';
import type { XmlDocument, XmlElement } from '../../src/core/xml/model.ts';
import { parseXml } from '../../src/core/xml/parse.ts';
import type { CaseNote, Suite, SuiteResult } from './suite.ts';

const KINDS: Readonly<Record<string, C14nUri>> = {
  'without-comments': C14N_1_0,
  'with-comments': C14N_1_0_WITH_COMMENTS,
  'exc-without-comments': EXC_C14N,
  '1-1-without-comments': C14N_1_1,
};

/**
 * Cases that can run without their document type: what it supplies (a default attribute, the normalized value of an ID,
 * the text of an entity) is written out in the document, as a parser that reads it would see it. An empty list: it
 * supplies nothing.
 */
const DEFAULT_OF_E9 = [['<e9 ', '<e9 attr="default" ']] as const;
const WRITTEN_OUT: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'example-1': [],
  'example-3': DEFAULT_OF_E9,
  'example-4': [
    [
      "<normId id=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/>",
      "<normId id='&apos; &#13;&#xa;&#9; &apos;'/>",
    ],
  ],
  'example-5': [
    ['&ent1;', 'Hello'],
    ['&ent2;', 'world'],
  ],
  'test-0': DEFAULT_OF_E9,
  'test-1': DEFAULT_OF_E9,
  'test-3': DEFAULT_OF_E9,
};
/**
 * Selections that leave out nothing of a subtree but namespace nodes which exclusive form does not write: the subtree
 * gives the same octets.
 */
const SUBTREE_IN_EFFECT: Readonly<Record<string, string>> = {
  'exc-without-comments/merlin-c14n-two-10': 'ancestor-or-self::bar:Something',
  'exc-without-comments/merlin-c14n-two-11': 'ancestor-or-self::bar:Something',
};
const DOCTYPE = /<!DOCTYPE[^[>]*(?:\[[^\]]*\])?[^>]*>/;

/** Vectors of the libxml2 project, byte for byte. */
export const c14nSuite: Suite = {
  name: 'c14n',
  folder: 'c14n',
  run(directory: string): SuiteResult {
    const failed: CaseNote[] = [];
    const listed: CaseNote[] = [];
    let passed = 0;
    for (const [kind, algorithm] of Object.entries(KINDS)) {
      for (const file of readdirSync(join(directory, 'test/c14n', kind)).filter((each) =>
        each.endsWith('.xml'),
      )) {
        const outcome = runCase(directory, kind, file.slice(0, -'.xml'.length), algorithm);
        const note = { case: `${kind}/${file}`, reason: outcome.reason };
        if (outcome.verdict === 'passed') passed += 1;
        else (outcome.verdict === 'failed' ? failed : listed).push(note);
      }
    }
    return { passed, failed, listed };
  },
};

interface Outcome {
  readonly verdict: 'passed' | 'failed' | 'listed';
  readonly reason: string;
}

function runCase(directory: string, kind: string, name: string, algorithm: C14nUri): Outcome {
  const base = join(directory, 'test/c14n', kind, name);
  const expectedFile = join(directory, 'result/c14n', kind, name);
  if (!existsSync(expectedFile)) return listed('the project has no expected result for it');
  const source = readFileSync(`${base}.xml`);
  const refusal = refusalOf(source);
  const writtenOut = refusal === 'xml.dtd' ? WRITTEN_OUT[name] : undefined;
  if (refusal === 'xml.dtd' && writtenOut === undefined)
    return listed('its selection goes by an ID of the document type, which is refused (xml.dtd)');
  if (refusal === 'xml.encoding') return listed('not UTF-8, refused (xml.encoding)');
  if (refusal !== undefined && writtenOut === undefined)
    return { verdict: 'failed', reason: `refused with ${refusal}` };
  const document = parseXml(writtenOut === undefined ? source : withoutDoctype(source, writtenOut));
  const xpath = existsSync(`${base}.xpath`) ? readFileSync(`${base}.xpath`, 'utf8') : undefined;
  const targets =
    xpath === undefined
      ? [{ kind: 'document' } as const]
      : targetsOf(xpath, document, SUBTREE_IN_EFFECT[`${kind}/${name}`]);
  if (targets === undefined) return listed('a general XPath node-set, not a subtree');
  const method = methodOf(algorithm, `${base}.ns`);
  const found = Buffer.concat(targets.map((target) => canonicalOctets(document, target, method)));
  const expected = readFileSync(expectedFile);
  return found.equals(expected)
    ? { verdict: 'passed', reason: '' }
    : {
        verdict: 'failed',
        reason: `octets differ: expected ${JSON.stringify(expected.toString())}, found ${JSON.stringify(found.toString())}`,
      };
}

function withoutDoctype(source: Buffer, writtenOut: readonly (readonly [string, string])[]): Buffer {
  let text = source.toString('utf8').replace(DOCTYPE, '');
  for (const [found, supplied] of writtenOut) text = text.replaceAll(found, () => supplied);
  return Buffer.from(text);
}

function refusalOf(source: Uint8Array): string | undefined {
  try {
    parseXml(source);
    return undefined;
  } catch (error) {
    if (error instanceof JitsuinError) return error.code;
    throw error;
  }
}

function methodOf(algorithm: C14nUri, prefixFile: string): C14nMethod {
  if (!existsSync(prefixFile)) return { algorithm };
  return { algorithm, inclusivePrefixes: readFileSync(prefixFile, 'utf8').trim().split(/\s+/) };
}

const NAME_TEST = '(?:(\\w+):)?(\\w+)';
const SUBTREES = /^(?:ancestor-or-self::[\w:]+)(?: or ancestor-or-self::[\w:]+)*$/;
const SUBTREE_WITHOUT = new RegExp(
  `^ancestor-or-self::${NAME_TEST} and not\\(ancestor-or-self::${NAME_TEST}\\)$`,
);

/** The subtrees that a node-set expression of the suite selects; undefined when it is something else. */
function targetsOf(xpath: string, document: XmlDocument, inEffect?: string): C14nTarget[] | undefined {
  const root = parseXml(Buffer.from(withoutEntities(xpath))).root;
  const predicate =
    inEffect ?? /\[\s*([\s\S]*?)\s*\]$/.exec(root.text().value.trim().replaceAll(/\s+/g, ' '))?.[1] ?? '';
  const namespaces = root.namespacesInScope();
  const select = (prefix: string | undefined, localName: string): XmlElement[] =>
    outermost(document.elementsNamed(prefix === undefined ? '' : (namespaces.get(prefix) ?? ''), localName));
  const without = SUBTREE_WITHOUT.exec(predicate);
  if (without !== null) {
    const [apexes, left] = [select(without[1], without[2] ?? ''), select(without[3], without[4] ?? '')];
    return apexes.flatMap((element) =>
      left.map((each) => ({ kind: 'element', element, without: each }) as const),
    );
  }
  if (!SUBTREES.test(predicate)) return undefined;
  const apexes = predicate.split(' or ').flatMap((step) => {
    const [, prefix, localName] = new RegExp(`::${NAME_TEST}$`).exec(step) ?? [];
    return select(prefix, localName ?? '');
  });
  return apexes.sort((a, b) => a.start - b.start).map((element) => ({ kind: 'element', element }));
}

/** Expressions of the suite name the namespace of XML signatures by an entity of a document type. */
function withoutEntities(xpath: string): string {
  return xpath.replace(DOCTYPE, '').replaceAll('&dsig;', 'http://www.w3.org/2000/09/xmldsig#');
}

function outermost(elements: XmlElement[]): XmlElement[] {
  return elements.filter(
    (each) => !elements.some((other) => other.start < each.start && other.end >= each.end),
  );
}

function listed(reason: string): Outcome {
  return { verdict: 'listed', reason };
}
