import type { Check, Report } from '../core/report.ts';
import type { ExportVerification } from '../verifier/evidence/verify-exported.ts';
import type { ExitStatus } from './command.ts';

/** The worst of integrity, decision and time. */
export function statusOf({ integrity, decision, time }: ExportVerification): ExitStatus {
  if (integrity.indication !== 'TOTAL-PASSED' || decision === undefined) return 1;
  const indications = [decision.indication, ...(timeWasJudged(time) ? [time.indication] : [])];
  if (indications.includes('TOTAL-FAILED')) return 1;
  return indications.includes('INDETERMINATE') ? 3 : 0;
}

function timeWasJudged(time: Report): boolean {
  return time.checks.some((check) => check.result !== 'not-reached');
}

export function verificationAsJson(verification: ExportVerification) {
  const { integrity, decision, time, result, id, signedOctetsSha256 } = verification;
  return {
    id,
    result,
    signed_octets_sha256: signedOctetsSha256,
    same_decision: integrity.checks.some(
      (check) => check.name === 'same-decision' && check.result === 'passed',
    ),
    integrity: reportAsJson(integrity),
    decision: decision === undefined ? undefined : reportAsJson(decision),
    time: timeWasJudged(time) ? { ...reportAsJson(time), ...timesOf(time) } : undefined,
  };
}

function timesOf({ provenAt, validUntil }: ExportVerification['time']) {
  return {
    proven_at: provenAt === undefined ? undefined : new Date(provenAt).toISOString(),
    valid_until: validUntil === undefined ? undefined : new Date(validUntil).toISOString(),
  };
}

export function reportAsJson({ indication, subIndication, validationTime, checks }: Report) {
  return {
    indication,
    sub_indication: subIndication,
    validation_time: new Date(validationTime).toISOString(),
    checks: checks.map(({ subIndication: sub, ...check }) => ({ ...check, sub_indication: sub })),
  };
}

export function verificationAsText(verification: ExportVerification): string {
  const { integrity, decision, result, id, signedOctetsSha256 } = verification;
  const broken = integrity.checks.filter(({ result }) => result === 'failed' || result === 'indeterminate');
  if (decision === undefined) {
    return `The record is NOT as it was written${id === undefined ? '' : ` (${id})`}:\n${broken.map(line).join('')}`;
  }
  const head =
    broken.length === 0
      ? 'The record is whole and the same judgement comes out.'
      : 'The judgement differs from the record:';
  return [
    `${head}\n${broken.map(line).join('')}`,
    `${result}  ${decision.indication}${decision.subIndication === undefined ? '' : ` (${decision.subIndication})`}\n\n`,
    ...decision.checks.map(line),
    `\nid             ${id}\njudged for     ${new Date(decision.validationTime).toISOString()}\n`,
    signedOctetsSha256 === undefined ? '' : `signed octets  SHA-256 ${signedOctetsSha256}\n`,
    timeAsText(verification.time),
  ].join('');
}

function timeAsText(time: ExportVerification['time']): string {
  if (!timeWasJudged(time))
    return 'time           not judged: give the root of the time-stamp authority (--tsa-trust)\n';
  const { proven_at, valid_until } = timesOf(time);
  if (proven_at !== undefined)
    return `proven time    ${proven_at} at the latest; to be renewed before ${valid_until}, when its certificate or an algorithm under it ends\n`;
  const open = time.checks.filter((check) => check.result !== 'passed' && check.result !== 'not-reached');
  return `proven time    none: ${time.indication}\n${open.map(line).join('')}`;
}

function line({ name, result, code, detail }: Check): string {
  const why = [code, detail].filter((part) => part !== undefined).join(' ');
  return `  ${result.padEnd(13)} ${name}${why === '' ? '' : `  ${why}`}\n`;
}
