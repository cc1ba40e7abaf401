import { describe, expect, it } from 'vitest';
import {
  C14N_1_0,
  C14N_1_0_WITH_COMMENTS,
  C14N_1_1,
  C14N_ALGORITHMS,
  EXC_C14N,
  EXC_C14N_WITH_COMMENTS,
  isC14nUri,
} from '../../../src/core/c14n/algorithms.ts';
import { canonicalize, canonicalOctets } from '../../../src/core/c14n/canonicalize.ts';
import type { C14nMethod } from '../../../src/core/c14n/targets.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { refusal } from '../../support/refusal.ts';

const whole = (text: string, method: C14nMethod = { algorithm: C14N_1_0 }): string =>
  Buffer.from(canonicalOctets(parseXml(Buffer.from(text)), { kind: 'document' }, method)).toString();

/** Canonical form of the first element of this local name, whatever its namespace is given as. */
function subtree(text: string, localName: string, method: C14nMethod, namespaceUri = ''): string {
  const document = parseXml(Buffer.from(text));
  const [element] = document.elementsNamed(namespaceUri, localName);
  if (element === undefined) throw new Error(`No ${localName}.`);
  return Buffer.from(canonicalOctets(document, { kind: 'element', element }, method)).toString();
}

const CANONICAL = '<申請書 a="1" b="2"><氏名>山田&amp;</氏名><e></e></申請書>';

describe('documents in another spelling have the same canonical form', () => {
  it.each([
    CANONICAL,
    `\ufeff<?xml version="1.0" encoding="utf-8"?>\n${CANONICAL}\n`,
    '<申請書 b="2" a="1"><氏名>山田&amp;</氏名><e/></申請書>',
    "<申請書 a='1' b='2'><氏名>山田&#38;</氏名><e></e></申請書>",
    '<申請書\n  a = "1"\tb="2" ><氏名 >山田&#x26;</氏名\n><e /></申請書 >',
    '<申請書 a="&#49;" b="2"><氏名><![CDATA[山田&]]></氏名><e><!-- 空 --></e></申請書>',
    '<申請書 a="1" b="2"><氏名>山<!-- x -->田<![CDATA[]]>&#x0026;</氏名><e/></申請書><!-- 終 -->',
  ])('%s', (text) => {
    expect(whole(text)).toBe(CANONICAL);
  });

  it('line ends become line feeds, and references to carriage returns stay', () => {
    expect(whole('<a>\r\n1\r2\n&#13;</a>')).toBe('<a>\n1\n2\n&#xD;</a>');
    expect(whole('<a b="1\r\n2\t3&#xA;4&#9;5&#xD;"/>')).toBe('<a b="1 2 3&#xA;4&#x9;5&#xD;"></a>');
    expect(whole('<a b="&#xa;" c="&#xd;">&#xd;</a>')).toBe('<a b="&#xA;" c="&#xD;">&#xD;</a>');
  });

  it('other characters are not touched: NEL, LS, composed and decomposed kana, IVS, private use', () => {
    const text = '<a>\u0085\u2028がか\u3099葛\u{E0100}\ue000𠮷〜～</a>';
    expect(whole(text)).toBe(text);
  });

  it('escapes what each place needs and nothing else', () => {
    expect(whole(`<a b='"&lt;>&amp;&apos;'>"'&gt;>&lt;</a>`)).toBe(
      `<a b="&quot;&lt;>&amp;'">"'&gt;&gt;&lt;</a>`,
    );
  });
});

describe('records that nearly repeat', () => {
  it('have each its own names', () => {
    const text =
      '<r><a b="1"></a><ab bc="1"></ab><a b="1" c="2"></a><a></a><氏 名="1"></氏><氏名 名称="1"></氏名></r>';
    expect(whole(text)).toBe(text);
  });

  it('keep every run in its place, short or long, at any distance', () => {
    const record = (n: number) =>
      `<a n="${n}">${'本文'.repeat((n * 37) % 3000)}${n % 3 === 0 ? '<b x="1"/>' : ''}</a>`;
    const text = `<r>${[...Array(400).keys()].map(record).join('')}</r>`;
    expect(whole(text)).toBe(text.replaceAll('<b x="1"/>', '<b x="1"></b>'));
  });

  it('reach a sink in pieces as they are in memory', () => {
    const value = (n: number) => '&#x41;'.repeat(n % 7) + '長い値'.repeat((n * 911) % 1700);
    const text = `<r>${[...Array(300).keys()].map((n) => `<a b='${value(n)}'/>${value(n + 3)}`).join('')}</r>`;
    const document = parseXml(Buffer.from(text));
    const pieces: Buffer[] = [];
    const sink = { update: (octets: Uint8Array) => pieces.push(Buffer.from(octets)) };
    canonicalize(document, { kind: 'document' }, { algorithm: C14N_1_0 }, sink);
    expect(Buffer.concat(pieces).toString()).toBe(whole(text));
    expect(pieces.length).toBeGreaterThan(10);
  });

  it('write what needs respelling in one pass: references beside what they stand for', () => {
    expect(whole(`<a b='"&#x22;&#34;\t&#9;&#xA;\n&amp;lt;&#x20BB7;>&gt;'/>`)).toBe(
      '<a b="&quot;&quot;&quot; &#x9;&#xA; &amp;lt;𠮷>>"></a>',
    );
    expect(whole('<a>&amp;lt;&#38;&#x3e;>&quot;&apos;&#xD;\r&#xA;\r\n&#x20BB7;</a>')).toBe(
      `<a>&amp;lt;&amp;&gt;&gt;"'&#xD;\n\n\n𠮷</a>`,
    );
  });
});

describe('comments and processing instructions', () => {
  it('X8 instructions and attributes that ask for other documents are text', () => {
    const text =
      '<?xml-stylesheet href="http://127.0.0.1/x"?>\n<a xmlns:xi="http://www.w3.org/2001/XInclude" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:a http://127.0.0.1/a.xsd" xml:base="http://127.0.0.1/"><xi:include href="file:///etc/hostname"></xi:include></a>';
    expect(whole(text)).toBe(text);
  });

  const text = '<!--1--><?p  a\r\nb ?>\n<a><!--2\r\n--><?q?><?r \n?></a>\n<!--3--><?s x?>\n';

  it('keeps instructions and leaves comments out', () => {
    expect(whole(text)).toBe('<?p a\nb ?>\n<a><?q?><?r?></a>\n<?s x?>');
  });

  it('keeps comments where the algorithm says so', () => {
    const kept = '<!--1-->\n<?p a\nb ?>\n<a><!--2\n--><?q?><?r?></a>\n<!--3-->\n<?s x?>';
    expect(whole(text, { algorithm: C14N_1_0_WITH_COMMENTS })).toBe(kept);
    expect(whole(text, { algorithm: EXC_C14N_WITH_COMMENTS })).toBe(kept);
  });
});

describe('namespaces and attribute order', () => {
  it('drops superfluous declarations and keeps those that change something', () => {
    expect(
      whole(
        '<a xmlns="urn:a" xmlns:p="urn:p"><b xmlns="urn:a" xmlns:p="urn:p"><c xmlns=""><d xmlns=""/></c></b></a>',
      ),
    ).toBe('<a xmlns="urn:a" xmlns:p="urn:p"><b><c xmlns=""><d></d></c></b></a>');
  });

  it('sorts by namespace name and local name in code point order, not UTF-16 order', () => {
    expect(whole('<a 𠮷="1" 﨑="2" b="3" a="4"/>')).toBe('<a a="4" b="3" 﨑="2" 𠮷="1"></a>');
    expect(whole('<a xmlns:x="urn:2" xmlns:y="urn:1" x:a="1" y:b="2" z="3"/>')).toBe(
      '<a xmlns:x="urn:2" xmlns:y="urn:1" z="3" y:b="2" x:a="1"></a>',
    );
  });

  it('sorts the same names anew where their prefixes are bound otherwise', () => {
    const tag = (p: string, q: string) => `<e xmlns:p="${p}" xmlns:q="${q}" p:x="" q:y=""></e>`;
    expect(whole(`<r>${tag('urn:a', 'urn:b')}${tag('urn:b', 'urn:a')}</r>`)).toBe(
      `<r>${tag('urn:a', 'urn:b')}<e xmlns:p="urn:b" xmlns:q="urn:a" q:y="" p:x=""></e></r>`,
    );
  });

  it('escapes namespace names as attribute values', () => {
    expect(whole('<a xmlns="urn:&amp;&lt;&quot;"/>')).toBe('<a xmlns="urn:&amp;&lt;&quot;"></a>');
  });

  it('takes a namespace name for what it is when the same spelling is declared again', () => {
    const text =
      '<a xmlns="urn:&amp;amp;"><a xmlns="urn:&amp;"><a xmlns="urn:b"><a xmlns="urn:c"></a></a></a></a>';
    expect(whole(text)).toBe(text);
  });

  it.each(['relative', '../x', '//host/x', '#x', '様式'])(
    'refuses the relative namespace name %s',
    (name) => {
      expect(refusal(() => whole(`<a xmlns:p="${name}"/>`)).code).toBe('c14n.relative-namespace');
    },
  );
});

describe('subtrees in their context', () => {
  const text =
    '<r xmlns="urn:r" xmlns:p="urn:p" xmlns:u="urn:u" xml:lang="ja" xml:space="preserve" xml:id="i" xml:base="http://a.jp/b/"><m xml:lang="en" xml:base="c/"><p:x p:y="1"/></m></r>';

  it('C14N 1.0 inherits every xml attribute from the nearest ancestor that has it', () => {
    expect(subtree(text, 'x', { algorithm: C14N_1_0 }, 'urn:p')).toBe(
      '<p:x xmlns="urn:r" xmlns:p="urn:p" xmlns:u="urn:u" xml:base="c/" xml:id="i" xml:lang="en" xml:space="preserve" p:y="1"></p:x>',
    );
  });

  it('C14N 1.1 does not inherit xml:id and joins xml:base', () => {
    expect(subtree(text, 'x', { algorithm: C14N_1_1 }, 'urn:p')).toBe(
      '<p:x xmlns="urn:r" xmlns:p="urn:p" xmlns:u="urn:u" xml:base="http://a.jp/b/c/" xml:lang="en" xml:space="preserve" p:y="1"></p:x>',
    );
  });

  it('an empty xml:base stays as it is where nothing is left out, by every algorithm', () => {
    const base = '<a xml:base="http://a.jp/b/"><b xml:base=""><c xml:base="d"></c></b></a>';
    for (const algorithm of Object.keys(C14N_ALGORITHMS).filter(isC14nUri))
      expect(whole(base, { algorithm })).toBe(base);
    expect(whole('<a xml:base=""/>', { algorithm: C14N_1_1 })).toBe('<a xml:base=""></a>');
    expect(subtree('<a><b xml:base=""/></a>', 'b', { algorithm: C14N_1_1 })).toBe('<b xml:base=""></b>');
    expect(subtree(base, 'b', { algorithm: C14N_1_1 })).toBe(
      '<b xml:base="http://a.jp/b/"><c xml:base="d"></c></b>',
    );
    expect(subtree('<a xml:base="c/d"><b xml:base=".."/></a>', 'b', { algorithm: C14N_1_1 })).toBe('<b></b>');
  });

  it('exclusive declares what only an attribute uses', () => {
    expect(
      subtree('<r xmlns:p="urn:p" xmlns:q="urn:q"><e p:a="1"><f/></e></r>', 'e', { algorithm: EXC_C14N }),
    ).toBe('<e xmlns:p="urn:p" p:a="1"><f></f></e>');
  });

  it('exclusive inherits nothing and declares what names use', () => {
    expect(subtree(text, 'x', { algorithm: EXC_C14N }, 'urn:p')).toBe('<p:x xmlns:p="urn:p" p:y="1"></p:x>');
  });

  it('exclusive with a PrefixList declares those prefixes too', () => {
    const method: C14nMethod = { algorithm: EXC_C14N, inclusivePrefixes: ['#default', 'u', 'none'] };
    expect(subtree(text, 'x', method, 'urn:p')).toBe(
      '<p:x xmlns="urn:r" xmlns:p="urn:p" xmlns:u="urn:u" p:y="1"></p:x>',
    );
  });

  it("keeps the element's own xml attribute", () => {
    expect(subtree('<a xml:lang="ja"><b xml:lang="en"/></a>', 'b', { algorithm: C14N_1_0 })).toBe(
      '<b xml:lang="en"></b>',
    );
  });
});

describe('one element left out', () => {
  const document = parseXml(
    Buffer.from('<a><b/> <s><t xmlns:p="urn:p" p:u="1">x</t></s>\n<c xmlns="urn:c"/></a><!--e-->'),
  );
  const [without] = document.elementsNamed('', 's');
  const [other] = document.elementsNamed('', 'b');

  it.each([C14N_1_0, C14N_1_1, EXC_C14N] as const)('%s', (algorithm) => {
    const octets = canonicalOctets(
      document,
      { kind: 'document', ...(without && { without }) },
      { algorithm },
    );
    expect(Buffer.from(octets).toString()).toBe('<a><b></b> \n<c xmlns="urn:c"></c></a>');
  });

  it('must be inside what is canonicalized, and of this document', () => {
    if (without === undefined || other === undefined) throw new Error('The test document lost an element.');
    const method = { algorithm: C14N_1_0 } as const;
    const foreign = parseXml(Buffer.from('<a/>')).root;
    const targets = [
      { kind: 'element', element: other, without },
      { kind: 'element', element: without, without },
      { kind: 'document', without: document.root },
      { kind: 'element', element: foreign },
    ] as const;
    for (const target of targets) {
      expect(refusal(() => canonicalOctets(document, target, method)).code).toBe('c14n.target');
    }
    const beside = parseXml(Buffer.from(`<a><b/><s>${'x'.repeat(1000)}</s></a>`));
    const [small] = beside.elementsNamed('', 'b');
    const [large] = beside.elementsNamed('', 's');
    if (small === undefined || large === undefined) throw new Error('The test document lost an element.');
    const outside = { kind: 'element', element: small, without: large } as const;
    expect(refusal(() => canonicalOctets(beside, outside, method)).code).toBe('c14n.target');
  });
});

describe('algorithms', () => {
  it.each(['', '__proto__', 'constructor', 'toString', ` ${C14N_1_0}`, C14N_1_0.toUpperCase()])(
    'refuses %s',
    (algorithm) => {
      expect(refusal(() => Reflect.apply(whole, undefined, ['<a/>', { algorithm }])).code).toBe(
        'c14n.algorithm',
      );
    },
  );

  it('refuses a PrefixList for inclusive algorithms', () => {
    expect(refusal(() => whole('<a/>', { algorithm: C14N_1_0, inclusivePrefixes: [] })).code).toBe(
      'c14n.algorithm',
    );
  });
});
