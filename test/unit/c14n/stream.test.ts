import { describe, expect, it } from 'vitest';
import { C14N_1_0, C14N_ALGORITHMS, isC14nUri } from '../../../src/core/c14n/algorithms.ts';
import { canonicalOctets } from '../../../src/core/c14n/canonicalize.ts';
import { CanonicalStream, canonicalizeOctets, type StreamLimits } from '../../../src/core/c14n/stream.ts';
import { Sha256Sink } from '../../../src/core/digest/sha256.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { DocumentSource, Random } from '../../properties/c14n/documents.ts';
import { refusal } from '../../support/refusal.ts';

const DOCUMENTS = 150;
const SMALL_WINDOW = { window: 16 };
/** JITSUIN_STREAM_MB=1024 streams a gigabyte. */
const STREAMED_MB = Number(process.env['JITSUIN_STREAM_MB'] ?? 24);

function streamed(
  octets: Uint8Array,
  pieces: () => number,
  algorithm = C14N_1_0,
  limits: StreamLimits = SMALL_WINDOW,
): string {
  const out: Buffer[] = [];
  if (!isC14nUri(algorithm)) throw new Error(algorithm);
  const stream = new CanonicalStream(
    { algorithm },
    { update: (piece) => out.push(Buffer.from(piece)) },
    limits,
  );
  for (let p = 0; p < octets.length; ) {
    const length = pieces();
    stream.update(octets.subarray(p, p + length));
    p += length;
  }
  stream.end();
  return Buffer.concat(out).toString();
}

describe('streamed documents', () => {
  it(`have the canonical form of parsed ones, cut anywhere (${DOCUMENTS} documents, all algorithms)`, () => {
    for (let seed = 0; seed < DOCUMENTS; seed += 1) {
      const octets = Buffer.from(new DocumentSource(seed).document());
      const document = parseXml(octets);
      const random = new Random(seed);
      for (const algorithm of Object.keys(C14N_ALGORITHMS).filter(isC14nUri)) {
        const expected = Buffer.from(
          canonicalOctets(document, { kind: 'document' }, { algorithm }),
        ).toString();
        expect(streamed(octets, () => 1 + random.below(9), algorithm)).toBe(expected);
      }
    }
  });

  it.each([
    ['xml.not-well-formed', '<a>'.padEnd(100, 'x')],
    ['xml.not-well-formed', `<a>${'x'.repeat(40)}]]>${'x'.repeat(40)}</a>`],
    ['xml.not-well-formed', `<a>${'x'.repeat(100)}</b>`],
    ['xml.dtd', `<!-- ${'x'.repeat(50)} --><!DOCTYPE a><a/>`],
    ['xml.encoding', Buffer.concat([Buffer.from(`<a>${'x'.repeat(60)}`), Buffer.from([0xe3, 0x81])])],
    ['c14n.relative-namespace', `<a>${'<b/>'.repeat(30)}<c xmlns="d"/></a>`],
  ])('are refused with %s', (code, text) => {
    for (const length of [1, 7, 64]) {
      expect(refusal(() => streamed(Buffer.from(text), () => length)).code).toBe(code);
    }
  });

  it("are refused for ']]>' wherever the window cuts it", () => {
    for (let before = 0; before < 24; before += 1) {
      const octets = Buffer.from(`<a>${'x'.repeat(before)}]]>${'x'.repeat(40)}</a>`);
      for (const length of [1, 2, 3, 64])
        expect(refusal(() => streamed(octets, () => length)).code).toBe('xml.not-well-formed');
    }
  });

  it('are canonicalized in one pass over memory, however small', () => {
    for (const text of ['<a/>', '<申請書>値</申請書>', `<a>${'<b/>'.repeat(90_000)}</a>`]) {
      const out: Buffer[] = [];
      const sink = { update: (piece: Uint8Array) => out.push(Buffer.from(piece)) };
      canonicalizeOctets(Buffer.from(text), { algorithm: C14N_1_0 }, sink);
      expect(Buffer.concat(out).toString()).toBe(text.replace(/<(\w)\/>/g, '<$1></$1>'));
    }
  });

  it('refuse one piece of markup that would not fit in memory, however it comes', () => {
    const octets = Buffer.from(`<a><!--${'x'.repeat(5000)}--></a>`);
    expect(streamed(octets, () => 100)).toBe('<a></a>');
    expect(refusal(() => streamed(octets, () => 100, C14N_1_0, { window: 16, markup: 1000 })).code).toBe(
      'xml.limit',
    );
  });

  it(`need memory that does not grow with the document (${STREAMED_MB} MB)`, { timeout: 600_000 }, () => {
    const record = Buffer.from(
      '  <申請者 番号="1" 種別=\'個人\'><氏名>山田 &quot;太郎&quot;</氏名><添付/></申請者>\r\n'.repeat(500),
    );
    const sink = new Sha256Sink();
    const stream = new CanonicalStream({ algorithm: C14N_1_0 }, sink);
    stream.update(Buffer.from('<申請書>'));
    let before = 0;
    for (let sent = 0; sent < STREAMED_MB * 1e6; sent += record.length) {
      if (before === 0 && sent > STREAMED_MB * 2e5) before = process.memoryUsage().arrayBuffers;
      stream.update(record);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8e6);
    stream.update(Buffer.from('</申請書>'));
    stream.end();
    expect(sink.digest()).toHaveLength(32);
  });
});
