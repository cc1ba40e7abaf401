import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPublicLog } from '../../../src/adapters/transparency/public-log.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { LogProof } from '../../../src/core/transparency/log-proof.ts';
import { type NoteSigner, readVerifier, verifierText } from '../../../src/core/transparency/signed-note.ts';
import type { PublicLog } from '../../../src/ports/public-log.ts';
import { logProofOf } from '../../../src/verification/evidence/log-proof.ts';
import { exportedEvidence, readExport } from '../../../src/verifier/evidence/evidence-export.ts';
import { sha256Hex } from '../../../src/verifier/evidence/evidence-record.ts';
import { logInclusionCheck } from '../../../src/verifier/evidence/log-inclusion.ts';
import { verifyExportedEvidence } from '../../../src/verifier/evidence/verify-exported.ts';
import { NOW } from '../../support/pf-signing.ts';
import { evidenceFor, trustAnchors } from './evidence-kit.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-evidence-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signerOf = (): NoteSigner => ({
  name: 'log.example',
  type: 'log',
  privateKey: generateKeyPairSync('ed25519').privateKey,
});
const signer = signerOf();
const pinned = { log: readVerifier(verifierText(signer)), witnesses: [], quorum: 0 };
const record = evidenceFor('verification-1').octets;
const other = evidenceFor('verification-2', 'hanako').octets;
const itemOf = (octets: Uint8Array) => {
  const hash = sha256Hex(octets);
  return { kind: 'evidence' as const, id: hash, content: hash };
};

let log: PublicLog;
let proof: LogProof;
let ofOther: LogProof;

beforeAll(async () => {
  log = await openPublicLog({ folder, signer, blindKey: Buffer.alloc(32, 5), leastBatch: 4, witnesses: [] });
  expect(await logProofOf(log, record)).toBeUndefined();
  await log.append(NOW as EpochMillis, [itemOf(record), itemOf(other)], { until: NOW as EpochMillis });
  const proofs = [await logProofOf(log, record), await logProofOf(log, other)];
  if (proofs[0] === undefined || proofs[1] === undefined) throw new Error('no proof');
  [proof, ofOther] = [proofs[0], proofs[1]];
});

const judged = (file: Uint8Array, keys = pinned) =>
  verifyExportedEvidence(file, {
    trustAnchors,
    believeInstant: true,
    publicLog: logInclusionCheck(file, keys),
  });
const named = (file: Uint8Array, keys = pinned) => {
  const { outcome, integrity } = judged(file, keys);
  const [check] = integrity.checks.filter(({ name }) => name === 'public-log');
  return [outcome, check?.result, check?.detail];
};

describe('the place of a record of evidence in the public log', () => {
  it('is in the exported file, and judged offline with the rest', () => {
    const file = exportedEvidence(record, { log: proof });
    expect(JSON.parse(Buffer.from(file).toString('utf8'))).toMatchObject({ version: 3 });
    expect(readExport(file)).toMatchObject({
      log: proof,
      checks: [{ result: 'passed' }, { result: 'passed' }, {}],
    });
    expect(named(file)).toEqual(['valid', 'passed', undefined]);
  });

  it('a file without it is not decided, where the log is asked for', () => {
    expect(named(exportedEvidence(record, {}))).toEqual([
      'not-provable',
      'indeterminate',
      'the file has no proof of the public log',
    ]);
  });

  it('of another record is altered', () => {
    expect(named(exportedEvidence(record, { log: ofOther }))).toEqual(['altered', 'failed', 'batch']);
  });

  it('of a receipt is no proof of a record', () => {
    const file = exportedEvidence(record, { log: { ...proof, kind: 'receipt' } });
    expect(named(file)).toEqual(['altered', 'failed', 'the proof is of something else']);
  });

  it('under another key of a log, and without the witnesses that are needed', () => {
    const strange = { ...pinned, log: readVerifier(verifierText(signerOf())) };
    const file = exportedEvidence(record, { log: proof });
    expect(named(file, strange)).toEqual(['altered', 'failed', 'signature of the log']);
    expect(named(file, { ...pinned, quorum: 1 })).toEqual(['altered', 'failed', 'witnesses']);
  });

  it('a proof that was changed in the file is named as the part that was', () => {
    const file = Buffer.from(exportedEvidence(record, { log: proof })).toString('utf8');
    const changed = Buffer.from(file.replace(`"index":${proof.index}`, `"index":${proof.index + 1}`));
    expect(readExport(changed).checks).toContainEqual(
      expect.objectContaining({ result: 'failed', detail: 'log' }),
    );
    expect(judged(changed).outcome).toBe('altered');
  });

  it('is not judged where no key of the log was given', () => {
    const file = exportedEvidence(record, { log: proof });
    expect(verifyExportedEvidence(file, { trustAnchors, believeInstant: true }).outcome).toBe('valid');
  });
});
