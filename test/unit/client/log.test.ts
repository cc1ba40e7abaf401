import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPublicLog } from '../../../src/adapters/transparency/public-log.ts';
import { JitsuinLogProofRefused, type LogProof, verifyLogProof } from '../../../src/client/log.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { fits } from '../../../src/core/json/shape.ts';
import { verifyLogProof as judge, LOG_PROOF } from '../../../src/core/transparency/log-proof.ts';
import {
  type NoteSigner,
  readVerifier,
  signatureLine,
  verifierText,
} from '../../../src/core/transparency/signed-note.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-client-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signer = (type: NoteSigner['type'], name: string): NoteSigner => {
  return { name, type, privateKey: generateKeyPairSync('ed25519').privateKey };
};
const log = signer('log', 'log.example.jp/jitsuin');
const witnesses = ['w1.example.jp', 'w2.example.jp', 'w3.example.jp'].map((name) => signer('witness', name));
const pinned = { log: verifierText(log), witnesses: witnesses.map(verifierText), quorum: 2 };
const RECEIPT = 'simulated.receipt.2';
let proof: LogProof;

const textOf = (checkpoint: string) => checkpoint.slice(0, checkpoint.lastIndexOf('\n\n') + 1);
/** The proof with the cosignatures of these. */
const cosigned = (by: readonly NoteSigner[], seconds = 1_800_000_000): LogProof => {
  const lines = by.map((one) => `${signatureLine(one, textOf(proof.checkpoint), seconds)}\n`);
  return { ...proof, checkpoint: `${proof.checkpoint}${lines.join('')}` };
};

beforeAll(async () => {
  const opened = await openPublicLog({
    ...{ folder, signer: log, blindKey: Buffer.alloc(32, 3), leastBatch: 4, witnesses: [] },
  });
  for (let batch = 0; batch < 5; batch += 1) {
    const items = [0, 1, 2].map((n) => ({
      kind: 'receipt' as const,
      id: `id-${batch * 3 + n}`,
      content: `simulated.receipt.${batch * 3 + n}`,
    }));
    const at = (1_800_000_000_000 + batch) as EpochMillis;
    await opened.append(at, items, { until: at });
  }
  const found = await opened.proof({ kind: 'receipt', id: 'id-2', content: RECEIPT });
  if (found === undefined) throw new Error('no proof');
  proof = found;
});

async function outcomes(of: unknown, receipt = RECEIPT, pins: typeof pinned = pinned) {
  const client = await verifyLogProof(receipt, of as LogProof, pins).then(
    () => 'in the log',
    (thrown) => (thrown instanceof JitsuinLogProofRefused ? 'refused' : String(thrown)),
  );
  const own = () => {
    if (!fits(LOG_PROOF, of)) return 'refused';
    try {
      judge(receipt, of, {
        log: readVerifier(pins.log),
        witnesses: pins.witnesses.map(readVerifier),
        quorum: pins.quorum,
      });
      return 'in the log';
    } catch {
      return 'refused';
    }
  };
  return [client, own()];
}

describe('the client’s judge of a log proof', () => {
  it('says what is shown, with the witnesses that signed', async () => {
    const whole = cosigned(witnesses.slice(0, 2));
    const proved = await verifyLogProof(RECEIPT, whole, pinned);
    expect(proved.size).toBe(5);
    expect(proved.witnesses).toEqual(
      ['w1.example.jp', 'w2.example.jp'].map((name) => ({ name, at: new Date(1_800_000_000_000) })),
    );
    expect(await outcomes(whole)).toEqual(['in the log', 'in the log']);
  });

  it.each([
    ['too few witnesses', () => cosigned(witnesses.slice(0, 1))],
    ['the same witness twice', () => cosigned([witnesses[0] as NoteSigner, witnesses[0] as NoteSigner])],
    [
      'a stranger as witness',
      () => cosigned([witnesses[0] as NoteSigner, signer('witness', 'w2.example.jp')]),
    ],
    ['no proof', () => null],
    ['a text', () => 'proof'],
  ])('%s: refused, as the command does', async (_name, make) => {
    expect(await outcomes(make())).toEqual(['refused', 'refused']);
  });

  it('another receipt, another log: refused', async () => {
    const whole = cosigned(witnesses);
    expect(await outcomes(whole, 'simulated.receipt.3')).toEqual(['refused', 'refused']);
    const other = { ...pinned, log: verifierText(signer('log', 'log.example.jp/jitsuin')) };
    expect(await outcomes(whole, RECEIPT, other)).toEqual(['refused', 'refused']);
  });

  it('a pinned key that is none, or of another kind, is the caller’s mistake', async () => {
    const whole = cosigned(witnesses);
    const [witness = ''] = pinned.witnesses;
    for (const pins of [
      { ...pinned, log: 'log.example.jp' },
      { ...pinned, log: pinned.log.replace(/\+[0-9a-f]{8}\+/, '+00000000+') },
      { ...pinned, log: witness },
      { ...pinned, witnesses: [pinned.log] },
    ])
      await expect(verifyLogProof(RECEIPT, whole, pins)).rejects.toBeInstanceOf(TypeError);
  });

  it('every member left out, changed, lengthened or exchanged: the same word as the command', async () => {
    const whole = cosigned(witnesses) as unknown as Record<string, unknown>;
    const changed: unknown[] = [];
    const other = (value: unknown): readonly unknown[] => {
      if (typeof value === 'number') return [value + 1, -1, 0.5, 2 ** 53, String(value)];
      if (Array.isArray(value))
        return [[], [...value, ...value.slice(0, 1)], [...value].reverse(), value.slice(1), 'x'];
      if (typeof value === 'string')
        return [
          '',
          `${value}A`,
          ` ${value}`,
          value.slice(0, -1),
          ...[0, 5, 20, value.length - 3].map((at) => {
            const with_ = value[at] === 'B' ? 'C' : 'B';
            return value.slice(0, at) + with_ + value.slice(at + 1);
          }),
        ];
      return [null, 1];
    };
    for (const name of Object.keys(whole)) {
      const { [name]: _gone, ...rest } = whole;
      changed.push(rest, ...other(whole[name]).map((value) => ({ ...whole, [name]: value })));
    }
    const batch = whole['batch'] as Record<string, unknown>;
    for (const name of Object.keys(batch))
      changed.push(...other(batch[name]).map((value) => ({ ...whole, batch: { ...batch, [name]: value } })));
    changed.push({ ...whole, checkpoint: String(whole['checkpoint']).replaceAll('\n', '\r\n') });
    const words = await Promise.all(changed.map((one) => outcomes(one)));
    expect(words.filter(([client, own]) => client !== own)).toEqual([]);
    expect(words.filter(([client]) => client === 'refused').length).toBeGreaterThan(60);
    expect(words.map(([client]) => client).every((word) => word === 'refused' || word === 'in the log')).toBe(
      true,
    );
  });
});
