import { describe, expect, it } from 'vitest';
import { JitsuinError } from '../../../src/core/errors.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';

const declared = (name: string, rest: Uint8Array | string = '<r/>') =>
  Buffer.concat([Buffer.from(`<?xml version="1.0" encoding="${name}"?>`), Buffer.from(rest)]);
const utf16 = Buffer.from('<?xml version="1.0"?><r/>', 'utf16le');

describe('a document in another encoding is told by the name of that encoding, with both ways on', () => {
  it.each<[string, Uint8Array]>([
    ['Shift_JIS', declared('Shift_JIS', Buffer.from('3c723e905c90bf3c2f723e', 'hex'))],
    ['EUC-JP', declared('EUC-JP', Buffer.from('3c723ebfbdc0c13c2f723e', 'hex'))],
    ['ISO-2022-JP', declared('ISO-2022-JP', Buffer.from('3c723e1b24423f3d1b28423c2f723e', 'hex'))],
    ['Windows-31J', declared('Windows-31J')],
    ['UTF-16', utf16],
    ['UTF-16', Buffer.concat([Buffer.from('fffe', 'hex'), utf16])],
    ['UTF-16', Buffer.concat([Buffer.from('feff', 'hex'), Buffer.from(utf16).swap16()])],
    ['UTF-32', Buffer.from('0000003c', 'hex')],
  ])('%s', (name, octets) => {
    const { code, message, at } = refusal(octets);
    expect([code, at]).toEqual(['xml.encoding', '1:1 (octet 0)']);
    expect(message).toContain(`encoding ${name};`);
    expect(message).toMatch(/iconv.*detached/);
  });

  it('tells UTF8 how it is spelt, and shows nothing that is no name', () => {
    expect(refusal(declared('UTF8')).message).toContain('"UTF-8"');
    expect(refusal(declared('x'.repeat(80))).message).not.toContain('xx');
  });

  it('says where octets stop being UTF-8 when UTF-8 is what was declared', () => {
    const broken = declared('UTF-8', Buffer.from('3c723eff3c2f723e', 'hex'));
    expect(refusal(broken)).toMatchObject({ code: 'xml.encoding', at: '1:42 (octet 41)' });
  });
});

function refusal(octets: Uint8Array): JitsuinError {
  try {
    parseXml(octets);
  } catch (thrown) {
    if (thrown instanceof JitsuinError) return thrown;
  }
  throw new Error('nothing was refused');
}
