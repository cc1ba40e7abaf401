import { describe, expect, it } from 'vitest';
import { compareSignerName } from '../../../src/verifier/signer-name.ts';
import { fourAttributeNames, jpkiCa, jpkiLeaf } from '../../support/pki/test-jpki.ts';

const ca = jpkiCa();

function compare(name: string, map: string, expected: string) {
  const names = fourAttributeNames({ name, nameMap: map });
  return compareSignerName(jpkiLeaf(ca, { names }).certificate.der, expected);
}

describe('O32: the name in a signing certificate and the expected one', () => {
  it.each([
    ['模擬　花子', '00000', '模擬　花子', 'same'],
    ['模擬　花子', '00000', '模擬 花子', 'same'],
    ['模擬　花子', '00000', '\n模擬花子 ', 'same'],
    ['模擬　花子', '00000', '模擬　太郎', 'other'],
    ['模擬　花子', '00000', '模擬　花', 'other'],
    ['模擬　花子', '00000', '模擬　花子子', 'other'],
    ['模擬　花子', '00000', '', 'other'],
    ['ＭＯＧＩ　ＨＡＮＡＫＯ', '00000000000', 'MOGI HANAKO', 'same'],
    ['か\u3099', '00', 'が', 'same'],
    ['葛\u{e0100}城', '000', '葛城', 'same'],
    ['髙', '0', '高', 'other'],
    ['模擬　〓子', '00010', '模擬　𠮷子', 'same'],
    ['模擬　〓子', '00010', '模擬　子', 'other'],
    ['模擬　〓子', '00010', '模偽　花子', 'other'],
    ['〓〓', '11', '花子', 'other'],
  ] as const)('%s (%s) and %j: %s', (name, map, expected, verdict) => {
    expect(compare(name, map, expected)).toBe(verdict);
  });

  it('a certificate without a name is of nobody; what is no certificate is for the verification to judge', () => {
    const nameless = jpkiLeaf(ca, { names: fourAttributeNames().slice(1, 4) }).certificate.der;
    expect(compareSignerName(nameless, '模擬　花子')).toBe('other');
    expect(compareSignerName(new Uint8Array([0x30, 0]), '模擬　花子')).toBe('unreadable');
  });
});
