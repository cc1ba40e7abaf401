import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hexSha256 } from '../../../src/core/digest/sha256.ts';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { asJitsuinError } from '../../../src/core/errors.ts';
import { prepareSignature, resumePrepared } from '../../../src/core/xmldsig/prepare.ts';
import {
  factsOf,
  readPreparedState,
  withShown,
  writeStateBeside,
} from '../../../src/core/xmldsig/prepared-state.ts';
import { prepare } from '../../../src/rp/prepare.ts';

const DOCUMENTS = {
  'an element': '<届出><氏名>模擬</氏名></届出>',
  'an empty-element tag': '<届出/>',
  'an empty-element tag with room': '<a:b xmlns:a="urn:a"  />\n',
  'content like the end of what is put in': '<届出><届出></届出></届出>\n',
  'what the inserted begins and ends with': '<届出>Signature></Signature&gt;</届出>',
} as const;

const NOTHING = {
  profile: 'enveloped',
  data: '',
  signedOctetsSha256: '',
  signed: { localName: 'a', namespace: '', wholeDocument: true },
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
      const { data, skeleton, signedOctetsSha256, signedElement: signed } = prepared;
      const stored = { profile: 'enveloped', data, skeleton, signedOctetsSha256, signed } as const;
      const kept = { prepared: writeStateBeside(stored, document), document };
      expect(readPreparedState(kept).skeleton).toEqual(prepared.skeleton);
      expect(resumePrepared(kept)).toEqual(prepared);
    });

  test('whatever is put in or taken away in one place', () => {
    const octets = fc.uint8Array({ maxLength: 40 });
    const property = fc.property(octets, octets, octets, octets, (before, out, into, after) => {
      const document = Uint8Array.from([...before, ...out, ...after]);
      const skeleton = Uint8Array.from([...before, ...into, ...after]);
      const prepared = writeStateBeside({ ...NOTHING, skeleton }, document);
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

  test('knows what was found, and of which document', () => {
    const document = toUtf8('<届出><額>100</額></届出>');
    const { prepared } = prepare(document, { profile: 'enveloped', mode: 'digest-info' });
    const { signedOctetsSha256, signedElement } = resumePrepared({ prepared, document });
    const { localName, namespace } = signedElement;
    expect(factsOf({ prepared, document })).toEqual({
      documentSha256: hexSha256(document),
      signedOctetsSha256,
      signed: { localName, namespace },
    });
    const other = toUtf8('<届出><額>900</額></届出>');
    expect(codeOf(() => factsOf({ prepared, document: other }))).toBe('xmldsig.state');
    const { facts: _left, ...older } = JSON.parse(prepared);
    expect(factsOf({ prepared: JSON.stringify(older), document })).toBeUndefined();
    for (const facts of [
      7,
      {},
      { ..._left, signed: 7 },
      { ..._left, documentSha256: 7 },
      { ..._left, signed: { id: 7 } },
    ])
      expect(codeOf(() => factsOf({ prepared: JSON.stringify({ ...older, facts }), document }))).toBe(
        'xmldsig.state',
      );
  });
});
