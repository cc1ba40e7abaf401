import { describe, expect, it } from 'vitest';
import { parseXml } from '../../../src/core/xml/parse.ts';

const TEXT = `<?xml version="1.0"?><!-- 前 --><?p x?>
<r xmlns="urn:r" xmlns:p="urn:p" Id="一"><氏名 xml:id="n" p:a='1&#10;2
3'>住民<!-- x -->太&#x90CE;<![CDATA[&]]></氏名><空/><p:空 xmlns:p="urn:q" id="一" p:b=""></p:空 ><?q y?></r>
<!-- 後 -->`;
const octets = Buffer.from(TEXT);
const document = parseXml(octets);
const source = (from: number, to: number): string => octets.subarray(from, to).toString();

describe('reading from the parse', () => {
  const [name, empty, other] = document.root.childElements();
  if (name === undefined || empty === undefined || other === undefined)
    throw new Error('The test document lost an element.');

  it('gives names, namespaces and parents', () => {
    const { root } = document;
    expect([root.localName, root.namespaceUri, root.prefix, root.parent]).toEqual([
      'r',
      'urn:r',
      '',
      undefined,
    ]);
    expect([other.localName, other.namespaceUri, other.prefix, other.parent]).toEqual([
      '空',
      'urn:q',
      'p',
      root,
    ]);
    expect([...name.namespacesInScope()]).toEqual([
      ['', 'urn:r'],
      ['p', 'urn:p'],
    ]);
    expect([...other.namespacesInScope()]).toEqual([
      ['', 'urn:r'],
      ['p', 'urn:q'],
    ]);
  });

  it('gives offsets into the octets', () => {
    expect(source(name.start, name.contentStart)).toBe('<氏名 xml:id="n" p:a=\'1&#10;2\n3\'>');
    expect(source(name.contentEnd, name.end)).toBe('</氏名>');
    expect([empty.emptyTag, empty.contentStart, empty.contentEnd]).toEqual([true, empty.end, empty.end]);
    expect([other.emptyTag, other.contentStart]).toEqual([false, other.contentEnd]);
    expect(source(other.contentEnd, other.end)).toBe('</p:空 >');
  });

  it('gives attributes decoded and normalized, without declarations', () => {
    expect(
      name.attributes.map(({ name: written, namespaceUri, localName, value }) => [
        written,
        namespaceUri,
        localName,
        value,
      ]),
    ).toEqual([
      ['xml:id', 'http://www.w3.org/XML/1998/namespace', 'id', 'n'],
      ['p:a', 'urn:p', 'a', '1\n2 3'],
    ]);
    expect(other.attribute('b', 'urn:q')).toBe('');
    expect(other.attribute('b', 'urn:p')).toBeUndefined();
    expect(other.attribute('id')).toBe('一');
  });

  it('gives the whole character data and says what else was there', () => {
    expect(name.text()).toEqual({
      value: '住民太郎&',
      plain: false,
      elements: 0,
      comments: 1,
      processingInstructions: 0,
      cdataSections: 1,
    });
    expect(document.root.text()).toMatchObject({
      value: '住民太郎&',
      elements: 3,
      processingInstructions: 1,
    });
    expect(parseXml(Buffer.from('<a>1&amp;\r\n2</a>')).root.text()).toMatchObject({
      value: '1&\n2',
      plain: true,
    });
  });

  it('gives all children in order', () => {
    expect(name.children().map((node) => (node.kind === 'element' ? '' : [node.kind, node.value]))).toEqual([
      ['text', '住民'],
      ['comment', ' x '],
      ['text', '太郎'],
      ['cdata', '&'],
    ]);
    expect(document.root.children().map(({ kind }) => kind)).toEqual([
      'element',
      'element',
      'element',
      'processing-instruction',
    ]);
    expect(empty.children()).toEqual([]);
  });

  it('gives what stands outside the document element', () => {
    expect(document.outsideNodes().map(({ kind, value }) => [kind, value])).toEqual([
      ['comment', ' 前 '],
      ['processing-instruction', 'x'],
      ['comment', ' 後 '],
    ]);
    expect(
      parseXml(Buffer.from('<!--1--><a/>'))
        .outsideNodes()
        .map(({ value }) => value),
    ).toEqual(['1']);
  });

  it('finds elements by expanded name and by Id, the same object each time', () => {
    expect(document.elementsNamed('urn:r', '空')).toEqual([empty]);
    expect(document.elementsNamed('urn:q', '空')[0]).toBe(other);
    expect(document.elementsNamed('', '空')).toEqual([]);
    expect(document.elementsWithId('一')).toEqual([document.root, other]);
    expect(document.elementsWithId('n')).toEqual([name]);
    expect(document.elementsWithId('')).toEqual([]);
    expect(document.elementCount).toBe(4);
    expect(document.elementsCalled('空')).toEqual([empty, other]);
    expect(document.elementsCalled('')).toEqual([]);
  });

  it('tells elements of one name in several namespaces apart', () => {
    const mixed = parseXml(Buffer.from('<a xmlns="urn:1"><b/><b xmlns="urn:2"/><b xmlns=""/><b/></a>'));
    const count = (namespaceUri: string) => mixed.elementsNamed(namespaceUri, 'b').length;
    expect([count('urn:1'), count('urn:2'), count('')]).toEqual([2, 1, 1]);
    expect(mixed.root.childElements().map(({ namespaceUri }) => namespaceUri)).toEqual([
      'urn:1',
      'urn:2',
      '',
      'urn:1',
    ]);
  });

  it('tells an attribute without a prefix from one with', () => {
    const { root } = parseXml(Buffer.from('<a xmlns:p="urn:p" p:Id="1" Id="2" p:b="3"/>'));
    expect([root.attribute('Id'), root.attribute('Id', 'urn:p'), root.attribute('b')]).toEqual([
      '2',
      '1',
      undefined,
    ]);
  });

  it('counts comments wherever they stand, and nothing that only looks like one', () => {
    const counted = (text: string) => parseXml(Buffer.from(text)).commentCount;
    expect(counted('<!--1--><a><!--2--><b><!--3--></b></a><!--4-->')).toBe(4);
    expect(counted('<a b="--"><![CDATA[<!-- x -->]]><?p <!-- x -->?></a>')).toBe(0);
  });
});
