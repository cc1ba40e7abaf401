import { fromUtf8, toBase64 } from '../../core/encoding.ts';
import { type Check, decisiveCheck, type Indication, isRetryable, type Report } from '../../core/report.ts';
import type { SignedElement } from '../../core/xmldsig/prepared-signature.ts';
import type { DigestExplanation } from '../../verifier/explain/explain.ts';
import type { ValueExplanation } from '../../verifier/explain/signature-value.ts';
import type { StampedJudgement } from '../../verifier/judge-stamped.ts';
import type { TimeStampVerdict } from '../../verifier/timestamp/verify-time-stamp.ts';
import type { UnsignedPart } from '../../verifier/xmldsig/validation.ts';

/** The exit status that a verdict gives. */
export const VERDICT_STATUS = {
  'TOTAL-PASSED': 0,
  'TOTAL-FAILED': 1,
  INDETERMINATE: 3,
} as const satisfies Readonly<Record<Indication, number>>;

/** The judgement for programs; names in snake_case as in the HTTP API. */
export function judgementAsJson({
  report,
  policy,
  policySha256,
  xml,
  signedOctetsSha256,
  timeStamps,
  provedAt,
}: StampedJudgement): Record<string, unknown> {
  return {
    indication: report.indication,
    sub_indication: report.subIndication,
    class: report.class,
    retryable: isRetryable(report),
    code: decisiveCheck(report)?.code,
    validation_time: new Date(report.validationTime).toISOString(),
    proved_at: provedAt === undefined ? undefined : new Date(provedAt).toISOString(),
    time_stamps: timeStamps.length === 0 ? undefined : timeStamps.map(timeStampAsJson),
    profile: xml?.profile ?? 'detached',
    policy,
    policy_sha256: policySha256,
    signed_element: xml?.signedElement === undefined ? undefined : signedElementAsJson(xml.signedElement),
    signed_octets_sha256: signedOctetsSha256,
    checks: checksAsJson(report),
    unsigned: xml?.unsigned,
    disputed: xml?.disputed,
  };
}

/** A signed element for programs; names in snake_case as in the HTTP API. */
export function signedElementAsJson({
  localName,
  namespace,
  id,
  wholeDocument,
}: SignedElement): Record<string, unknown> {
  return { local_name: localName, namespace, id, whole_document: wholeDocument };
}

/** The checks of a report for programs. */
export function checksAsJson({ checks }: Report): readonly Record<string, unknown>[] {
  return checks.map(({ subIndication, ...check }) => ({ ...check, sub_indication: subIndication }));
}

const MARKS: Readonly<Record<Check['result'], string>> = {
  passed: '[ok]  ',
  failed: '[FAIL]',
  indeterminate: '[ ?? ]',
  'not-reached': '[ -- ]',
};

/** The judgement for people. */
export function judgementAsText({
  report,
  policy,
  policySha256,
  xml,
  signedOctetsSha256,
  timeStamps,
}: StampedJudgement): string {
  const reason = decisiveCheck(report);
  const lines = [
    reason === undefined ? report.indication : `${report.indication}: ${reason.code ?? reason.name}`,
    ...(reason?.detail === undefined ? [] : [reason.detail]),
    ...(reason?.code === 'revocation.unavailable' ? [NO_REVOCATION_DATA] : []),
    ...(reason?.code === 'certificate.policy' ? [NOT_JPKI] : []),
    '',
    ...report.checks.map(checkLine),
    '',
    'judged for      ' +
      `${new Date(report.validationTime).toISOString()}${policy === undefined ? '' : `, policy ${policy}`}`,
    ...timeStamps.map(timeStampLine),
    ...(policySha256 === undefined ? [] : [`policy file     SHA-256 ${policySha256}`]),
    ...(xml?.signedElement === undefined ? [] : [`signed element  ${describe(xml.signedElement)}`]),
    ...(signedOctetsSha256 === undefined ? [] : [`signed octets   SHA-256 ${signedOctetsSha256}`]),
    ...(xml?.unsigned ?? []).map((part) => `NOT SIGNED      ${partText(part)}`),
    ...(xml?.disputed ?? []).map(
      (construct) => `disputed        ${construct}: other software may judge otherwise`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function timeStampAsJson({
  indication,
  subIndication,
  genTime,
  checks,
}: TimeStampVerdict): Record<string, unknown> {
  return {
    indication,
    sub_indication: subIndication,
    code: checks.find(({ code }) => code !== undefined)?.code,
    gen_time: genTime === undefined ? undefined : new Date(genTime).toISOString(),
    checks: checks.map(({ subIndication: sub, ...check }) => ({ ...check, sub_indication: sub })),
  };
}

function timeStampLine({ indication, genTime, checks }: TimeStampVerdict): string {
  const wrong = checks.find(({ code }) => code !== undefined);
  const when = genTime === undefined ? '' : `${new Date(genTime).toISOString()} `;
  const why = wrong === undefined ? '' : `, ${wrong.name}: ${wrong.code}, so it proves no time`;
  return `time-stamp      ${when}${indication}${why}`;
}

const NO_REVOCATION_DATA =
  'Whether the certificate was revoked is not known: give its CRL with --crl, or ' +
  '--no-revocation to leave that open on purpose.';
const NOT_JPKI =
  'The certificate is not a JPKI signing certificate; for other certificates give --policy general.';

/** One check for people. */
export function checkLine({ name, result, code, detail }: Check): string {
  const reason = result === 'passed' ? detail : [code, detail].filter(Boolean).join(': ');
  return `${MARKS[result]} ${name}${reason ? `  ${reason}` : ''}`;
}

function describe(element: {
  readonly localName: string;
  readonly namespace: string;
  readonly wholeDocument: boolean;
}): string {
  const name = element.namespace === '' ? element.localName : `{${element.namespace}}${element.localName}`;
  return element.wholeDocument ? `${name}, the whole document` : name;
}

function partText({ kind, name, offset }: UnsignedPart): string {
  return `${kind}${name === undefined ? '' : ` ${name}`} at octet ${offset}`;
}

/** Why a digest or a value differs, for programs; octets in base64. Holds content of the document. */
function explanationAsJson(explanation: DigestExplanation): Record<string, unknown> {
  const { expectedDigest, foundDigest, cause, difference, tried, foundOctets, expectedOctets, value } =
    explanation;
  return {
    expected_digest: expectedDigest,
    found_digest: foundDigest,
    cause,
    difference,
    tried,
    signed_info: toBase64(explanation.signedInfoOctets),
    found_octets: toBase64(foundOctets),
    expected_octets: expectedOctets === undefined ? undefined : toBase64(expectedOctets),
    signature_value: value,
  };
}

/** Why a digest or a value differs, for people. Shows content of the document. */
function explanationAsText(explanation: DigestExplanation): string {
  const { expectedDigest, foundDigest, cause, difference, tried, foundOctets, value } = explanation;
  const lines = ['', `DigestValue     ${expectedDigest}`, `found           ${foundDigest}`];
  if (expectedDigest === foundDigest) lines.push('The DigestValue is that of the document as it is.');
  else if (cause === undefined) {
    lines.push(
      `None of ${tried.length} readings gives the DigestValue: the content itself was changed, or another`,
    );
    lines.push('reading was used. Ask the signer for the digested octets and give them with --expected.');
  } else lines.push(`cause           ${cause.name}: the signer digested ${cause.explanation}.`);
  if (difference !== undefined) {
    lines.push(`first difference, at octet ${difference.offset} of the canonical form:`);
    lines.push(`  expected      ${difference.expected}`, `  found         ${difference.found}`);
  }
  if (expectedDigest !== foundDigest) lines.push('canonical form found:', fromUtf8(foundOctets));
  if (value !== undefined) lines.push(...valueLines(value));
  return `${lines.join('\n')}\n`;
}

/** An explanation for programs and for people. */
export interface Explained {
  readonly json: object;
  readonly text: string;
}

export const NOTHING_EXPLAINED: Pick<Explained, 'text'> = {
  text: '\nThere is nothing to explain: the check that failed comes before.\n',
};

/** Of a signed document. Holds content of it. */
export function documentExplained(explanation: DigestExplanation): Explained {
  return { json: explanationAsJson(explanation), text: explanationAsText(explanation) };
}

/** Of a value that lies beside what it signs. */
export function valueExplained(value: ValueExplanation): Explained {
  return { json: { signature_value: value }, text: `\n${valueLines(value).join('\n')}\n` };
}

/** What was done otherwise between SignedInfo and value, for people. */
export function valueLines({ agrees, cause, opened, tried }: ValueExplanation): readonly string[] {
  if (agrees) return ['SignatureValue  is that of what should be signed, by the key of the certificate.'];
  if (cause !== undefined) return [`SignatureValue  ${cause.name}: the signer signed ${cause.explanation}.`];
  if (opened === true)
    return [
      'SignatureValue  was made by the key of the certificate, over something else than any of',
      `                ${tried} readings: the content was changed after it was signed, or another reading was used.`,
    ];
  if (opened === false)
    return [
      'SignatureValue  does not open with the key of the certificate: another key made it, or it was changed.',
    ];
  return [
    `SignatureValue  none of ${tried} readings gives it: another key, other content, or another reading.`,
  ];
}
