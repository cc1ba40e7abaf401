import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { prepareSignature } from '../../../src/core/xmldsig/prepare.ts';
import { viewOfPrepared } from '../../../src/core/xmldsig/signed-view.ts';
import { documentView } from '../../../src/web/applicant/document-view.ts';

const LIMITS = { nodes: 50, text: 50 };

function shown(xml: string, profile: 'enveloped' | 'guideline', limits = LIMITS): string {
  return documentView(viewOfPrepared(prepareSignature(toUtf8(xml), { profile }).state, limits)).markup;
}

describe('A15: the viewer of the document', () => {
  it('shows markup of the document as text only', () => {
    const markup = shown(
      '<a b="&quot;>&lt;img src=x>"><申請書><![CDATA[<script>x</script>]]></申請書></a>',
      'guideline',
    );
    expect(markup).not.toMatch(/<script|<img/);
    expect(markup).toContain('&lt;script&gt;x&lt;/script&gt;');
  });

  it.each(['\ufeff', '\u00a0', '\u2003', '\u2028', '\u202f', '\u3000', '\u3000\n'])(
    'text of %j alone stands, beside others and by itself',
    (blank) => {
      const point = `U+${blank.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
      expect(shown(`<a><b>一</b>${blank}<c/></a>`, 'enveloped')).toContain(point);
      expect(shown(`<a>${blank}</a>`, 'enveloped')).toContain(point);
    },
  );

  it('shows the namespace declarations that are signed, and each once', () => {
    const xml = '<a xmlns="urn:x" xmlns:p="urn:p"><b xmlns="urn:x" p:c="1"><d xmlns=""/></b></a>';
    const markup = shown(xml, 'enveloped');
    expect(markup).toContain('xmlns = urn:x');
    expect(markup).toContain('xmlns:p = urn:p');
    expect(markup).toContain('xmlns = <em>(空)</em>');
    expect(markup.match(/xmlns = /g)).toHaveLength(3); // the Signature's own too
  });

  it('says where the signature begins to cover and where it ends', () => {
    const markup = shown('<a><申請書>一</申請書><控え>二</控え></a>', 'guideline');
    expect(markup.match(/class="coverage [a-z-]+"/g)).toEqual([
      'class="coverage not-signed"',
      'class="coverage signed"',
      'class="coverage signature"',
    ]);
    expect(markup).toContain('id="unsigned-note"');
  });

  it('says nothing where all is covered', () => {
    const markup = shown('<a><b>一</b></a>', 'enveloped');
    expect(markup).not.toContain('unsigned-note');
    expect(markup.match(/class="coverage [a-z-]+"/g)).toEqual(['class="coverage signature"']);
  });

  it('says that a large document is cut, and only then', () => {
    const xml = `<a>${'<b>x</b>'.repeat(60)}</a>`;
    expect(shown(xml, 'enveloped')).toContain('id="cut-note"');
    expect(shown(xml, 'enveloped', { nodes: 500, text: 50 })).not.toContain('id="cut-note"');
  });
});
