import { describe, expect, it } from 'vitest';
import { fromUtf8, toUtf8 } from '../../../src/core/encoding.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { appendToRoot, fillElements } from '../../../src/core/xmldsig/splice.ts';
import { signDocument, verdict, verify } from '../../support/xmldsig/signing.ts';

describe('fillElements', () => {
  it('puts each text into its element, in whatever order they are given', () => {
    const document = parseXml(toUtf8('<r>\r\n<a></a> <b ></b></r>'));
    const [a, b] = document.root.childElements();
    if (a === undefined || b === undefined) throw new Error('no elements');
    const filled = fillElements(document, [
      { element: b, text: '二' },
      { element: a, text: '一' },
    ]);
    expect(fromUtf8(filled)).toBe('<r>\r\n<a>一</a> <b >二</b></r>');
  });
});

describe('appendToRoot', () => {
  it.each([
    ['<r>\r\n</r >\n', '<r>\r\n<x/></r >\n'],
    ['<p:r xmlns:p="urn:p" />', '<p:r xmlns:p="urn:p" ><x/></p:r>'],
  ])('%j', (document, appended) => {
    expect(fromUtf8(appendToRoot(parseXml(toUtf8(document)), '<x/>'))).toBe(appended);
  });
});

describe('completion judges the element that was prepared', () => {
  it.each([
    ['guideline', '<r><届>値</届><申請書/></r>', { name: '届' }],
    ['by-id', '<r><a Id="x">値</a><b Id="y">値</b></r>', { id: 'y' }],
    ['by-id', '<r><a Id="x">値</a><b Id="y">値</b></r>', { name: 'a' }],
  ] as const)('profile %s, %s, %o', (profile, document, signedElement) => {
    const signed = signDocument(document, profile, { signedElement });
    expect(verdict(verify(signed, profile, { signedElement }))).toBe('TOTAL-PASSED');
    const local = 'name' in signedElement ? signedElement.name : 'b';
    const changed = signed
      .replace(`<${local} `, `<${local} z="1" `)
      .replace(`<${local}>`, `<${local} z="1">`);
    expect(verdict(verify(changed, profile, { signedElement }))).toBe('reference-digest xmldsig.digest');
  });
});
