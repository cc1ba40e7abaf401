import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromUtf8 } from '../../src/core/encoding.ts';
import { testSigner } from '../support/xmldsig/signers.ts';
import { signDocument } from '../support/xmldsig/signing.ts';
import type { BenchOptions } from './bench.ts';
import { documentOf } from './support/documents.ts';
import { startInNode, startJava, startXmlsec, type Verifier } from './support/verifiers.ts';

const SIZES = { '2 KB': 2000, '100 KB': 100_000, '5 MB': 5_000_000 };
const SMALL = 200_000;
/** Runs before the first round, as a multiple of the runs of a round. */
const WARM_UP = 12;
/** Super-linear or far too slow for 5 MB: xml-crypto takes more than a minute, xmldsigjs about ten seconds. */
const SLOW = ['xml-crypto', 'xmldsigjs'];

interface Row {
  readonly size: string;
  readonly octets: number;
  /** Medians by verifier. */
  readonly milliseconds: Readonly<Record<string, number>>;
}

/** `npm run bench -- verify`: whole verifications in processor time, each library in its own process, rounds interleaved. */
export async function bench({ rounds, quick }: BenchOptions): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-bench-'));
  const key = join(folder, 'key.pem');
  writeFileSync(key, testSigner('rsa').publicKey.export({ type: 'spki', format: 'pem' }));
  const verifiers = await startAll(folder, key);
  const versions = verifiers.map(({ version }) => version);
  console.log(`whole verification, RSA-2048, enveloped, key kept: ${versions.join('; ')}`);
  console.log(`processor time, median of ${rounds} interleaved rounds (ratio to jitsuin)`);
  const rows: Row[] = [];
  for (const [size, length] of Object.entries(SIZES)) {
    if (quick && length > SMALL) continue;
    const octets = signedOf(length);
    const file = join(folder, `${length}.xml`);
    writeFileSync(file, octets);
    const able = verifiers.filter(({ name }) => length < SMALL || !SLOW.includes(name));
    const row = {
      size,
      octets: octets.length,
      milliseconds: await measureRounds(able, file, length, rounds),
    };
    print(row);
    rows.push(row);
  }
  for (const verifier of verifiers) verifier.stop();
  rmSync(folder, { recursive: true });
  return { versions, unit: 'milliseconds of processor time, median', rounds, rows };
}

async function startAll(folder: string, key: string): Promise<readonly Verifier[]> {
  const started: (Verifier | undefined)[] = [];
  for (const name of ['jitsuin', 'floor', 'libxml2-wasm', 'xml-crypto', 'xmldsigjs'] as const)
    started.push(await startInNode(name, key));
  started.push(await startXmlsec(folder, key), await startJava(folder, key));
  return started.filter((verifier) => verifier !== undefined);
}

/** Without xml:lang: xml-crypto does not let SignedInfo inherit it, and would only say no. */
function signedOf(length: number): Buffer {
  const document = fromUtf8(documentOf('app', length)).replace(' xml:lang="ja"', '');
  return Buffer.from(signDocument(document, 'enveloped'));
}

async function measureRounds(
  verifiers: readonly Verifier[],
  file: string,
  length: number,
  rounds: number,
): Promise<Record<string, number>> {
  const times = new Map<string, number[]>(verifiers.map(({ name }) => [name, []]));
  // On a busy machine the engine's optimizing compiler gets to its work late: some ten thousand runs of 2 KB, until nothing changes.
  for (const { name, measure } of verifiers) await measure(file, WARM_UP * countOf(name, length));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, measure } of verifiers)
      times.get(name)?.push(await measure(file, countOf(name, length)));
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, median(all)]));
}

/** Runs in a round: the fast ones often, the slow ones seldom. */
function countOf(name: string, length: number): number {
  const slow = SLOW.includes(name);
  if (length < 10_000) return slow ? 20 : 800;
  if (length < SMALL) return slow ? 2 : 50;
  return 1;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function print({ size, octets, milliseconds }: Row): void {
  const own = milliseconds['jitsuin'] ?? Number.NaN;
  console.log(`${size} (${octets} octets signed)`);
  for (const [name, time] of Object.entries(milliseconds))
    console.log(
      `  ${name.padEnd(18)} ${time.toFixed(3).padStart(9)} ms  ${(time / own).toFixed(2).padStart(7)}x`,
    );
}
