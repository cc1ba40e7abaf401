import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkpointText, readCheckpoint } from '../../../src/core/transparency/checkpoint.ts';
import {
  type NoteSigner,
  noteOf,
  readNote,
  readVerifier,
  signatureLine,
  verifiedBy,
  verifierText,
} from '../../../src/core/transparency/signed-note.ts';
import { tilePath } from '../../../src/core/transparency/tile-paths.ts';

const CODE = expect.objectContaining({ code: 'tlog.invalid' });
const signer = (type: NoteSigner['type'], name = 'log.example.jp/jitsuin'): NoteSigner => ({
  name,
  type,
  privateKey: generateKeyPairSync('ed25519').privateKey,
});

describe('a signed note', () => {
  it('of the Go documentation is signed by its key', () => {
    const verifier = readVerifier('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    const note = [
      'If you think cryptography is the answer to your problem,',
      'then you don’t know what your problem is.'.replace('’', "'"),
      '',
      '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=',
      '',
    ].join('\n');
    expect(verifiedBy(verifier, readNote(note))).toBe(0);
    expect(verifiedBy(verifier, readNote(note.replace('answer', 'Answer')))).toBeUndefined();
  });

  it('holds what a log and its witnesses signed, each over its own octets', () => {
    const [log, witness] = [signer('log'), signer('witness', 'witness.example')];
    const text = checkpointText({ origin: log.name, size: 7, root: Buffer.alloc(32, 1) });
    const lines = [signatureLine(log, text), signatureLine(witness, text, 1_800_000_000)];
    const note = readNote(noteOf(text, lines));
    expect(readCheckpoint(note.text)).toEqual({
      origin: log.name,
      size: 7,
      root: new Uint8Array(32).fill(1),
    });
    expect(verifiedBy(readVerifier(verifierText(log)), note)).toBe(0);
    expect(verifiedBy(readVerifier(verifierText(witness)), note)).toBe(1_800_000_000);
    expect(verifiedBy(readVerifier(verifierText(signer('log'))), note)).toBeUndefined();
    const later = Buffer.from(lines[1]?.split(' ')[2] ?? '', 'base64');
    later.writeUInt32BE(1_800_000_001, 8);
    const moved = noteOf(text, [`— witness.example ${later.toString('base64')}`]);
    expect(verifiedBy(readVerifier(verifierText(witness)), readNote(moved))).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['no signatures', 'text\n'],
    ['an empty signature', 'text\n\n— name \n'],
    ['a dash of ASCII', 'text\n\n- name AAAAAAAA\n'],
    ['a control character', 'te\u0001xt\n\n— name AAAAAAAA\n'],
    ['no end of line', 'text\n\n— name AAAAAAAA'],
    ['base64 of two spellings', 'text\n\n— name AAAAAAB=\n'],
  ])('is none: %s', (_name, note) => {
    expect(() => readNote(note)).toThrow(CODE);
  });

  it.each([
    ['no key', 'name'],
    ['another id', 'PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['another name', 'PeterNewmann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['another type', 'PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
  ])('has no verifier: %s', (_name, key) => {
    expect(() => readVerifier(key)).toThrow(CODE);
  });

  it.each(['x\n01\n', 'x\n-1\n', 'x\n1.5\n', '\n1\n', 'x\n9007199254740993\n'])(
    'is no checkpoint: %j',
    (start) => {
      expect(() => readCheckpoint(`${start}${Buffer.alloc(32).toString('base64')}\n`)).toThrow(CODE);
    },
  );

  it('lies in tiles named as C2SP has them', () => {
    expect(tilePath(0, 0, 256)).toBe('tile/0/000');
    expect(tilePath(1, 1234067, 8)).toBe('tile/1/x001/x234/067.p/8');
    expect(tilePath('entries', 5, 1)).toBe('tile/entries/005.p/1');
  });
});
