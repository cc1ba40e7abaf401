import type { Check, Report } from '../../core/report.ts';
import type { EvidenceOutcome, ExportVerification } from '../../verifier/evidence/verify-exported.ts';
import type { ExitStatus } from '../command.ts';

const STATUS: Readonly<Record<EvidenceOutcome, ExitStatus>> = {
  valid: 0,
  negative: 1,
  'not-provable': 3,
  altered: 4,
};

export function statusOf({ outcome }: Pick<ExportVerification, 'outcome'>): ExitStatus {
  return STATUS[outcome];
}

function timeWasJudged(time: Report): boolean {
  return time.checks.some((check) => check.result !== 'not-reached');
}

export function verificationAsJson(verification: ExportVerification) {
  const { integrity, decision, verdict, time, result, id, signedOctetsSha256, outcome, basis } = verification;
  return {
    outcome,
    basis,
    id,
    result,
    signed_octets_sha256: signedOctetsSha256,
    same_decision: integrity.checks.some(
      (check) => check.name === 'same-decision' && check.result === 'passed',
    ),
    verdict: verdict === undefined ? undefined : reportAsJson(verdict),
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

/** The worst thing in the first line. */
export function verificationAsText(verification: ExportVerification): string {
  const { integrity, verdict, id, signedOctetsSha256, decision } = verification;
  const differs = integrity.checks.filter(({ result }) => result !== 'passed');
  return [
    `${headline(verification)}\n`,
    differs.map(line).join(''),
    ...(verdict === undefined ? [] : ['\n', ...verdict.checks.map(line)]),
    `\nid             ${id ?? 'unknown'}\n`,
    decision === undefined ? '' : `judged for     ${new Date(decision.validationTime).toISOString()}\n`,
    signedOctetsSha256 === undefined ? '' : `signed octets  SHA-256 ${signedOctetsSha256}\n`,
    timeAsText(verification.time),
  ].join('');
}

function headline({ outcome, verdict, result, basis, time, integrity }: ExportVerification): string {
  const words = verdict === undefined ? '' : indicationOf(verdict);
  switch (outcome) {
    case 'altered':
      return 'ALTERED: the record, or its proof, is not what was written.';
    case 'negative':
      return `NEGATIVE: ${result}, ${words}. The record is sound; the signature was not found good.`;
    case 'not-provable': {
      const open = verdict?.indication === 'TOTAL-PASSED' ? integrity : verdict;
      const why = open?.checks.find((check) => check.result === 'indeterminate' || check.result === 'failed');
      return (
        `NOT PROVABLE: ${open === undefined ? '' : indicationOf(open)}. The record is sound; ` +
        `${why?.detail ?? why?.code ?? why?.name ?? ''}`
      );
    }
    case 'valid':
      return basis === 'believed'
        ? `VALID if its own instant is believed: ${words}. The record is sound.`
        : `VALID: ${words} at ${timesOf(time).proven_at ?? ''}, the proven time. The record is sound.`;
  }
}

function indicationOf({ indication, subIndication }: Report): string {
  return subIndication === undefined ? indication : `${indication} (${subIndication})`;
}

function timeAsText(time: ExportVerification['time']): string {
  if (!timeWasJudged(time))
    return 'proven time    not judged: give the root of the time-stamp authority (--tsa-trust)\n';
  const { proven_at, valid_until } = timesOf(time);
  if (proven_at !== undefined)
    return (
      `proven time    ${proven_at} at the latest; to be renewed before ${valid_until}, when its ` +
      `certificate or an algorithm under it ends\n`
    );
  const open = time.checks.filter((check) => check.result !== 'passed' && check.result !== 'not-reached');
  return `proven time    none: ${time.indication}\n${open.map(line).join('')}`;
}

function line({ name, result, code, detail }: Check): string {
  const why = [code, detail].filter((part) => part !== undefined).join(' ');
  return `  ${result.padEnd(13)} ${name}${why === '' ? '' : `  ${why}`}\n`;
}
