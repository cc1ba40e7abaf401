import { readReceiptKeys } from '../../adapters/pf-verification/receipt-judge.ts';
import { readAlgorithmEnds } from '../../config/parts.ts';
import { defined } from '../../core/defined.ts';
import { HOUR_MILLIS } from '../../core/spans.ts';
import { operatorSealCheck } from '../../verifier/evidence/operator-seal.ts';
import { type ExportTrust, verifyExportedEvidence } from '../../verifier/evidence/verify-exported.ts';
import { readCertificates } from '../certificate-arguments.ts';
import { type Command, UsageError } from '../command.ts';
import { declareCommand, type Given, type OptionDeclarations } from '../declare-command.ts';
import { onlyFile, readOctets } from '../document-arguments.ts';
import { isFolder } from '../input-files.ts';
import { instantOption } from '../instant-argument.ts';
import { readPolicyOption } from '../verify/policy.ts';
import { verifyArchive } from './archive.ts';
import { statusOf, verificationAsJson, verificationAsText } from './output.ts';

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
  'operator-keys': {
    type: 'string',
    value: 'FILE',
    means:
      "the platform operator's public keys (its /.well-known/jwks.json, kept from its day): the " +
      'record must be signed by one of them',
  },
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
  json: { type: 'boolean', means: 'print one JSON object' },
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
  operands: 'FILE|FOLDER…',
  about: `Makes the record (- for standard input) again from its own parts and compares it octet for octet: what was
changed, left out, doubled, exchanged or is foreign is named. Then it judges, with your trust anchors (PEM or DER),
for the time that the time-stamps prove: the certificate and the revocation data must still be good at that time, at
most --proof-within hours after the instant that the record says. What the record says of its own time is not
believed. Nothing is fetched.

Several files, a folder (all below it) or a list are judged as an archive: one line a record, a summary on standard
error, one record in memory at a time.`,
  options: OPTIONS,
  more: `Exit status: 0 valid at a proven (or believed) time; 1 the record is sound and its verdict is negative; 2 wrong
use; 3 the record is sound, and what it says could not be decided, or is not or no longer provable; 4 the record or
its proof was altered. Of an archive: the worst of its records, 4 before 2 (one could not be read) before 1 before 3.`,
  async run(values, operands, io) {
    const { trust, operatorKeys } = await readTrust(values);
    const verify = async (file: string) => {
      const octets = await readOctets(file);
      const seal = operatorKeys === undefined ? undefined : await operatorSealCheck(octets, operatorKeys);
      return verifyExportedEvidence(octets, defined({ ...trust, operatorSeal: seal }));
    };
    const { list, out } = values;
    const [first] = operands;
    const many =
      operands.length > 1 || list !== undefined || (first !== undefined && (await isFolder(first)));
    if (many) return verifyArchive({ paths: operands, list, format: formatOption(values), out }, verify, io);
    if (out !== undefined || values.format !== undefined)
      throw new UsageError('--out and --format are for several files, a folder or a --list.');
    const verification = await verify(onlyFile(operands));
    io.stdout(
      values.json
        ? `${JSON.stringify(verificationAsJson(verification))}\n`
        : verificationAsText(verification),
    );
    return statusOf(verification);
  },
});

async function readTrust(values: Given<typeof OPTIONS>) {
  const tsa = values['tsa-trust'];
  const keys = values['operator-keys'];
  const trust: ExportTrust = defined({
    trustAnchors: (await Promise.all(values.trust.map(readCertificates))).flat(),
    tsaTrustAnchors: tsa === undefined ? undefined : (await Promise.all(tsa.map(readCertificates))).flat(),
    policies: await Promise.all((values.policy ?? []).map(readPolicyOption)),
    algorithmEnds: readAlgorithmEnds(values['algorithm-ends']),
    believeInstant: values['believe-instant'],
    proofWithin: withinOption(values['proof-within']),
    asked: instantOption(values.at),
  });
  return {
    trust,
    operatorKeys: keys === undefined ? undefined : await readReceiptKeys(keys, '--operator-keys'),
  };
}

function formatOption({ format, json }: Given<typeof OPTIONS>): 'ndjson' | 'csv' {
  if (json === true)
    throw new UsageError('--json is for one file; of an archive each line is JSON (--format ndjson).');
  return format ?? 'ndjson';
}

function withinOption(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{0,3}$/.test(text))
    throw new UsageError(`--proof-within ${text} is not a number of hours, 1 to 9999.`);
  return Number(text) * HOUR_MILLIS;
}
