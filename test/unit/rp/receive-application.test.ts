import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TenantId } from '../../../src/core/brand.ts';
import { fromUtf8, toUtf8 } from '../../../src/core/encoding.ts';
import { withDocument } from '../../../src/core/sign-transaction/application.ts';
import { CARD_ALGORITHMS } from '../../../src/core/xmldsig/algorithms.ts';
import { prepareSignature } from '../../../src/core/xmldsig/prepare.ts';
import { agreedSignature } from '../../../src/rp/agreed-signature.ts';
import { IDENTIFICATION_ALPHABET, makeIdentificationCode } from '../../../src/rp/identification-code.ts';
import { assemblyOf } from '../../../src/rp/prepare.ts';
import { type NewApplication, receiveApplication } from '../../../src/rp/receive-application.ts';
import { DOCUMENT, FakeRandom, fakeWorld } from '../../support/fakes.ts';

const fail = (): never => {
  throw new Error('no secrets');
};
const code = (expected: string) => expect.objectContaining({ code: expected });
const input = (fields: Partial<NewApplication> = {}): NewApplication => ({
  tenant: 'city' as TenantId,
  document: DOCUMENT,
  ...fields,
});

describe('receiveApplication', () => {
  it('keeps the document byte for byte, makes data and code, and sends nothing', async () => {
    const world = fakeWorld();
    const application = await receiveApplication(world, input());
    expect(application).toMatchObject({
      state: 'received',
      revision: 1,
      displayName: '届出',
      profile: 'enveloped',
    });
    expect(application.secrets?.document).toBe(DOCUMENT);
    expect(Buffer.from(application.data, 'base64')).toHaveLength(51);
    expect(application.identificationCode).toMatch(
      new RegExp(`^[${IDENTIFICATION_ALPHABET}]{4}-[${IDENTIFICATION_ALPHABET}]{4}$`),
    );
    expect(world.authAndSign.calls).toEqual({ start: 0, exchange: 0, refresh: 0, result: 0 });
    expect(world.applications.audit).toMatchObject([
      { event: 'application.received', facts: { octets: 51, digestInfo: 'sha-256', data: application.data } },
    ]);
    expect(JSON.stringify(world.applications.audit)).not.toContain('模擬');
  });

  it.each([
    [
      'digest-info',
      Buffer.concat([Buffer.from('3031300d060960864801650304020105000420', 'hex'), hash(DOCUMENT)]),
    ],
    ['digest', hash(DOCUMENT)],
  ] as const)('a file in mode %s', async (mode, expected) => {
    const world = fakeWorld();
    const settings = { ...world.settings, filesInDigestInfo: 'allowed' as const };
    const asked = input({ profile: 'detached', mode });
    const application = await receiveApplication({ ...world, settings }, asked);
    expect(application.data).toBe(Buffer.from(expected).toString('base64'));
    expect(application.displayName).toBe('電子ファイル');
  });

  it.each([
    ['enveloped', 'digest-info', 'ecdsa-sha384', 67, 'sha-384'],
    ['enveloped', 'digest-info', 'ecdsa-sha256', 51, 'sha-256'],
    ['detached', 'digest', 'ecdsa-sha384', 48, 'none'],
    ['detached', 'digest', 'ecdsa-sha256', 32, 'none'],
  ] as const)('for the next card: %s in %s by %s', async (profile, mode, algorithm, octets, digestInfo) => {
    const world = fakeWorld();
    const settings = { ...world.settings, algorithm };
    const application = await receiveApplication({ ...world, settings }, input({ profile, mode }));
    expect(Buffer.from(application.data, 'base64')).toHaveLength(octets);
    expect(world.applications.audit).toMatchObject([{ facts: { octets, digestInfo } }]);
    // What is signed is made again from what was sealed, also where the setting was changed meanwhile.
    expect(agreedSignature(application, world.forms).data).toBe(application.data);
    if (profile === 'detached') return;
    const skeleton = fromUtf8(
      assemblyOf(profile, withDocument(application.secrets ?? fail()), world.forms).skeleton,
    );
    expect(skeleton).toContain(`<SignatureMethod Algorithm="${CARD_ALGORITHMS[algorithm].uri}">`);
  });

  it('a file is signed in mode digest, whatever is configured for XML; the other mode is an exception', async () => {
    const world = fakeWorld();
    expect(world.settings.mode).toBe('digest-info');
    expect((await receiveApplication(world, input({ profile: 'detached' }))).mode).toBe('digest');
    expect((await receiveApplication(world, input({ profile: 'detached', mode: 'digest' }))).mode).toBe(
      'digest',
    );
    const asked = input({ profile: 'detached', mode: 'digest-info' });
    await expect(receiveApplication(world, asked)).rejects.toThrow(code('xmldsig.mode'));
    expect(world.applications.records.size).toBe(2);
  });

  it("another document's SignedInfo is refused in mode digest-info, where that is allowed", async () => {
    const world = fakeWorld();
    const settings = { ...world.settings, filesInDigestInfo: 'allowed' as const };
    const document = prepareSignature(DOCUMENT, { profile: 'enveloped' }).signedInfoOctets;
    const asked = input({ profile: 'detached', mode: 'digest-info', document });
    await expect(receiveApplication({ ...world, settings }, asked)).rejects.toThrow(code('xmldsig.mode'));
    expect(world.applications.records.size).toBe(0);
  });

  it.each([
    ['a name', 'guideline', '<申請><通知書/><申請書/></申請>', { name: '通知書' }, '通知書'],
    ['an Id', 'by-id', '<a><b Id="b1"/><c Id="c1"/></a>', { id: 'c1' }, 'c'],
    ['the document element', 'enveloped', '<届出/>', { name: '届出' }, '届出'],
  ] as const)(
    'the signed element of the request: %s',
    async (_name, profile, text, signedElement, expected) => {
      const world = fakeWorld();
      const settings = { ...world.settings, signedElement: { name: 'elsewhere' } };
      const asked = input({ document: toUtf8(text), profile, signedElement });
      expect((await receiveApplication({ ...world, settings }, asked)).displayName).toBe(expected);
    },
  );

  it.each([
    ['not there', 'guideline', '<申請><申請書/></申請>', { name: '通知書' }],
    ['not the whole document', 'enveloped', '<届出><氏名/></届出>', { name: '氏名' }],
    ['of a file', 'detached', 'x', { name: 'x' }],
  ] as const)('a signed element that is %s: refused', async (_name, profile, text, signedElement) => {
    const world = fakeWorld();
    const asked = input({ document: toUtf8(text), profile, signedElement });
    await expect(receiveApplication(world, asked)).rejects.toThrow(code('xmldsig.signed-element'));
    expect(world.applications.records.size).toBe(0);
  });

  it.each([
    ['DOCTYPE', '<!DOCTYPE a><a/>', 'xml.dtd'],
    ['ill-formed', '<a><b></a>', 'xml.not-well-formed'],
    ['empty', '', 'xml.not-well-formed'],
  ])('%s: nothing is stored', async (_name, text, expected) => {
    const world = fakeWorld();
    await expect(receiveApplication(world, input({ document: toUtf8(text) }))).rejects.toThrow(
      code(expected),
    );
    expect(world.applications.records.size).toBe(0);
  });

  it('not UTF-8: nothing is stored', async () => {
    const world = fakeWorld();
    const document = new Uint8Array([0x3c, 0x61, 0x3e, 0x83, 0x65, 0x3c, 0x2f, 0x61, 0x3e]);
    await expect(receiveApplication(world, input({ document }))).rejects.toThrow(code('xml.encoding'));
    expect(world.applications.records.size).toBe(0);
  });

  it('no XML Signature in mode digest', async () => {
    await expect(receiveApplication(fakeWorld(), input({ mode: 'digest' }))).rejects.toThrow(
      code('xmldsig.mode'),
    );
  });

  it.each([
    ['empty', ''],
    ['white space', '　 '],
    ['101 characters', '申'.repeat(101)],
    ['a line break', 'a\nb'],
    ['a bidirectional override', 'invoice\u202egpj'],
    ['a zero width character', 'a\u200bb'],
    ['a lone surrogate', 'a\ud800'],
  ])('署名対象データ名: %s is refused', async (_name, displayName) => {
    await expect(receiveApplication(fakeWorld(), input({ displayName }))).rejects.toThrow(
      code('transaction.display-name'),
    );
  });

  it('署名対象データ名: 100 characters count as characters, not as UTF-16 units', async () => {
    const displayName = '𠮷'.repeat(100);
    const application = await receiveApplication(fakeWorld(), input({ displayName }));
    expect(application.displayName).toBe(displayName);
  });
});

describe('makeIdentificationCode', () => {
  it('has no characters that look alike, and uses every other one', () => {
    const random = new FakeRandom();
    const codes = Array.from({ length: 2000 }, () => makeIdentificationCode(random));
    const used = new Set(codes.join('').replaceAll('-', ''));
    expect([...used].sort().join('')).toBe([...IDENTIFICATION_ALPHABET].sort().join(''));
    for (const lookalike of '01258BILOSUVZ') expect(used.has(lookalike)).toBe(false);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('throws octets away that would favour some characters', () => {
    const octets = [255, 254, 253, 0, 1, 2, 3, 4, 5, 6, 7];
    const random = { octets: (count: number) => new Uint8Array(octets.splice(0, count)), id: () => '' };
    expect(makeIdentificationCode(random)).toBe('3467-9ACD');
  });
});

function hash(octets: Uint8Array): Buffer {
  return createHash('sha256').update(octets).digest();
}
