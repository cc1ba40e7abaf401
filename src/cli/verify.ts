import type { SignatureValue, SigningMode } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { asJitsuinError } from '../core/errors.ts';
import type { SignedElementSelector, XmlSignatureProfileName } from '../core/xmldsig/prepared-signature.ts';
import { explainDigest } from '../verifier/explain/explain.ts';
import { explainForm, type FormExplanation } from '../verifier/explain/explain-form.ts';
import { explainFileValue } from '../verifier/explain/other-values.ts';
import type { FormSubject } from '../verifier/forms/form-validation.ts';
import { judgeFormOffline } from '../verifier/forms/judge-form.ts';
import { type DetachedSignature, timeStampIn } from '../verifier/given-files.ts';
import type { OfflineRules } from '../verifier/judge-offline.ts';
import { judgeStamped, type StampedJudgement, type StampRules } from '../verifier/judge-stamped.ts';
import { outcomeReportFacts } from '../verifier/report/report-facts.ts';
import { type ArchiveJudge, judgesHere, threadJudges } from './archive/archive-judges.ts';
import { runArchive } from './archive/run-archive.ts';
import { readCertificate, readCertificates, readCrls, readValue } from './certificate-arguments.ts';
import { type Command, type CommandIo, type ExitStatus, UsageError } from './command.ts';
import { declareCommand, type Given, type OptionDeclarations } from './declare-command.ts';
import {
  onlyFile,
  profileOption,
  readOctets,
  selectorOption,
  writeOctets,
  xmlProfileOption,
} from './document-arguments.ts';
import { countFiles, type InputFiles, inputFiles, isFolder } from './input-files.ts';
import { instantOption } from './instant-argument.ts';
import { DOCUMENT_COLUMNS, DOCUMENTS_WORST, judgeOfDocuments, unreadDocument } from './verify/archive.ts';
import { detachedResult, readDetachedResult } from './verify/detached-result.ts';
import { FORM_OPTIONS } from './verify/form-options.ts';
import { formJudgement } from './verify/form-output.ts';
import { formSubject, receiversForm } from './verify/in-form.ts';
import { KEPT_OPTION, type KeptCase, writeKeptCase } from './verify/kept-case.ts';
import {
  documentExplained,
  type Explained,
  judgementAsJson,
  judgementAsText,
  NOTHING_EXPLAINED,
  VERDICT_STATUS,
  valueExplained,
} from './verify/output.ts';
import { policyOption } from './verify/policy.ts';
import { REPORT_OPTIONS, wantsReport, writeReports } from './write-report.ts';

const OPTIONS = {
  trust: {
    type: 'string',
    value: 'ROOT',
    multiple: true,
    needed: true,
    means: 'a trust anchor, PEM or DER. Anchors never come from FILE',
  },
  crl: {
    type: 'string',
    value: 'FILE',
    multiple: true,
    means: 'a CRL, PEM or DER. Nothing is fetched from a network',
  },
  ocsp: { type: 'string', value: 'FILE', multiple: true, means: 'an OCSP answer in DER' },
  'no-revocation': { type: 'boolean', means: 'do not ask about revocation; the report names it' },
  intermediate: {
    type: 'string',
    value: 'FILE',
    multiple: true,
    means: 'CA certificates between signer and anchor',
  },
  at: {
    type: 'string',
    value: 'TIME',
    means: 'judge for this instant, for example 2026-11-22T09:00:00+09:00 (default: now)',
  },
  timestamp: {
    type: 'string',
    value: 'FILE',
    multiple: true,
    means:
      "an RFC 3161 time-stamp (token or answer, DER) over the signature value's octets or over the signed " +
      'XML: certificate, revocation and algorithms are judged for its time',
  },
  'tsa-trust': {
    type: 'string',
    value: 'ROOT',
    multiple: true,
    means:
      'with --timestamp: root of the time-stamp authority, PEM or DER. Its revocation is looked for in ' +
      '--crl and --ocsp',
  },
  policy: {
    type: 'string',
    value: 'FILE',
    means:
      'a policy file, or one of the shipped jpki, jpki-test (default: whichever fits the certificate) and ' +
      'general: any certificate that leads to an anchor',
  },
  profile: {
    type: 'string',
    value: 'NAME',
    means:
      'enveloped (default), by-id, guideline, or detached. It is agreed beforehand, never read from FILE',
  },
  ...FORM_OPTIONS,
  signers: { type: 'string', value: 'N', means: 'with --form: how many must have signed' },
  element: {
    type: 'string',
    value: 'NAME',
    means: 'the element that must be signed, NAME or {namespace}NAME',
  },
  id: { type: 'string', value: 'ID', means: 'the element that must be signed, by its Id (profile by-id)' },
  detached: {
    type: 'boolean',
    means: 'the same as --profile detached: any file, with its signature beside it',
  },
  result: {
    type: 'string',
    value: 'FILE',
    means: 'detached: signature value, certificate and mode from a detached result or an evidence record',
  },
  'write-result': {
    type: 'string',
    value: 'OUT',
    means: 'detached: keep them in one file to lie beside FILE; written only when valid',
  },
  'signature-value': {
    type: 'string',
    value: 'V',
    means: 'detached: base64, or a file with base64 or the raw octets',
  },
  certificate: { type: 'string', value: 'FILE', means: "detached: the signer's certificate, PEM or DER" },
  mode: {
    type: 'string',
    value: 'MODE',
    means: 'detached: digest-info (default) or digest, as the sign transaction was started',
  },
  'signed-octets': {
    type: 'string',
    value: 'OUT',
    means: 'write the octets that the signature covers; only these may be relied on',
  },
  explain: {
    type: 'boolean',
    means:
      'when digest or value differ: name the step between the document and the card that was done otherwise',
  },
  expected: {
    type: 'string',
    value: 'FILE',
    means: 'with --explain: the octets that the other system digested, to be compared',
  },
  ...REPORT_OPTIONS,
  ...KEPT_OPTION,
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

type Values = Given<typeof OPTIONS>;

/** `jitsuin verify`: a signed file in, a report out. */
export const command: Command = declareCommand({
  name: 'verify',
  operands: 'FILE|FOLDER…',
  about: `Judges the signature of FILE (- for standard input), the certificate that made it, and whether that was
revoked. With --detached either --signature-value and --certificate, or --result. With --form a document of a receiver's
form: every signer is judged, and what no Reference covers is listed.

Several files, a folder (all below it) or a list are judged as an archive, on every processor: one line a document, a
summary on standard error; on a terminal count, rate and time left. All are judged for one instant, by the rules
given.`,
  options: OPTIONS,
  more: `Exit status: 0 valid; 1 proved wrong, for ever; 2 wrong use; 3 neither (no --crl, an unmet policy, another
form, an expired or revoked certificate without proof of when it signed). "class" and "retryable" of --json say what
may follow. Of an archive: the worst of its documents, 1 before 2 (one could not be read) before 3.`,
  async run(values, operands, io) {
    const form = await receiversForm(values, io);
    if (form !== undefined) {
      const subject = await formSubject(form, operands, values);
      const judgement = judgeFormOffline(subject, await readRules(values));
      io.stdout(formJudgement(judgement, values.json, values.explain ? explainedForm(subject) : undefined));
      return VERDICT_STATUS[judgement.report.indication];
    }
    if (await isArchive(values, operands)) return verifyDocuments(values, operands, io);
    const file = onlyFile(operands);
    if (values.detached && values.profile !== undefined && values.profile !== 'detached') {
      throw new UsageError('--detached and --profile contradict each other; give one.');
    }
    const profile = values.detached ? 'detached' : profileOption(values.form ?? values.profile);
    expectTogether(values, profile === 'detached');
    const selector = selectorOption(values);
    const rules = await readRules(values);
    const octets = await readOctets(file);
    if (profile === 'detached') {
      return verifyDetached({ file, octets }, rules, values, io);
    }
    const subject = { profile, ...selector };
    const document = { kind: 'document', document: octets, ...subject } as const;
    const judgement = judgeStamped(document, 'digest-info', rules, await readStamps(values));
    await writeReportXml(values, rules, judgement, judgement.xml?.signatureValue, io);
    const told = values.explain ? await explain(octets, subject, values) : undefined;
    const kept = { file, octets, subject, at: rules.at };
    return finish({ judgement, signedOctets: judgement.signedOctets, told, kept }, values, io);
  },
});

async function isArchive({ list, out, format }: Values, operands: readonly string[]): Promise<boolean> {
  const [first] = operands;
  if (operands.length > 1 || list !== undefined) return true;
  if (first !== undefined && (await isFolder(first))) return true;
  if (out !== undefined || format !== undefined)
    throw new UsageError('--out and --format are for several files, a folder or a --list.');
  return false;
}

async function verifyDocuments(values: Values, paths: readonly string[], io: CommandIo): Promise<ExitStatus> {
  const alone = ONE_ONLY.find((option) => values[option] !== undefined && values[option] !== false);
  if (alone !== undefined || values.profile === 'detached')
    throw new UsageError(`--${alone ?? 'profile detached'} is for one FILE, not for an archive.`);
  const fixed: Values = { ...values, at: new Date(instantOption(values.at)).toISOString() };
  const here = await documentJudge(fixed);
  const files: InputFiles = { paths, list: values.list, except: values.out };
  const inputs = async function* () {
    for await (const name of inputFiles(files)) yield { name };
  };
  // what was read from standard input cannot be read again in each thread
  const once = [...(values.trust ?? []), ...(values.crl ?? []), ...(values.ocsp ?? [])].includes('-');
  return runArchive(
    {
      inputs: inputs(),
      total: () => countFiles(files),
      out: values.out,
      columns: DOCUMENT_COLUMNS,
      format: values.format ?? 'ndjson',
      worst: DOCUMENTS_WORST,
      unjudged: unreadDocument,
      judges: (few) =>
        few || once
          ? judgesHere(here)
          : threadJudges({ command: 'verify', values: { ...fixed } }, unreadDocument),
    },
    io,
  );
}

const NO_STAMPS: StampRules = { tokens: [], trustAnchors: [] };

/** The judge that one thread of an archive works with. @throws as the command */
export async function documentJudge(values: Values): Promise<ArchiveJudge> {
  const rules = await readRules(values);
  const profile = xmlProfileOption(values.profile);
  const subject = { kind: 'document', profile, ...selectorOption(values) } as const;
  return judgeOfDocuments((document) =>
    judgeStamped({ ...subject, document }, 'digest-info', rules, NO_STAMPS),
  );
}

async function verifyDetached(
  { file, octets }: Pick<KeptCase, 'file' | 'octets'>,
  rules: OfflineRules,
  values: Values,
  io: CommandIo,
): Promise<ExitStatus> {
  const signature = await readSignature(values);
  const { certificate, value: signatureValue, mode } = signature;
  const subject = { kind: 'file', octets, certificate: certificate.der, signatureValue } as const;
  const judgement = judgeStamped(subject, mode, rules, await readStamps(values));
  await writeReportXml(values, rules, judgement, signatureValue, io);
  const out = values['write-result'];
  if (out !== undefined && judgement.report.indication === 'TOTAL-PASSED') {
    await writeOctets(out, detachedResult(octets, signature), io);
  }
  const told = values.explain
    ? valueExplained(
        explainFileValue(octets, mode, { value: signatureValue, publicKey: certificate.publicKey() }),
      )
    : undefined;
  const kept = {
    file,
    octets,
    at: rules.at,
    subject: { profile: 'detached', value: signatureValue, certificate: certificate.der, mode },
  } as const;
  return finish({ judgement, signedOctets: octets, told, kept }, values, io);
}

interface Judged {
  readonly judgement: StampedJudgement;
  readonly signedOctets: Uint8Array | undefined;
  readonly told: Explained | undefined;
  readonly kept: Pick<KeptCase, 'file' | 'octets' | 'subject' | 'at'>;
}

async function finish(
  { judgement, signedOctets, told, kept }: Judged,
  values: Values,
  io: CommandIo,
): Promise<ExitStatus> {
  const { report } = judgement;
  const explanation = values.explain ? (told ?? NOTHING_EXPLAINED) : undefined;
  const text = judgementAsText(judgement) + (explanation?.text ?? '');
  if (values.json) {
    const all = { ...judgementAsJson(judgement), explanation: told?.json };
    io.stdout(`${JSON.stringify(all, null, 2)}\n`);
  } else io.stdout(text);
  const status = VERDICT_STATUS[report.indication];
  await writeKeptCase(values, { ...kept, status, text }, io);
  if (
    values['signed-octets'] !== undefined &&
    signedOctets !== undefined &&
    report.indication === 'TOTAL-PASSED'
  ) {
    await writeOctets(values['signed-octets'], signedOctets, io);
  }
  return status;
}

/** An instant that the caller gave is his word; now is proved by the judgement itself. */
async function writeReportXml(
  values: Values,
  { policy }: OfflineRules,
  judgement: StampedJudgement,
  signatureValue: Uint8Array | undefined,
  io: CommandIo,
): Promise<void> {
  if (!wantsReport(values)) return;
  const { at } = values;
  const { certificate, report, provedAt } = judgement;
  const applied = certificate === undefined || typeof policy !== 'function' ? policy : policy(certificate);
  const facts = outcomeReportFacts(
    judgement,
    defined({
      signatureValue,
      policy: typeof applied === 'function' ? undefined : applied,
      bestTime: {
        at: provedAt ?? report.validationTime,
        proof: at === undefined || provedAt !== undefined ? 'validation' : 'provided',
      },
    }),
  );
  await writeReports(values, facts, io);
}

/** undefined when the document is not of the form; the judgement says so already. */
function explainedForm(subject: FormSubject): FormExplanation | undefined {
  try {
    return explainForm(subject);
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return undefined;
  }
}

/** undefined when the document has not the form of the profile; the judgement says so already. */
async function explain(
  octets: Uint8Array,
  subject: { readonly profile: XmlSignatureProfileName; readonly signedElement?: SignedElementSelector },
  values: Values,
): Promise<Explained | undefined> {
  const expected = values.expected === undefined ? {} : { expectedOctets: await readOctets(values.expected) };
  try {
    return documentExplained(explainDigest(octets, { ...subject, ...expected }));
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return undefined;
  }
}

async function readRules(values: Values): Promise<OfflineRules> {
  const given = values.crl !== undefined || values.ocsp !== undefined;
  if (values['no-revocation'] && given) {
    throw new UsageError('--no-revocation contradicts --crl and --ocsp; give one or the other.');
  }
  const policy = await policyOption(values.policy);
  const at = instantOption(values.at);
  const trustAnchors = await Promise.all(values.trust.map(readCertificates));
  const intermediates = await Promise.all((values.intermediate ?? []).map(readCertificates));
  const crls = await Promise.all((values.crl ?? []).map(readCrls));
  const ocsp = await Promise.all((values.ocsp ?? []).map(readOctets));
  return {
    trustAnchors: trustAnchors.flat(),
    intermediates: intermediates.flat(),
    data: { crls: crls.flat(), ocsp },
    revocation: values['no-revocation'] ? 'switched-off' : 'asked',
    policy,
    at,
  };
}

/** Tokens and whom they are believed from; none of both is no proof of time. */
async function readStamps(values: Values): Promise<StampRules> {
  const { timestamp = [], 'tsa-trust': trust = [] } = values;
  if (timestamp.length > 0 && trust.length === 0)
    throw new UsageError('--tsa-trust is missing: name the root of the time-stamp authority that you trust.');
  if (timestamp.length === 0 && trust.length > 0) throw new UsageError('--tsa-trust needs --timestamp.');
  const trustAnchors = await Promise.all(trust.map(readCertificates));
  return { tokens: await Promise.all(timestamp.map(readToken)), trustAnchors: trustAnchors.flat() };
}

async function readToken(path: string): Promise<Uint8Array> {
  const token = timeStampIn(await readOctets(path));
  if (token !== undefined) return token;
  throw new UsageError(`--timestamp ${path} is an answer in which the authority refused to stamp.`);
}

const DETACHED_ONLY = ['signature-value', 'certificate', 'mode', 'result', 'write-result'] as const;
const ONE_ONLY = [
  ...DETACHED_ONLY,
  'report-xml',
  'report-html',
  'html',
  'timestamp',
  'tsa-trust',
  'detached',
  'signed-octets',
  'explain',
  'expected',
  'json',
] as const;
const XML_ONLY = ['element', 'id', 'expected'] as const;

function expectTogether(values: Values, detached: boolean): void {
  const stray = (detached ? XML_ONLY : DETACHED_ONLY).find((option) => values[option] !== undefined);
  if (stray !== undefined) {
    throw new UsageError(`--${stray} ${detached ? 'has no meaning for' : 'is for'} --profile detached.`);
  }
  if (values.expected !== undefined && !values.explain) throw new UsageError('--expected needs --explain.');
}

async function readSignature(values: Values): Promise<DetachedSignature> {
  const { certificate, mode, 'signature-value': value, result } = values;
  if (result !== undefined) {
    if (value !== undefined || certificate !== undefined || mode !== undefined) {
      throw new UsageError(
        '--result holds --signature-value, --certificate and --mode; give one or the other.',
      );
    }
    return readDetachedResult(result);
  }
  if (value === undefined)
    throw new UsageError('--signature-value is missing: a detached signature is beside the file.');
  if (certificate === undefined)
    throw new UsageError('--certificate is missing: a detached signature has it beside the file.');
  return {
    certificate: await readCertificate(certificate),
    value: (await readValue(value)) as SignatureValue,
    mode: modeOption(mode),
  };
}

function modeOption(text: string | undefined): SigningMode {
  if (text === undefined || text === 'digest-info') return 'digest-info';
  if (text === 'digest') return text;
  throw new UsageError(`--mode ${text} is not known; it is digest-info or digest.`);
}
