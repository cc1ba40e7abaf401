import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { prepareSignature } from '../../../src/core/xmldsig/prepare.ts';
import { type ViewedNode, viewOfPrepared } from '../../../src/core/xmldsig/signed-view.ts';

const LIMITS = { nodes: 100, text: 100 };

const DOCUMENT = `<?xml version="1.0"?><!-- before --><?pi one?>
<届出 xmlns="urn:x"><控え>写し</控え><申請書 種別="新規"><!-- inside --><氏名>住民&#x3c;太郎<![CDATA[<b>]]></氏名><空> </空></申請書></届出>`;

function view(profile: 'enveloped' | 'guideline', limits = LIMITS, document = DOCUMENT) {
  const { state } = prepareSignature(toUtf8(document), { profile });
  return viewOfPrepared(state, limits);
}

/** `name coverage` of elements and `text coverage` of the rest, flat. */
function flat(nodes: readonly ViewedNode[]): string[] {
  return nodes.flatMap((node) =>
    node.kind === 'element'
      ? [`${node.name} ${node.coverage}`, ...flat(node.children)]
      : [`${node.text} ${node.coverage}`],
  );
}

describe('what a person sees of the document before signing', () => {
  it('profile guideline: only the agreed element is signed, and no comment', () => {
    expect(flat(view('guideline').nodes)).toEqual([
      ' before  not-signed',
      'one not-signed',
      '届出 not-signed',
      '控え not-signed',
      '写し not-signed',
      '申請書 signed',
      ' inside  not-signed',
      '氏名 signed',
      '住民<太郎 signed',
      '<b> signed',
      '空 signed',
      '  signed',
      'Signature signature',
    ]);
  });

  it('profile enveloped: all but comments and the Signature', () => {
    const marks = flat(view('enveloped').nodes);
    expect(marks).toContain('one signed');
    expect(marks).toContain('写し signed');
    expect(marks.filter((mark) => mark.endsWith('not-signed'))).toEqual([
      ' before  not-signed',
      ' inside  not-signed',
    ]);
    expect(marks.at(-1)).toMatch(/Signature signature$/);
  });

  it('attributes and namespaces are told', () => {
    const [root] = view('guideline').nodes.filter((node) => node.kind === 'element');
    expect(root).toMatchObject({ name: '届出', namespace: 'urn:x' });
    const signed = root?.children.find((node) => node.kind === 'element' && node.name === '申請書');
    expect(signed).toMatchObject({ attributes: [{ name: '種別', value: '新規' }] });
    expect(signed).not.toHaveProperty('namespace');
  });

  it('a large document is cut, and says so; a small one is not', () => {
    expect(view('guideline').cut).toBe(false);
    const few = view('guideline', { nodes: 5, text: 100 });
    // the declaration of the root's namespace is the fifth
    expect([few.cut, flat(few.nodes).length]).toEqual([true, 4]);
    const short = view('guideline', { nodes: 100, text: 3 }, '<a><申請書>ab\u{20bb7}cd</申請書></a>');
    expect(short.cut).toBe(true);
    expect(flat(short.nodes)).toContain('ab signed');
  });
});
