import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../src/core/errors.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { refusal } from '../../support/refusal.ts';

const WF = 'xml.not-well-formed';
const NS = 'xml.namespace';

const ILL_FORMED: readonly (readonly [ErrorCode, string])[] = [
  [WF, ''],
  [WF, ' '],
  [WF, '{"json": true}'],
  [WF, 'text'],
  [WF, '<a/>text'],
  [WF, 'text<a/>'],
  [WF, '<a/><b/>'],
  [WF, '<a>'],
  [WF, '<a'],
  [WF, '<a b'],
  [WF, '<a b="'],
  [WF, '<a b="1"'],
  [WF, '<a></b>'],
  [WF, '<a></a'],
  [WF, '<a><b></a></b>'],
  [WF, '</a>'],
  [WF, '<a b=1/>'],
  [WF, '<a b/>'],
  [WF, '<a b="1"c="2"/>'],
  [WF, '<a b="1" b="2"/>'],
  [WF, '<a b="<"/>'],
  [WF, '<a b="&"/>'],
  [WF, '<a>&</a>'],
  [WF, '<a>&b;</a>'],
  [WF, '<a>&amp</a>'],
  [WF, '<a>&AMP;</a>'],
  [WF, '<a>&#0;</a>'],
  [WF, '<a>&#xD800;</a>'],
  [WF, '<a>&#xFFFE;</a>'],
  [WF, '<a>&#x110000;</a>'],
  [WF, '<a>&#;</a>'],
  [WF, '<a>&#x;</a>'],
  [WF, '<a>&#X41;</a>'],
  [WF, '<a>&#4A;</a>'],
  [WF, '<a b="&#1;"/>'],
  [WF, '<a>]]></a>'],
  [WF, '<a><![CDATA[x</a>'],
  [WF, '<a><![cdata[x]]></a>'],
  [WF, '<![CDATA[x]]><a/>'],
  [WF, '<a><!-- -- --></a>'],
  [WF, '<a><!-- x ---></a>'],
  [WF, '<a><!-- x </a>'],
  [WF, '<a><?xml x?></a>'],
  [WF, '<a><?XmL?></a>'],
  [WF, '<a><?p</a>'],
  [WF, '<a><??></a>'],
  [WF, '<a><?1?></a>'],
  [WF, '<a><?p"x"?></a>'],
  [WF, ' <?xml version="1.0"?><a/>'],
  [WF, '<?xml?><a/>'],
  [WF, '<?xml encoding="UTF-8"?><a/>'],
  [WF, '<?xml version="1.0" standalone="maybe"?><a/>'],
  [WF, '<?xml version="1.0" standalone="yes" encoding="UTF-8"?><a/>'],
  [WF, '<?xml version="1.0\'?><a/>'],
  [WF, '<?xml version="1.0"encoding="UTF-8"?><a/>'],
  [WF, '<1a/>'],
  [WF, '<-a/>'],
  [WF, '< a/>'],
  [WF, '<a/ >'],
  [WF, '<×/>'],
  [WF, '<a×/>'],
  [WF, '<氏\u3000名/>'],
  [WF, '<a>\u0000</a>'],
  [WF, '<a>\u0001</a>'],
  [WF, '<a>\u001b</a>'],
  [WF, '<a b="\u000c"/>'],
  [WF, '<a>\uffff</a>'],
  [WF, '<a b="\ufffe"/>'],
  [WF, '<a><!--\u0008--></a>'],
  [WF, '<a><![CDATA[\uffff]]></a>'],
  [WF, '<a><!-- -\u0001--></a>'],
  [WF, '<a><![CDATA[]\u0001]]></a>'],
  [WF, '<a><?p ?\u0001?></a>'],
  [WF, '\ufeff\ufeff<a/>'],
  [WF, '<a><!ELEMENT b></a>'],
  [WF, '<!-- only -->'],
  [WF, '<p>one<br>two</p>'],
  [WF, '+ADw-a/+AD4-'],
  // Names are looked for where they stood in the record before: longer, shorter and other names there are read anew.
  [WF, '<r><a b=""/><a b="" b=""/></r>'],
  [WF, '<r><ab c="1"/><r/><ab c="1"c="2"/></r>'],
  [WF, '<r><a></a><a></ab></r>'],
  [WF, '<r><a b="1"/><a b×="1"/></r>'],
  [NS, '<r xmlns:p="urn:p"><p:a p:b="1"/><p:a p:b:c="1"/></r>'],
  [NS, '<r><a xmlns:p="urn:p" p:b="1"/><a p:b="1"/></r>'],
  [NS, '<p:a/>'],
  [NS, '<a p:b="1"/>'],
  [NS, '<a:b:c xmlns:a="urn:a"/>'],
  [NS, '<:a/>'],
  [NS, '<a:/>'],
  [NS, '<a :b="1"/>'],
  [NS, '<p:1 xmlns:p="urn:p"/>'],
  [NS, '<a xmlns:p=""/>'],
  [NS, '<a xmlns:xml="urn:x"/>'],
  [NS, '<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>'],
  [NS, '<a xmlns="http://www.w3.org/XML/1998/namespace"/>'],
  [NS, '<a xmlns:xmlns="http://www.w3.org/2000/xmlns/"/>'],
  [NS, '<a xmlns="http://www.w3.org/2000/xmlns/"/>'],
  [NS, '<xmlns:a/>'],
  [NS, '<a xmlns:p="urn:p" xmlns:q="urn:p" p:b="1" q:b="2"/>'],
  [NS, '<a xmlns:p="urn:p" xmlns:q="urn:&#112;" p:b="1" c="" q:b="2"/>'],
  [NS, '<a><b xmlns:p="urn:p"/><p:c/></a>'],
  [NS, '<a><?p:q?></a>'],
];

describe('what is not XML 1.0 with namespaces is refused', () => {
  it.each(ILL_FORMED)('%s %s', (code, text) => {
    expect(refusal(() => parseXml(Buffer.from(text))).code).toBe(code);
  });

  it('says where, by line, character and octet', () => {
    expect(refusal(() => parseXml(Buffer.from('<申請書>\n 氏名&x;</申請書>'))).at).toBe('2:4 (octet 19)');
  });
});

describe('document types are refused before anything of them is processed', () => {
  it.each([
    '<!DOCTYPE a><a/>',
    '<!DOCTYPE a []><a/>',
    '<!doctype a><a/>',
    '<!DOCTYPE',
    '\ufeff<?xml version="1.0"?><!-- x --><?p?>\n<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY % p SYSTEM "http://127.0.0.1/">%p;]><a>&x;</a>',
    '<!DOCTYPE a [<!ATTLIST a b NMTOKENS #IMPLIED>]><a b=" 1 "/>',
    '<!DOCTYPE a [<!ATTLIST a xmlns CDATA #FIXED "urn:a">]><a/>',
    '<!DOCTYPE a [ this is not even a document type',
    '<a/><!DOCTYPE a>',
    '<a><!DOCTYPE a></a>',
  ])('%s', (text) => {
    expect(refusal(() => parseXml(Buffer.from(text))).code).toBe('xml.dtd');
  });

  it('X4 entities that would expand to gigabytes are never expanded: the memory would not hold them', () => {
    const levels = [...Array(30).keys()].map((n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`);
    const laughs = `<!DOCTYPE a [<!ENTITY e0 "ha">${levels.join('')}]><a b="&e30;">&e30;</a>`;
    const blowUp = `<!DOCTYPE a [<!ENTITY e "${'x'.repeat(400_000)}">]><a>${'&e;'.repeat(200_000)}</a>`;
    for (const text of [laughs, blowUp, '<!DOCTYPE a [<!ENTITY e "&e;">]><a>&e;</a>']) {
      expect(refusal(() => parseXml(Buffer.from(text))).code).toBe('xml.dtd');
    }
  });
});
