import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { sealedKeyId, sealHeader } from '../../../src/adapters/keys/sealed-octets.ts';
import {
  createSealKey,
  openFileSealer,
  retireSealKey,
  rotateSealKey,
} from '../../../src/adapters/keys/sealer-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-seal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function keyFile(): string {
  files += 1;
  const file = join(folder, `key-${files}.json`);
  createSealKey(file);
  return file;
}

const CONTEXT = { table: 'applications', column: 'sealed_access_token', record: 'a@1', tenant: 't' };
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('sealer over a key file', () => {
  it('opens what it sealed, under the same context, octet for octet', () => {
    const sealer = openFileSealer(keyFile());
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (plaintext) => {
        expect(sealer.open(sealer.seal(plaintext, CONTEXT), CONTEXT)).toEqual(plaintext);
      }),
      { numRuns: 50 },
    );
  });

  it('names its key in the clear and nothing else', () => {
    const file = keyFile();
    const sealer = openFileSealer(file);
    const sealed = Buffer.from(sealer.seal(Buffer.from('MARK-PLAIN'), CONTEXT));
    expect(sealed.includes(sealer.activeKey)).toBe(true);
    expect(sealed.includes('MARK')).toBe(false);
    expect(sealed.includes('applications')).toBe(false);
  });

  it('never seals the same octets alike', () => {
    const sealer = openFileSealer(keyFile());
    const seals = Array.from({ length: 200 }, () =>
      Buffer.from(sealer.seal(Buffer.from('x'), CONTEXT)).toString('hex'),
    );
    expect(new Set(seals).size).toBe(200);
  });

  it.each(['table', 'column', 'record', 'tenant'] as const)('refuses another %s', (part) => {
    const sealer = openFileSealer(keyFile());
    const sealed = sealer.seal(Buffer.from('secret'), CONTEXT);
    expect(() => sealer.open(sealed, { ...CONTEXT, [part]: 'other' })).toThrow(code('seal.integrity'));
  });

  it('keeps the parts of the context apart', () => {
    const sealer = openFileSealer(keyFile());
    const sealed = sealer.seal(Buffer.from('secret'), { ...CONTEXT, table: 'ab', column: 'c' });
    expect(() => sealer.open(sealed, { ...CONTEXT, table: 'a', column: 'bc' })).toThrow(
      code('seal.integrity'),
    );
  });

  it('refuses every flipped bit and every cut', () => {
    const sealer = openFileSealer(keyFile());
    const sealed = sealer.seal(Buffer.from('secret'), CONTEXT);
    for (let at = 0; at < sealed.length; at += 1) {
      const flipped = Uint8Array.from(sealed);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      const inKeyId = at >= 1 && at < sealHeader(sealer.activeKey).length;
      const refused = inKeyId ? /^(?:key\.not-found|seal\.integrity)$/ : /^seal\.integrity$/;
      expect(() => sealer.open(flipped, CONTEXT), `bit of octet ${at}`).toThrow(
        expect.objectContaining({ code: expect.stringMatching(refused) }),
      );
      expect(() => sealer.open(sealed.subarray(0, at), CONTEXT), `cut at ${at}`).toThrow(
        code('seal.integrity'),
      );
    }
  });

  it('refuses the octets of a key it does not have', () => {
    const sealed = openFileSealer(keyFile()).seal(Buffer.from('secret'), CONTEXT);
    expect(() => openFileSealer(keyFile()).open(sealed, CONTEXT)).toThrow(code('key.not-found'));
  });
});

describe('seal key file', () => {
  it('is made for its owner alone and never over another', () => {
    const file = keyFile();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(file, 'utf8');
    expect(() => createSealKey(file)).toThrow(code('config.invalid'));
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it.each([0o640, 0o604, 0o660, 0o644])('is refused with mode %o', (mode) => {
    const file = keyFile();
    chmodSync(file, mode);
    expect(() => openFileSealer(file)).toThrow(code('config.invalid'));
    chmodSync(file, 0o600);
    expect(openFileSealer(file).keys).toHaveLength(1);
  });

  it('is refused when it is missing, no JSON, of another shape, or names its active key not at all', () => {
    const file = keyFile();
    const content: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'));
    const broken = [
      '',
      '[]',
      '{"keys":[]}',
      JSON.stringify({ ...content, active: 'other' }),
      JSON.stringify({ ...content, extra: 1 }),
    ];
    for (const text of broken) {
      writeFileSync(file, text);
      expect(() => openFileSealer(file), text).toThrow(code('config.invalid'));
    }
    expect(() => openFileSealer(join(folder, 'missing'))).toThrow(code('config.invalid'));
  });

  it('rotates: the new key seals, both open; a key goes only when no value names it', async () => {
    const file = keyFile();
    const old = openFileSealer(file);
    const oldKey = old.activeKey;
    const sealedByOld = old.seal(Buffer.from('secret'), CONTEXT);
    const id = rotateSealKey(file);
    const both = openFileSealer(file);
    expect([both.activeKey, both.keys]).toEqual([id, [oldKey, id]]);
    expect(Buffer.from(both.open(sealedByOld, CONTEXT)).toString()).toBe('secret');
    await expect(retireSealKey(file, oldKey, async () => 1)).rejects.toEqual(code('key.state'));
    await expect(retireSealKey(file, id, async () => 0)).rejects.toEqual(code('key.state'));
    await expect(retireSealKey(file, 'unknown', async () => 0)).rejects.toEqual(code('key.not-found'));
    await retireSealKey(file, oldKey, async () => 0);
    expect(openFileSealer(file).keys).toEqual([id]);
    expect(() => openFileSealer(file).open(sealedByOld, CONTEXT)).toThrow(code('key.not-found'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('a process that runs takes a rotation up by itself; a file that went bad changes nothing', () => {
    const file = keyFile();
    const running = openFileSealer(file);
    const id = rotateSealKey(file);
    expect(running.activeKey).toBe(id);
    const sealed = running.seal(Buffer.from('secret'), CONTEXT);
    expect(sealedKeyId(sealed)).toBe(id);
    writeFileSync(file, '{');
    expect(sealedKeyId(running.seal(Buffer.from('more'), CONTEXT))).toBe(id);
    expect(Buffer.from(running.open(sealed, CONTEXT)).toString()).toBe('secret');
  });
});
