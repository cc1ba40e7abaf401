import { systemClock } from '../../adapters/clock.ts';
import { openForms } from '../../adapters/files/form-files.ts';
import { readReceiptKeys } from '../../adapters/pf-verification/receipt-judge.ts';
import { readAlgorithmEnds } from '../../config/parts.ts';
import { defined } from '../../core/defined.ts';
import { HOUR_MILLIS } from '../../core/spans.ts';
import { keptEvidence } from '../../verification/evidence/kept-evidence.ts';
import { logInclusionCheck, type PinnedLog } from '../../verifier/evidence/log-inclusion.ts';
import { operatorSealCheck } from '../../verifier/evidence/operator-seal.ts';
import {
  type ExportTrust,
  type ExportVerification,
  verifyExportedEvidence,
} from '../../verifier/evidence/verify-exported.ts';
import { evidenceReportFacts } from '../../verifier/report/report-facts.ts';
import { type ArchiveJudge, judgesHere, threadJudges } from '../archive/archive-judges.ts';
import type { ArchiveColumns } from '../archive/archive-lines.ts';
import { type ArchiveRun, runArchive } from '../archive/run-archive.ts';
import { readCertificates } from '../certificate-arguments.ts';
import { type Command, type CommandIo, type ExitStatus, UsageError } from '../command.ts';
import { declareCommand, type Given, type OptionDeclarations } from '../declare-command.ts';
import { onlyFile, readOctets } from '../document-arguments.ts';
import { countFiles, type InputFiles, inputFiles, isFolder } from '../input-files.ts';
import { instantOption } from '../instant-argument.ts';
import { pinnedLog } from '../log/pinned-log.ts';
import { withOpenedStore } from '../storage-arguments.ts';
import { EVIDENCE_ROLE } from '../store-options.ts';
import { readPolicyOption } from '../verify/policy.ts';
import { REPORT_OPTIONS, wantsReport, writeReports } from '../write-report.ts';
import { judgeOfRecords, RECORD_COLUMNS, RECORDS_WORST, STORED_COLUMNS, unreadRecord } from './archive.ts';
import { statusOf, verificationAsJson, verificationAsText } from './output.ts';
import { ownLog } from './own-log.ts';

const OPTIONS = {
  trust: { type: 'string', value: 'ROOT', multiple: true, needed: true, means: 'a trust anchor, PEM or DER' },
  'tsa-trust': {
    type: 'string',
    value: 'ROOT',
    multiple: true,
    means: 'root of the time-stamp authority; without it no time is proved, and the answer is INDETERMINATE',
  },
  'believe-instant': {
    type: 'boolean',
    means: "take the record's own instant for true; only where you know otherwise when it was made",
  },
  at: {
    type: 'string',
    value: 'TIME',
    means: 'does the proof still stand at this time, for example 2046-04-01T00:00:00+09:00 (default: now)',
  },
  'proof-within': {
    type: 'string',
    value: 'HOURS',
    means:
      'how long after the instant judged the time-stamp may have come (default: 24). Revocation ' +
      'data counts until its nextUpdate, and for this long at least',
  },
  forms: {
    type: 'string',
    value: 'DIR',
    means: "form files of your own, for records of documents in a receiver's form",
  },
  'operator-keys': {
    type: 'string',
    value: 'FILE',
    means:
      "the platform operator's public keys (its /.well-known/jwks.json, kept from its day): the " +
      'record must be signed by one of them',
  },
  log: {
    type: 'string',
    value: 'KEY',
    means: "public key of the operator's public log, NAME+ID+KEY: the log must hold the record",
  },
  witness: { type: 'string', value: 'KEY', multiple: true, means: 'public key of a witness that is trusted' },
  quorum: { type: 'string', value: 'N', means: 'how many of them must have signed; default: all' },
  policy: {
    type: 'string',
    value: 'FILE',
    multiple: true,
    means: 'a policy file by which records may have been judged, beside the shipped ones',
  },
  'algorithm-ends': {
    type: 'string',
    value: 'LIST',
    means:
      'the last day on which a hash or a kind of key was sound, like ' +
      'sha256=2035-12-31,p-256=2035-12-31: what stands on it must have been renewed before ' +
      '(default: rsa-2048=2030-12-31, which is RSA below 3,072 bits)',
  },
  ...REPORT_OPTIONS,
  json: { type: 'boolean', means: 'print one JSON object' },
  store: {
    type: 'boolean',
    means:
      'judge every record of a store instead of files: PostgreSQL at DATABASE_URL, else the SQLite file of the role ' +
      'in JITSUIN_DATA_DIR, opened with its seal key',
  },
  role: EVIDENCE_ROLE,
  list: {
    type: 'string',
    value: 'LIST',
    means: 'also the files that stand in LIST, one a line (- for standard input)',
  },
  format: { type: 'string', oneOf: ['ndjson', 'csv'], means: 'of an archive (default: ndjson)' },
  out: {
    type: 'string',
    value: 'FILE',
    means: 'append the lines of an archive to FILE; after a kill the same command goes on where it stopped',
  },
} as const satisfies OptionDeclarations;

export const evidenceVerify: Command = declareCommand({
  name: 'evidence verify',
  operands: '[FILE|FOLDER…]',
  about: `Makes the record (- for standard input) again from its own parts and compares it octet for octet: what was
changed, left out, doubled, exchanged or is foreign is named. Then it judges, with your trust anchors (PEM or DER),
for the time that the time-stamps prove: the certificate and the revocation data must still be good at that time, at
most --proof-within hours after the instant that the record says. What the record says of its own time is not
believed. Nothing is fetched.

Several files, a folder (all below it), a list or a store are judged as an archive, on every processor: one line a
record, a summary on standard error; on a terminal count, rate and time left. Of a store its chain is walked too.`,
  options: OPTIONS,
  more: `Exit status: 0 valid at a proven (or believed) time; 1 the record is sound and its verdict is negative; 2 wrong
use; 3 the record is sound, and what it says could not be decided, or is not or no longer provable; 4 the record or
its proof was altered. Of an archive: the worst of its records, 4 before 2 (one could not be read) before 1 before 3;
4 also where the chain of a store is broken.`,
  async run(values, operands, io) {
    if (values.store) return verifyStore(values, operands, io);
    const { list, out } = values;
    const [first] = operands;
    const many =
      operands.length > 1 || list !== undefined || (first !== undefined && (await isFolder(first)));
    if (many) return verifyFiles(values, operands, io);
    if (out !== undefined || values.format !== undefined)
      throw new UsageError('--out and --format are for several files, a folder, a --list or a --store.');
    const verify = await recordVerifier(values);
    const file = await readOctets(onlyFile(operands));
    const verification = await verify(file);
    if (wantsReport(values)) await writeReports(values, evidenceReportFacts(file, verification), io);
    io.stdout(
      values.json
        ? `${JSON.stringify(verificationAsJson(verification))}\n`
        : verificationAsText(verification),
    );
    return statusOf(verification);
  },
});

type Values = Given<typeof OPTIONS>;

/** The judge that one thread of an archive works with. @throws as the command */
export async function recordJudge(values: Values): Promise<ArchiveJudge> {
  return judgeOfRecords(await recordVerifier(values));
}

/** Trust is read once, then octets after octets. */
async function recordVerifier(values: Values): Promise<(octets: Uint8Array) => Promise<ExportVerification>> {
  const { trust, operatorKeys, pinned } = await readTrust(values);
  return async (octets) => {
    const seal = operatorKeys === undefined ? undefined : await operatorSealCheck(octets, operatorKeys);
    const publicLog = pinned === undefined ? undefined : logInclusionCheck(octets, pinned);
    return verifyExportedEvidence(octets, defined({ ...trust, operatorSeal: seal, publicLog }));
  };
}

async function verifyFiles(values: Values, paths: readonly string[], io: CommandIo): Promise<ExitStatus> {
  const files: InputFiles = { paths, list: values.list, except: values.out };
  const inputs = async function* () {
    for await (const name of inputFiles(files)) yield { name };
  };
  const run = await archiveOf(values, RECORD_COLUMNS);
  return runArchive({ ...run, inputs: inputs(), total: () => countFiles(files) }, io);
}

/** The whole store of a role: every record with its proofs as `evidence export` writes them. */
async function verifyStore(values: Values, operands: readonly string[], io: CommandIo): Promise<ExitStatus> {
  if (operands.length > 0 || values.list !== undefined)
    throw new UsageError('--store judges what the store holds; give no FILE and no --list beside it.');
  const run = await archiveOf(values, STORED_COLUMNS);
  return withOpenedStore(io, values.role, async (store) => {
    const publicLog = await ownLog(io);
    const chain = await store.archive.verify();
    const inputs = async function* () {
      for await (const { id, take } of keptEvidence({ ...store, publicLog })) yield { name: id, take };
    };
    const status = await runArchive({ ...run, inputs: inputs(), total: () => store.archive.countKept() }, io);
    const facts = { scope: 'store', status };
    await store.audit.append({
      event: 'evidence.checked',
      subject: '',
      tenant: '',
      at: systemClock.now(),
      facts,
    });
    if (chain.brokenAt === undefined) return status;
    io.stderr(
      `The chain of the store's evidence is broken at link ${chain.brokenAt}: a record was changed, or went ` +
        'without a trace.\n',
    );
    return 4;
  });
}

/** What every archive of records has; rules are read here once, so that wrong use is told before anything is judged. */
async function archiveOf(values: Values, columns: ArchiveColumns): Promise<Omit<ArchiveRun, 'inputs'>> {
  if (wantsReport(values))
    throw new UsageError('--report-xml and --report-html are for one record, not for an archive.');
  if (values.json)
    throw new UsageError('--json is for one file; of an archive each line is JSON (--format ndjson).');
  const { format = 'ndjson' } = values;
  const asked = instantOption(values.at);
  const fixed: Values = { ...values, at: new Date(asked).toISOString() };
  const here = await recordJudge(fixed);
  return {
    columns,
    format,
    out: values.out,
    worst: RECORDS_WORST,
    unjudged: unreadRecord,
    judges: (few) =>
      few
        ? judgesHere(here)
        : threadJudges({ command: 'evidence verify', values: { ...fixed } }, unreadRecord),
  };
}

async function readTrust(values: Values) {
  const tsa = values['tsa-trust'];
  const keys = values['operator-keys'];
  const trust: ExportTrust = defined({
    trustAnchors: (await Promise.all(values.trust.map(readCertificates))).flat(),
    tsaTrustAnchors: tsa === undefined ? undefined : (await Promise.all(tsa.map(readCertificates))).flat(),
    policies: await Promise.all((values.policy ?? []).map(readPolicyOption)),
    forms: values.forms === undefined ? undefined : await openForms(values.forms),
    algorithmEnds: readAlgorithmEnds(values['algorithm-ends']),
    believeInstant: values['believe-instant'],
    proofWithin: withinOption(values['proof-within']),
    asked: instantOption(values.at),
  });
  return {
    trust,
    operatorKeys: keys === undefined ? undefined : await readReceiptKeys(keys, '--operator-keys'),
    pinned: pinnedOf(values),
  };
}

function pinnedOf({ log, witness = [], quorum }: Values): PinnedLog | undefined {
  if (log !== undefined) return pinnedLog(log, witness, quorum);
  if (witness.length > 0 || quorum !== undefined)
    throw new UsageError('--witness and --quorum are for the public log that --log names.');
  return undefined;
}

function withinOption(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{0,3}$/.test(text))
    throw new UsageError(`--proof-within ${text} is not a number of hours, 1 to 9999.`);
  return Number(text) * HOUR_MILLIS;
}
