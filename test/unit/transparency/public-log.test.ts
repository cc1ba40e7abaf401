import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openPublicLog } from '../../../src/adapters/transparency/public-log.ts';
import { createWitness } from '../../../src/adapters/transparency/witness-client.ts';
import { type OpenWitness, openWitness } from '../../../src/adapters/transparency/witness-folder.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { type LogProof, verifyLogProof } from '../../../src/core/transparency/log-proof.ts';
import { type NoteSigner, readVerifier, verifierText } from '../../../src/core/transparency/signed-note.ts';
import type { HttpClient } from '../../../src/ports/http-client.ts';
import type { LogItem, LogState, PublicLog } from '../../../src/ports/public-log.ts';

const root = mkdtempSync(join(tmpdir(), 'jitsuin-tlog-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const code = (expected: string) => expect.objectContaining({ code: expected });
const NOW = 1_800_000_000_000 as EpochMillis;
const STATE: LogState = { until: NOW };
const receipt = (n: number): LogItem => ({ kind: 'receipt', id: `id-${n}`, content: `MARKED-RECEIPT-${n}` });
const signer = (type: NoteSigner['type'], name: string): NoteSigner => {
  return { name, type, privateKey: generateKeyPairSync('ed25519').privateKey };
};
const logSigner = signer('log', 'log.example.jp/jitsuin');
const logKey = readVerifier(verifierText(logSigner));
const alarms: string[] = [];
let folders = 0;

function newWitness(name: string) {
  const own = signer('witness', name);
  const folder = join(root, `witness-${++folders}`);
  const options = {
    folder,
    signer: own,
    logs: [logKey],
    now: () => NOW,
    alarm: (_o: string, what: string) => alarms.push(what),
  };
  const open: OpenWitness = openWitness(options);
  const http: HttpClient = {
    send: async ({ body }) => {
      const { status, body: text } = open.addCheckpoint(Buffer.from(body ?? []).toString());
      return { status, headers: {}, body: Buffer.from(text) };
    },
  };
  const verifier = readVerifier(verifierText(own));
  return { folder, options, open, verifier, client: () => createWitness(http, 'http://127.0.0.1', verifier) };
}

const openLog = (
  folder: string,
  witnesses: readonly ReturnType<typeof newWitness>[] = [],
): Promise<PublicLog> =>
  openPublicLog({
    folder,
    signer: logSigner,
    blindKey: Buffer.alloc(32, 3),
    leastBatch: 4,
    witnesses: witnesses.map(({ client }) => client()),
  });
const newFolder = () => join(root, `log-${++folders}`);

function everything(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files
    .map((entry) => `${entry.name} ${readFileSync(join(entry.parentPath, entry.name), 'latin1')}`)
    .join('\n');
}

async function proofOf(log: PublicLog, item: LogItem): Promise<LogProof> {
  const proof = await log.proof(item);
  if (proof === undefined) throw new Error('no proof');
  return proof;
}

describe('the public log', () => {
  it('proves each receipt offline, across restarts', async () => {
    const folder = newFolder();
    const witnesses = [newWitness('w1.example'), newWitness('w2.example')];
    let log = await openLog(folder, witnesses);
    for (let n = 0; n < 5; n += 1) {
      await log.append(NOW, [receipt(n)], STATE);
      if (n === 2) log = await openLog(folder, witnesses);
    }
    expect(await log.witness()).toEqual({ signed: 2, of: 2 });
    const pinned = { log: logKey, witnesses: witnesses.map(({ verifier }) => verifier), quorum: 2 };
    for (const n of [0, 1, 4]) {
      const proof = await proofOf(log, receipt(n));
      expect(verifyLogProof(receipt(n).content, proof, pinned)).toMatchObject({ size: 5, at: NOW });
      expect(() => verifyLogProof('another', proof, pinned)).toThrow(code('tlog.invalid'));
    }
    expect(await log.proof(receipt(5))).toBeUndefined();
    expect(await log.proof({ ...receipt(3), content: 'changed' })).toBeUndefined();
    expect(await log.has('receipt', 'id-3')).toBe(true);
    expect(await log.has('audit-seal', 'id-3')).toBe(false);
  });

  it('refuses a proof of which anything was changed', async () => {
    const witness = newWitness('w.example');
    const log = await openLog(newFolder(), [witness]);
    await log.append(NOW, [receipt(0), receipt(1)], STATE);
    await log.append(NOW, [receipt(2)], STATE);
    await log.witness();
    const proof = await proofOf(log, receipt(1));
    const pinned = { log: logKey, witnesses: [witness.verifier], quorum: 1 };
    expect(verifyLogProof(receipt(1).content, proof, pinned).witnessed).toHaveLength(1);
    const other = `${Buffer.alloc(32, 9).toString('base64')}`;
    const changed: readonly LogProof[] = [
      { ...proof, kind: 'audit-seal' },
      { ...proof, nonce: other },
      { ...proof, batch: { ...proof.batch, index: proof.batch.index ^ 1 } },
      { ...proof, batch: { ...proof.batch, path: [other] } },
      { ...proof, index: 1 },
      { ...proof, path: [] },
      { ...proof, entry: Buffer.from('jitsuin log entry 1\n1\n').toString('base64') },
      { ...proof, checkpoint: proof.checkpoint.replace('\n2\n', '\n3\n') },
      { ...proof, checkpoint: proof.checkpoint.replace(/log\.example/g, 'log.examp1e') },
    ];
    for (const one of changed) {
      expect(() => verifyLogProof(receipt(1).content, one, pinned)).toThrow(code('tlog.invalid'));
    }
    const twice = { ...pinned, witnesses: [witness.verifier, witness.verifier], quorum: 2 };
    expect(() => verifyLogProof(receipt(1).content, proof, twice)).toThrow(code('tlog.invalid'));
    const alone = { ...pinned, witnesses: [newWitness('x.example').verifier] };
    expect(() => verifyLogProof(receipt(1).content, proof, alone)).toThrow(code('tlog.invalid'));
  });

  it('tells outsiders nothing but that there were entries', async () => {
    const folder = newFolder();
    const log = await openLog(folder);
    await log.append(NOW, [receipt(1)], STATE);
    const first = await proofOf(log, receipt(1));
    await log.append(NOW, [receipt(2), receipt(3), receipt(4)], STATE);
    const second = await proofOf(log, receipt(3));
    expect([first.batch.size, second.batch.size]).toEqual([4, 4]);
    const seen = everything(join(folder, 'public'));
    expect(seen).not.toMatch(/MARKED|id-1/);
    expect(seen).not.toContain(first.nonce);
    const [, small = '', large = ''] =
      /^.*?(jitsuin log entry[\s\S]*?)\0.(jitsuin log entry[\s\S]*?\n[\s\S]*?\n[\s\S]*?\n)/.exec(seen) ?? [];
    expect(small.length).toBe(large.length);
    expect(everything(join(folder, 'private'))).not.toContain('MARKED');
  });

  it('counts nothing that its head does not', async () => {
    const folder = newFolder();
    const log = await openLog(folder);
    await log.append(NOW, [receipt(0)], STATE);
    const head = readFileSync(join(folder, 'public', 'checkpoint'));
    await log.append(NOW, [receipt(1)], STATE);
    // killed before the head of the second entry was written
    writeFileSync(join(folder, 'public', 'checkpoint'), head);
    const again = await openLog(folder);
    expect(await again.has('receipt', 'id-1')).toBe(false);
    await again.append(NOW, [receipt(2)], STATE);
    expect(await again.proof(receipt(1))).toBeUndefined();
    expect((await proofOf(again, receipt(2))).index).toBe(1);
  });

  it('is refused when it was changed on the disk', async () => {
    const folder = newFolder();
    const log = await openLog(folder);
    for (let n = 0; n < 3; n += 1) await log.append(NOW, [receipt(n)], STATE);
    const tile = join(folder, 'public', 'tile', '0', '000.p', '3');
    const octets = readFileSync(tile);
    octets.writeUInt8(octets.readUInt8(0) ^ 1);
    writeFileSync(tile, octets);
    await expect(openLog(folder)).rejects.toEqual(code('tlog.broken'));
    rmSync(tile);
    await expect(openLog(folder)).rejects.toEqual(code('tlog.broken'));
  });

  it('that was put back from a backup is refused by its own process and by its witness, with an alarm', async () => {
    const folder = newFolder();
    const witness = newWitness('w.example');
    const log = await openLog(folder, [witness]);
    await log.append(NOW, [receipt(0)], STATE);
    cpSync(folder, `${folder}.backup`, { recursive: true });
    await log.append(NOW, [receipt(1)], STATE);
    await log.witness();
    rmSync(folder, { recursive: true });
    cpSync(`${folder}.backup`, folder, { recursive: true });
    await expect(log.reload()).rejects.toEqual(code('tlog.broken'));
    const later = await openLog(folder, [witness]);
    alarms.length = 0;
    await expect(later.witness()).rejects.toEqual(code('tlog.broken'));
    expect(alarms).toEqual(['shrunken']);
    // it goes on as if nothing had been: another tree of the size that was signed, and then a greater one
    await later.append(NOW, [receipt(2)], STATE);
    await expect(later.witness()).rejects.toEqual(code('tlog.broken'));
    await later.append(NOW, [receipt(3)], STATE);
    await expect(later.witness()).rejects.toEqual(code('tlog.broken'));
    expect(alarms).toEqual(['shrunken', 'split-view', 'inconsistent']);
    expect(readdirSync(join(witness.folder, 'alarms'))).toHaveLength(3);
  });

  it('goes on without a witness that is away, and gets its signature later', async () => {
    const folder = newFolder();
    const here = newWitness('here.example');
    const away = {
      ...here,
      client: () =>
        createWitness(
          { send: async () => Promise.reject(new Error('away')) },
          'http://x',
          newWitness('away.example').verifier,
        ),
    };
    const log = await openLog(folder, [here, away]);
    await log.append(NOW, [receipt(0)], STATE);
    expect(await log.witness()).toEqual({ signed: 1, of: 2 });
  });
});

describe('a witness', () => {
  it('is one alone in its folder, and refuses what is no head of its logs', async () => {
    const witness = newWitness('w.example');
    expect(() => openWitness(witness.options)).toThrow(code('store.conflict'));
    const stranger = signer('log', 'other.example');
    const folder = newFolder();
    const options = { folder, signer: stranger, blindKey: Buffer.alloc(32), leastBatch: 1, witnesses: [] };
    await (await openPublicLog(options)).append(NOW, [receipt(0)], STATE);
    const note = readFileSync(join(folder, 'public', 'checkpoint'), 'utf8');
    const ask = (body: string) => witness.open.addCheckpoint(body).status;
    expect(ask(`old 0\n\n${note}`)).toBe(404);
    expect(ask(`old 0\n\n${note.replaceAll('other.example', logSigner.name)}`)).toBe(403);
    for (const body of ['', 'old 0\n', 'old -1\n\nx\n', `old 0\nx\n\n${note}`, 'old 0\n\nnot a note\n'])
      expect(ask(body)).toBe(400);
  });

  it('forgets nothing: neither across a restart nor when its memory is cut', async () => {
    const witness = newWitness('w.example');
    const log = await openLog(newFolder(), [witness]);
    await log.append(NOW, [receipt(0)], STATE);
    await log.witness();
    witness.open.close();
    const again = openWitness(witness.options);
    const forged = await openLog(newFolder());
    await forged.append(NOW, [receipt(9)], STATE);
    const note = (await proofOf(forged, receipt(9))).checkpoint;
    expect(again.addCheckpoint(`old 0\n\n${note}`).status).toBe(409);
    expect(again.addCheckpoint(`old 1\n\n${note}`).status).toBe(409);
    for (const name of readdirSync(join(witness.folder, 'logs')).filter((one) => one.endsWith('.json')))
      rmSync(join(witness.folder, 'logs', name));
    expect(() => again.addCheckpoint(`old 0\n\n${note}`)).toThrow(code('tlog.broken'));
    again.close();
  });
});
