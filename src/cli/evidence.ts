import { systemClock } from '../adapters/clock.ts';
import type { Store } from '../adapters/store/open-store.ts';
import { JitsuinError } from '../core/errors.ts';
import { takeEvidence } from '../verification/evidence/export-evidence.ts';
import { logProofOf } from '../verification/evidence/log-proof.ts';
import { timeProofOf } from '../verification/evidence/time-proof.ts';
import { type EvidenceProofs, exportedEvidence } from '../verifier/evidence/evidence-export.ts';
import { evidencePart, recordedDecision } from '../verifier/evidence/read-evidence.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { onlyOperand } from './document-arguments.ts';
import { exportAll } from './evidence/export-all.ts';
import { reportAsJson } from './evidence/output.ts';
import { ownLog } from './evidence/own-log.ts';
import { writeXades } from './evidence/xades.ts';
import { writePrivate } from './private-file.ts';
import { withOpenedStore } from './storage-arguments.ts';
import { EVIDENCE_ROLE, JSON_OPTION, OPENED_STORE_PLACE } from './store-options.ts';

const XADES =
  'also the signed XML with XAdES properties of levels LT and LTA, time-stamped by JITSUIN_TSA_URL (pf). It is no ' +
  'baseline signature: SigningCertificateV2 would have to be signed, and the card signs before any certificate is ' +
  "known. Validators that insist on it (the EU's DSS among them) will not call it B-LT or B-LTA";

export const evidenceExport: Command = declareCommand({
  name: 'evidence export',
  operands: '[ID]',
  about: `Writes what is needed to decide again, offline, in twenty years: the document, the signature value, the
certificate and its path, the revocation data, the instant, the policy and the report; once its period was
time-stamped, also its place in the period's hash tree and the time-stamps; and what the operator signed of it (pf),
and once it is in the public log of JITSUIN_TLOG_DIR (pf) its proof.
The file holds a certificate: it must not be given to a service provider. The export is noted in the audit chain.`,
  options: {
    role: EVIDENCE_ROLE,
    out: {
      type: 'string',
      value: 'FILE',
      means: 'the record (default: standard output); with --all a folder',
    },
    document: { type: 'string', value: 'FILE', means: 'also the finished signed XML' },
    report: { type: 'string', value: 'FILE', means: 'also the report, as JSON' },
    xades: { type: 'string', value: 'FILE', means: XADES },
    wait: {
      type: 'string',
      value: 'SECONDS',
      default: '0',
      means: 'wait this long for the time-stamp of its period',
    },
    all: {
      type: 'boolean',
      means:
        'every record of the store, one file ID.json each into the folder of --out, on every processor; the list ' +
        'of what was written is kept there (.exported.ndjson or .csv): after a kill the same command goes on after it',
    },
    format: { type: 'string', oneOf: ['ndjson', 'csv'], means: 'with --all: of that list (default: ndjson)' },
    json: JSON_OPTION,
  },
  more: OPENED_STORE_PLACE,
  async run(values, operands, io) {
    if (values.all) {
      const single = [...operands, values.document, values.report, values.xades].find(
        (one) => one !== undefined,
      );
      if (single !== undefined)
        throw new UsageError(
          `--all writes every record into the folder of --out; "${single}" is for one record.`,
        );
      return exportAll({ folder: values.out, format: values.format }, values.role, io);
    }
    if (values.format !== undefined) throw new UsageError('--format is for --all.');
    const id = onlyOperand(operands, 'ID', 'give one, or --all');
    const { octets, proofs } = await exported(io, values.role, id, waitOption(values.wait));
    const file = exportedEvidence(octets, proofs);
    if (values.document !== undefined) await writePart(octets, values.document);
    if (values.xades !== undefined) await writeXades(octets, values.xades, io);
    if (values.report !== undefined) {
      const { report, result } = recordedDecision(octets);
      await writePrivate(
        values.report,
        `${JSON.stringify({ result, ...reportAsJson(report) }, undefined, 2)}\n`,
      );
    }
    if (values.out === undefined || values.out === '-') io.stdout(`${Buffer.from(file).toString('utf8')}\n`);
    else await writePrivate(values.out, file);
    return 0;
  },
});

function waitOption(text: string): number {
  if (!/^[0-9]{1,6}$/.test(text)) throw new UsageError(`--wait ${text} is not a number of seconds.`);
  return Number(text) * 1000;
}

interface Exported {
  readonly octets: Uint8Array;
  readonly proofs: EvidenceProofs;
}

function exported(io: CommandIo, role: 'pf' | 'gov', id: string, wait: number): Promise<Exported> {
  return withOpenedStore(io, role, async (store) => {
    const octets = await takeEvidence({ ...store, clock: systemClock }, id);
    const seal = await store.evidence.sealOf(id);
    const log = await logProofOf(await ownLog(io), octets);
    return { octets, proofs: { time: await timeOf(store, id, wait), seal, log } };
  });
}

const POLL_MILLIS = 200;

/** The proof of the record's time; undefined while no period covers it. */
async function timeOf(store: Store, id: string, wait: number): Promise<EvidenceProofs['time']> {
  const until = systemClock.now() + wait;
  for (;;) {
    const proof = await timeProofOf(store.archive, id);
    if (proof !== undefined) return proof;
    if (systemClock.now() >= until) return undefined;
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS));
  }
}

async function writePart(octets: Uint8Array, path: string): Promise<void> {
  const document = evidencePart(octets, 'finished-document') ?? evidencePart(octets, 'document');
  if (document === undefined) {
    throw new JitsuinError(
      'xmldsig.state',
      'The record has no signed XML: the signature was not right, or a file was signed.',
    );
  }
  await writePrivate(path, document);
}
