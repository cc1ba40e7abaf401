import { statusOf, verificationAsJson, verificationAsText } from '../cli/evidence/output.ts';
import { judgeReceipt, proofIn, receiptIn } from '../cli/log/judge-receipt.ts';
import { formJudgement } from '../cli/verify/form-output.ts';
import {
  documentExplained,
  type Explained,
  judgementAsJson,
  judgementAsText,
  NOTHING_EXPLAINED,
  VERDICT_STATUS,
  valueExplained,
} from '../cli/verify/output.ts';
import type { EpochMillis, SigningMode } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import { digestedFile, expectFileNames } from '../core/forms/attached-files.ts';
import { formCatalogue } from '../core/forms/catalogue.ts';
import { composedName } from '../core/forms/file-names.ts';
import { type OutcomeWord, outcomeOfReport } from '../core/outcomes.ts';
import type { Report } from '../core/report.ts';
import { readVerifier } from '../core/transparency/signed-note.ts';
import type { SignedElementSelector, XmlSignatureProfileName } from '../core/xmldsig/prepared-signature.ts';
import { verifyExportedEvidence } from '../verifier/evidence/verify-exported.ts';
import { explainDigest } from '../verifier/explain/explain.ts';
import { explainFileValue } from '../verifier/explain/other-values.ts';
import { judgeFormOffline } from '../verifier/forms/judge-form.ts';
import {
  certificatesIn,
  crlsIn,
  type DetachedSignature,
  detachedSignatureIn,
  timeStampIn,
  valueIn,
} from '../verifier/given-files.ts';
import type { OfflineRules } from '../verifier/judge-offline.ts';
import { judgeStamped, type StampedJudgement } from '../verifier/judge-stamped.ts';
import { readPolicyFile } from '../verifier/policy/policy-file.ts';
import { shippedOf, shippedPolicies } from '../verifier/policy/shipped.ts';
import { policyOf } from '../verifier/policy/validation-policy.ts';

/** A file that the reader chose; the name is for what is said of it. */
export interface GivenFile {
  readonly name: string;
  readonly octets: Uint8Array;
}

/** Whom the reader believes and what lies beside, as the options of `jitsuin verify`. */
export interface Beside {
  readonly trust: readonly GivenFile[];
  readonly intermediates?: readonly GivenFile[];
  readonly crls?: readonly GivenFile[];
  readonly ocsp?: readonly GivenFile[];
  readonly timeStamps?: readonly GivenFile[];
  readonly tsaTrust?: readonly GivenFile[];
  readonly noRevocation?: boolean;
  /** A shipped policy's name or a file's octets; left out: whichever fits the certificate. */
  readonly policy?: string | GivenFile;
  readonly at: number;
}

interface Explaining {
  readonly explain?: boolean;
}

export type Asked =
  | (Explaining & {
      readonly kind: 'document';
      readonly file: GivenFile;
      readonly profile: XmlSignatureProfileName;
      readonly element?: string;
      readonly id?: string;
      readonly beside: Beside;
    })
  | (Explaining & {
      readonly kind: 'file';
      readonly file: GivenFile;
      /** A detached result or evidence, instead of the three others. */
      readonly result?: GivenFile;
      readonly value?: GivenFile;
      readonly certificate?: GivenFile;
      readonly mode?: SigningMode;
      readonly beside: Beside;
    })
  | {
      readonly kind: 'form';
      readonly file: GivenFile;
      readonly form: string;
      readonly files: readonly GivenFile[];
      readonly signers?: number;
      readonly beside: Beside;
    }
  | {
      readonly kind: 'evidence';
      readonly file: GivenFile;
      readonly believeInstant?: boolean;
      readonly beside: Pick<Beside, 'trust' | 'tsaTrust' | 'at'>;
    }
  | {
      readonly kind: 'receipt';
      readonly file: GivenFile;
      readonly proof: GivenFile;
      /** Pinned keys, `NAME+ID+KEY`. */
      readonly log: string;
      readonly witnesses: readonly string[];
      readonly quorum?: number;
    };

/** What the command line prints of it, and its exit status. */
export interface Told {
  readonly status: 0 | 1 | 3 | 4;
  readonly outcome: OutcomeWord | 'altered' | 'in-log' | 'not-in-log';
  readonly text: string;
  readonly json: string;
  readonly checks: Report['checks'];
}

/** Judges as the command line does. @throws JitsuinError for wrong use */
export function judge(asked: Asked): Told {
  switch (asked.kind) {
    case 'document':
      return ofDocument(asked);
    case 'file':
      return ofFile(asked);
    case 'form':
      return ofForm(asked);
    case 'evidence':
      return ofEvidence(asked);
    case 'receipt':
      return ofReceipt(asked);
  }
}

function ofDocument({ file, profile, element, id, explain, beside }: Asked & { kind: 'document' }): Told {
  const signedElement: SignedElementSelector | undefined =
    element === undefined ? (id === undefined ? undefined : { id }) : { name: element };
  const subject = defined({ kind: 'document' as const, document: file.octets, profile, signedElement });
  const judgement = judgeStamped(subject, 'digest-info', rulesOf(beside), stampsOf(beside));
  return stamped(judgement, explain === true, () =>
    documentExplained(explainDigest(file.octets, defined({ profile, signedElement }))),
  );
}

function ofFile(asked: Asked & { kind: 'file' }): Told {
  const { file, explain, beside } = asked;
  const { certificate, value, mode } = signatureOf(asked);
  const subject = {
    kind: 'file',
    octets: file.octets,
    certificate: certificate.der,
    signatureValue: value,
  } as const;
  const judgement = judgeStamped(subject, mode, rulesOf(beside), stampsOf(beside));
  return stamped(judgement, explain === true, () =>
    valueExplained(explainFileValue(file.octets, mode, { value, publicKey: certificate.publicKey() })),
  );
}

function stamped(judgement: StampedJudgement, explains: boolean, explained: () => Explained): Told {
  const { report } = judgement;
  const told = explains ? orNothing(explained) : undefined;
  return {
    status: VERDICT_STATUS[report.indication],
    outcome: outcomeOfReport(report),
    text: judgementAsText(judgement) + (explains ? (told ?? NOTHING_EXPLAINED).text : ''),
    json: `${JSON.stringify({ ...judgementAsJson(judgement), explanation: told?.json }, null, 2)}\n`,
    checks: report.checks,
  };
}

function ofForm({ file, form: name, files, signers, beside }: Asked & { kind: 'form' }): Told {
  const form = formCatalogue().get(name);
  if (form === undefined) throw wrongUse(`There is no form ${name}.`);
  const documentName = composedName(file.name);
  const given = expectFileNames(files, documentName).map((each) => digestedFile(each, form));
  const subject = defined({ form, document: file.octets, documentName, files: given, signers });
  const judgement = judgeFormOffline(subject, rulesOf(beside));
  const { report } = judgement;
  return {
    status: VERDICT_STATUS[report.indication],
    outcome: outcomeOfReport(report),
    text: formJudgement(judgement, false),
    json: formJudgement(judgement, true),
    checks: report.checks,
  };
}

const EVIDENCE_OUTCOMES = {
  valid: 'valid',
  negative: 'wrong',
  'not-provable': 'undecided',
  altered: 'altered',
} as const;

function ofEvidence({ file, believeInstant, beside }: Asked & { kind: 'evidence' }): Told {
  const { trust, tsaTrust = [], at } = beside;
  const verification = verifyExportedEvidence(
    file.octets,
    defined({
      trustAnchors: trust.flatMap(certificates),
      tsaTrustAnchors: tsaTrust.length === 0 ? undefined : tsaTrust.flatMap(certificates),
      policies: [],
      believeInstant,
      asked: at as EpochMillis,
    }),
  );
  const { integrity, verdict } = verification;
  const status = statusOf(verification);
  return {
    status: status === 2 ? 4 : status,
    outcome: EVIDENCE_OUTCOMES[verification.outcome],
    text: verificationAsText(verification),
    json: `${JSON.stringify(verificationAsJson(verification))}\n`,
    checks: [...integrity.checks, ...(verdict?.checks ?? [])],
  };
}

function ofReceipt({ file, proof, log, witnesses, quorum }: Asked & { kind: 'receipt' }): Told {
  const pinned = { log: readVerifier(log), witnesses: witnesses.map(readVerifier) };
  if (pinned.log.type !== 'log' || pinned.witnesses.some(({ type }) => type !== 'witness'))
    throw wrongUse('A key of a log was pinned as a witness, or the other way round.');
  const needed = { ...pinned, quorum: quorum ?? witnesses.length };
  const { status, json, text } = judgeReceipt(receiptIn(file.octets), proofIn(proof.octets), needed);
  return { status, outcome: status === 0 ? 'in-log' : 'not-in-log', text, json, checks: [] };
}

function signatureOf({ result, value, certificate, mode }: Asked & { kind: 'file' }): DetachedSignature {
  if (result !== undefined) {
    const read = detachedSignatureIn(result.octets);
    if (typeof read === 'string') throw wrongUse(`"${result.name}" ${read}.`);
    return read;
  }
  if (value === undefined || certificate === undefined)
    throw wrongUse('A detached signature needs its value and its certificate, or a result with both.');
  const [signer, second] = certificates(certificate);
  if (signer === undefined || second !== undefined)
    throw new JitsuinError(
      'certificate.syntax',
      'The file must hold exactly one certificate: the signer’s.',
      {
        at: certificate.name,
      },
    );
  return {
    certificate: signer,
    value: valueIn(value.octets) as DetachedSignature['value'],
    mode: mode ?? 'digest-info',
  };
}

function rulesOf(beside: Beside): OfflineRules {
  const { trust, intermediates = [], crls = [], ocsp = [], noRevocation, policy, at } = beside;
  const chosen = policy === undefined ? undefined : policyOf(policyNamed(policy), 'EITHER');
  return {
    trustAnchors: trust.flatMap(certificates),
    intermediates: intermediates.flatMap(certificates),
    data: {
      crls: crls.flatMap(({ name, octets }) => crlsIn(octets, name)),
      ocsp: ocsp.map(({ octets }) => octets),
    },
    revocation: noRevocation === true ? 'switched-off' : 'asked',
    policy: (signer) => chosen ?? policyOf(shippedOf(signer), 'EITHER'),
    at: at as EpochMillis,
  };
}

function policyNamed(policy: string | GivenFile) {
  if (typeof policy !== 'string') return readPolicyFile(policy.octets, policy.name);
  const shipped = shippedPolicies().find(({ called }) => called === policy);
  if (shipped === undefined) throw wrongUse(`There is no policy ${policy}.`);
  return shipped;
}

function stampsOf({ timeStamps = [], tsaTrust = [] }: Beside) {
  const tokens = timeStamps.map(({ name, octets }) => {
    const token = timeStampIn(octets);
    if (token === undefined)
      throw wrongUse(`"${name}" is an answer in which the authority refused to stamp.`);
    return token;
  });
  return { tokens, trustAnchors: tsaTrust.flatMap(certificates) };
}

function certificates({ name, octets }: GivenFile) {
  try {
    return certificatesIn(octets);
  } catch (thrown) {
    const { message } = asJitsuinError(thrown);
    throw wrongUse(`"${name}" holds no certificate in PEM or DER: ${message}`);
  }
}

function orNothing(explained: () => Explained): Explained | undefined {
  try {
    return explained();
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return undefined;
  }
}

function wrongUse(message: string): JitsuinError {
  return new JitsuinError('usage.arguments', message);
}
