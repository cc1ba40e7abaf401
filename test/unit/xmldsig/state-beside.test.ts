import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { asJitsuinError } from '../../../src/core/errors.ts';
import { prepareSignature, resumePrepared } from '../../../src/core/xmldsig/prepare.ts';
import { readPreparedState, withShown, writeStateBeside } from '../../../src/core/xmldsig/prepared-state.ts';
import { prepare } from '../../../src/rp/prepare.ts';

const DOCUMENTS = {
  'an element': '<届出><氏名>模擬</氏名></届出>',
  'an empty-element tag': '<届出/>',
  'an empty-element tag with room': '<a:b xmlns:a="urn:a"  />\n',
  'content like the end of what is put in': '<届出><届出></届出></届出>\n',
  'what the inserted begins and ends with': '<届出>Signature></Signature&gt;</届出>',
} as const;

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (thrown) {
    return asJitsuinError(thrown).code;
  }
}

describe('the state of a prepared signature beside its document', () => {
  for (const [name, text] of Object.entries(DOCUMENTS))
    test(`gives the very skeleton back: ${name}`, () => {
      const document = toUtf8(text.replace('Signature></', 'Signature&gt;&lt;/'));
      const prepared = prepareSignature(document, { profile: 'enveloped' });
      const { data, skeleton } = prepared;
      const kept = {
        prepared: writeStateBeside({ profile: 'enveloped', data, skeleton }, document),
        document,
      };
      expect(readPreparedState(kept).skeleton).toEqual(prepared.skeleton);
      expect(resumePrepared(kept)).toEqual(prepared);
    });

  test('whatever is put in or taken away in one place', () => {
    const octets = fc.uint8Array({ maxLength: 40 });
    const property = fc.property(octets, octets, octets, octets, (before, out, into, after) => {
      const document = Uint8Array.from([...before, ...out, ...after]);
      const skeleton = Uint8Array.from([...before, ...into, ...after]);
      const prepared = writeStateBeside({ profile: 'enveloped', data: '', skeleton }, document);
      expect(readPreparedState({ prepared, document }).skeleton).toEqual(skeleton);
    });
    fc.assert(property, { numRuns: 300 });
  });

  test('does not grow with the document', () => {
    const of = (octets: number) =>
      prepare(toUtf8(`<a>${'x'.repeat(octets)}</a>`), { profile: 'enveloped', mode: 'digest-info' }).prepared;
    expect(of(200_000).length - of(10).length).toBeLessThan(20);
  });

  test('belongs to its document, and is nothing without it', () => {
    const document = toUtf8('<届出><額>100</額></届出>');
    const { prepared } = prepare(document, { profile: 'enveloped', mode: 'digest-info' });
    const other = toUtf8('<届出><額>900</額></届出>');
    expect(codeOf(() => resumePrepared({ prepared, document: other }))).toBe('xmldsig.digest');
    expect(codeOf(() => resumePrepared({ prepared, document: document.subarray(0, 9) }))).toBe(
      'xmldsig.state',
    );
    expect(codeOf(() => resumePrepared(prepared))).toBe('xmldsig.state');
  });

  test('an offset that is none is no state', () => {
    const document = toUtf8('<a/>');
    const { prepared } = prepare(document, { profile: 'enveloped', mode: 'digest-info' });
    const fields = JSON.parse(prepared) as { insertion: object };
    for (const wrong of [{ start: -1 }, { start: 9, end: 3 }, { end: 99 }, { start: '0' }, { octets: 5 }]) {
      const changed = JSON.stringify({ ...fields, insertion: { ...fields.insertion, ...wrong } });
      expect(codeOf(() => resumePrepared({ prepared: changed, document }))).toBe('xmldsig.state');
    }
    expect(
      codeOf(() => resumePrepared({ prepared: JSON.stringify({ ...fields, insertion: null }), document })),
    ).toBe('xmldsig.state');
  });

  test('a state that holds its document, from an older program, is still read', () => {
    const document = toUtf8('<届出/>');
    const { state } = prepareSignature(document, { profile: 'enveloped' });
    const prepared = withShown(state, { displayName: '届出', identificationCode: 'ABCD' });
    expect(resumePrepared({ prepared, document }).data).toBe(resumePrepared(state).data);
  });
});
