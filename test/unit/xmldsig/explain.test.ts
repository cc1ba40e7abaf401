import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromUtf8, toUtf8 } from '../../../src/core/encoding.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { explainDigest } from '../../../src/verifier/explain/explain.ts';
import { firstDifference } from '../../../src/verifier/explain/first-difference.ts';
import { APPLICATION, PROFILES, QUALIFIED_APPLICATION } from '../../support/xmldsig/documents.ts';
import { replaceOnce, resign, signDocument } from '../../support/xmldsig/signing.ts';

/** A document whose signer digested other octets than the profile says, and signed honestly. */
function digesting(document: string, octets: string | Uint8Array): Uint8Array {
  const digest = createHash('sha256').update(octets).digest('base64');
  return toUtf8(resign(replaceOnce(document, /(<DigestValue>)[^<]*/, (_, tag) => `${tag}${digest}`)));
}

const element = /<申請書.*<\/申請書>/s.exec(APPLICATION)?.[0] ?? '';
const guideline = signDocument(APPLICATION, 'guideline');
/** As a pretty-printer would write it. */
const indentedBy = (unit: string) => {
  const tags = element.replace(/>\s+</g, '><').split(/(?<=>)(?=<)/);
  let depth = 0;
  return tags
    .map((tag) => {
      if (tag.startsWith('</')) depth -= 1;
      const line = `${unit.repeat(depth)}${tag}`;
      if (!tag.includes('</')) depth += 1;
      return line;
    })
    .join('\n');
};
const causeOf = (document: Uint8Array, options = {}) =>
  explainDigest(document, { profile: 'guideline', ...options }).cause?.name;

describe('explainDigest', () => {
  it.each(PROFILES)('agrees with a good document, profile %s', (profile) => {
    const explanation = explainDigest(toUtf8(signDocument(APPLICATION, profile)), { profile });
    expect(explanation.foundDigest).toBe(explanation.expectedDigest);
    expect(explanation.cause?.name).toBe('profile');
    expect(explanation.difference).toBeUndefined();
  });

  it.each<[string, string | Uint8Array]>([
    ['line-ends-crlf', element.replaceAll('\n', '\r\n')],
    ['line-ends-cr-reference', element.replaceAll('\n', '&#xD;\n')],
    ['indentation-removed', element.replace(/>\s+</g, '><')],
    ['trailing-line-end', `${element}\n`],
    ['byte-order-mark', `\ufeff${element}`],
    ['normalization-nfkc', element.normalize('NFKC')],
    ['encoding-utf-16le', Buffer.from(element, 'utf16le')],
    ['content-only', element.replace(/^<[^>]*>|<[^>]*>$/g, '')],
    ['indentation-2', indentedBy('  ')],
    ['indentation-4', indentedBy('    ')],
    ['indentation-tab', indentedBy('\t')],
  ])('names %s', (cause, octets) => {
    expect(causeOf(digesting(guideline, octets))).toBe(cause);
  });

  it.each<[string, string, (canonical: string) => string]>([
    ['normalization-nfc', 'か\u3099', (canonical) => canonical.normalize('NFC')],
    ['normalization-nfd', 'が', (canonical) => canonical.normalize('NFD')],
    ['line-ends-without-cr', 'a&#xD;\nb', (canonical) => canonical.replaceAll('&#xD;', '')],
    ['not-canonicalized', `<b c='1'/>`, () => `<申請書><b c='1'/></申請書>`],
    ['trailing-line-end', '値', (canonical) => `${canonical}\n`],
  ])('names %s in the element', (cause, content, change) => {
    const document = signDocument(`<r><申請書>${content}</申請書></r>`, 'guideline');
    const canonical = fromUtf8(explainDigest(toUtf8(document), { profile: 'guideline' }).foundOctets);
    expect(change(canonical)).not.toBe(canonical);
    expect(causeOf(digesting(document, change(canonical)))).toBe(cause);
  });

  it('names two causes that came together', () => {
    const canonical = fromUtf8(explainDigest(toUtf8(guideline), { profile: 'guideline' }).foundOctets);
    const document = digesting(guideline, canonical.slice(canonical.indexOf('>') + 1, -'</申請書>'.length));
    expect(causeOf(document)).toBe('content-only');
    const both = canonical.slice(canonical.indexOf('>') + 1, -'</申請書>'.length).replaceAll('\n', '\r\n');
    expect(causeOf(digesting(guideline, both))).toBe('content-only, line-ends-crlf');
  });

  it('names C14N 1.1, which does not inherit what 1.0 does', () => {
    const inherited = '<r xml:foo="x"><申請書>値</申請書></r>';
    const document = signDocument(inherited, 'guideline');
    expect(causeOf(digesting(document, '<申請書 xml:foo="x">値</申請書>'))).toBe('profile');
    const based = signDocument(
      '<r xml:base="http://a.example/x/"><申請書 xml:base="y">値</申請書></r>',
      'guideline',
    );
    const joined = '<申請書 xml:base="http://a.example/x/y">値</申請書>';
    expect(causeOf(digesting(based, joined))).toBe('c14n-1.1');
  });

  it('names a cause in a file that begins with a byte order mark', () => {
    const marked = `\ufeff${guideline}`;
    expect(causeOf(toUtf8(marked))).toBe('profile');
    expect(causeOf(digesting(marked, `\ufeff${element}`))).toBe('byte-order-mark');
  });

  it('tries one reading only of a document of more than 4 MB', () => {
    const large = signDocument(`<r><申請書>${'値'.repeat(1_400_000)}</申請書></r>`, 'guideline');
    const { tried, cause } = explainDigest(digesting(large, 'x'), { profile: 'guideline' });
    expect(tried.map(({ cause: name }) => name)).toEqual(['profile']);
    expect(cause).toBeUndefined();
  });

  it('tries the readings after octets that were given and are not it', () => {
    const document = digesting(guideline, element.replaceAll('\n', '\r\n'));
    const explained = explainDigest(document, { profile: 'guideline', expectedOctets: toUtf8('x') });
    expect(explained.tried[0]?.cause).toBe('given-octets');
    expect(explained.cause?.name).toBe('line-ends-crlf');
  });

  it('names the document taken for the element, and the reverse', () => {
    const canonical = fromUtf8(
      explainDigest(toUtf8(signDocument(APPLICATION, 'enveloped')), { profile: 'enveloped' }).foundOctets,
    );
    expect(causeOf(digesting(guideline, canonical))).toBe('document-instead-of-element');
    const reverse = digesting(signDocument(APPLICATION, 'enveloped'), element);
    expect(explainDigest(reverse, { profile: 'enveloped' }).cause?.name).toBe('element-instead-of-document');
  });

  it('names inherited namespaces and comments', () => {
    const options = { signedElement: { name: '申請書' } };
    const signed = signDocument(QUALIFIED_APPLICATION, 'guideline', options);
    const inScope = fromUtf8(explainDigest(toUtf8(signed), { profile: 'guideline', ...options }).foundOctets);
    const apart =
      '<申:申請書 xmlns:申="urn:example:application" Id="application"><共:氏名 xmlns:共="urn:example:common" ';
    const exclusive = inScope
      .replace(/^<申:申請書 [^>]*><共:氏名 /, apart)
      .replace(/<共:額 /, '<共:額 xmlns:共="urn:example:common" ');
    expect(causeOf(digesting(signed, exclusive), options)).toBe('inherited-namespaces');
    const commented = inScope.replace('</共:氏名>', '</共:氏名><!-- note -->');
    expect(causeOf(digesting(signed, commented), options)).toBe('with-comments');
  });

  it('shows the first difference between what was expected and what was found', () => {
    const { difference, expectedOctets } = explainDigest(
      digesting(guideline, element.replaceAll('\n', '\r\n')),
      { profile: 'guideline' },
    );
    expect(difference?.offset).toBe(toUtf8(element).indexOf(0x0a));
    expect(difference?.expected).toContain('⟪\\r⟫\\n');
    expect(difference?.found).toContain('⟪\\n⟫');
    expect(fromUtf8(expectedOctets ?? new Uint8Array())).toContain('\r\n');
  });

  it('uses the octets that the other system gives, and says nothing where it knows nothing', () => {
    const other = toUtf8(element.replace('2025', '2026'));
    const document = digesting(guideline, other);
    expect(causeOf(document)).toBeUndefined();
    const explained = explainDigest(document, { profile: 'guideline', expectedOctets: other });
    expect(explained.cause?.name).toBe('given-octets');
    expect(explained.difference).toMatchObject({
      expected: expect.stringContaining('202⟪6⟫/02'),
      found: expect.stringContaining('202⟪5⟫/02'),
    });
    expect(explained.tried.length).toBe(1);
  });

  it('has nothing to explain for another form', () => {
    const code = (document: string) => {
      try {
        return explainDigest(toUtf8(document), { profile: 'enveloped' }).cause?.name;
      } catch (thrown) {
        return thrown instanceof JitsuinError ? thrown.code : thrown;
      }
    };
    expect(code(APPLICATION)).toBe('xmldsig.unsigned');
    expect(code(guideline)).toBe('xmldsig.other-form');
  });
});

describe('firstDifference', () => {
  it.each<[string, string, number | undefined]>([
    ['abc', 'abc', undefined],
    ['abc', 'abd', 2],
    ['abc', 'ab', 2],
    ['', 'x', 0],
    ['申請', '申告', 3],
  ])('%s and %s part at %s', (expected, found, offset) => {
    expect(firstDifference(toUtf8(expected), toUtf8(found))?.offset).toBe(offset);
  });

  it('escapes what cannot be seen and never cuts a character', () => {
    const difference = firstDifference(toUtf8('葛\u{e0100}か\u202e'), toUtf8('葛か\u202e'));
    expect(difference?.expected).toBe('葛⟪\\u{e0100}⟫か\\u{202e}');
    expect(difference?.found).toBe('葛⟪か⟫\\u{202e}');
  });
});
