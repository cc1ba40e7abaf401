import { describe, expect, test } from 'vitest';
import { toUtf8 } from '../../../src/core/encoding.ts';
import type { XmlDocument } from '../../../src/core/xml/model.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { unsignedParts } from '../../../src/verifier/xmldsig/unsigned-parts.ts';

const ENTRIES = 5_000;
const ENTRY = '<明細><額>1</額></明細>';

/** Elements of which somebody made a handle. */
function made(document: XmlDocument): number {
  const handles: unknown = Reflect.get(document, 'handles');
  return handles instanceof Map ? handles.size : Number.POSITIVE_INFINITY;
}

function listed(content: string) {
  const document = parseXml(
    toUtf8(`<!-- a --><届出>${content}<Signature><!-- s --></Signature></届出><!-- z -->`),
  );
  const [signature] = document.elementsCalled('Signature');
  if (signature === undefined) throw new Error('no Signature');
  const parts = unsignedParts(document, { element: document.root, wholeDocument: true }, signature);
  return { document, parts };
}

describe('what is listed as unsigned', () => {
  test('is found without a node for what is not listed', () => {
    const { document, parts } = listed(`${ENTRY.repeat(ENTRIES)}<!-- one -->${ENTRY}`);
    expect(parts.map(({ kind }) => kind)).toEqual(['comment', 'comment', 'comment']);
    expect(made(document)).toBeLessThan(10);
  });

  test('is every comment but the Signature’s, in document order, wherever it stands', () => {
    const { document, parts } = listed('<!--1--><a b="&amp;"><![CDATA[x]]><!--2--></a><?p?>&#65;<!--3-->');
    const text = Buffer.from(document.octets).toString('utf8');
    const at = (comment: string) => Buffer.byteLength(text.slice(0, text.indexOf(comment)));
    const expected = ['<!-- a -->', '<!--1-->', '<!--2-->', '<!--3-->', '<!-- z -->'].map(at);
    expect(parts.map(({ offset }) => offset)).toEqual(expected);
  });

  test('a comment in content that looks like one in text is not one', () => {
    const { parts } = listed('<![CDATA[<!-- no -->]]>&lt;!-- no --><a b="&lt;!-- no --&gt;"/>');
    expect(parts.length).toBe(2);
  });
});
