import { describe, expect, it } from 'vitest';
import { disputedConstructs } from '../../../src/core/c14n/disputed.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';

const disputed = (text: string): string[] => disputedConstructs(parseXml(Buffer.from(text)));

describe('disputed constructs are named', () => {
  it.each([
    ['namespace-name-markup', '<a xmlns="urn:&amp;"/>'],
    ['namespace-name-iri', '<a xmlns="http://example.jp/様式"/>'],
    ['node-after-empty-root', '<a/><!-- x -->'],
    ['node-after-empty-root', '<a></a><?x?>'],
    ['fifth-edition-name', '<﨑/>'],
    ['fifth-edition-name', '<ー/>'],
    ['fifth-edition-name', '<a><b 𠮷=""/></a>'],
  ])('%s %s', (construct, text) => {
    expect(disputed(text)).toEqual([construct]);
  });

  it.each([
    '<a xmlns="urn:a" xml:lang="ja"/>',
    '<a>x</a><!-- x -->',
    '<!-- x --><a/>',
    '<様式:a xmlns:様式="urn:a" 様式:氏名=""/>',
    '<申請書><氏名 ふりがな="やまだー"/></申請書>',
  ])('nothing in %s', (text) => {
    expect(disputed(text)).toEqual([]);
  });

  it('an xml attribute on two left-out ancestors concerns the subtree only', () => {
    const document = parseXml(
      Buffer.from('<a xml:lang="ja"><b xml:lang="en"><c/><d xml:lang="fr"/></b></a>'),
    );
    const verdict = (name: string): string[] =>
      document
        .elementsNamed('', name)
        .flatMap((element) => disputedConstructs(document, { kind: 'element', element }));
    expect(verdict('c')).toEqual(['inherited-xml-attribute']);
    expect(verdict('d')).toEqual([]);
    expect(verdict('b')).toEqual([]);
    expect(disputedConstructs(document)).toEqual([]);
  });
});
