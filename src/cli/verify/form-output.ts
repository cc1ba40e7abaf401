import { decisiveCheck, isRetryable, type Report } from '../../core/report.ts';
import type { FormExplanation } from '../../verifier/explain/explain-form.ts';
import type { FormJudgement, JudgedSigner } from '../../verifier/forms/judge-form.ts';
import { checkLine, checksAsJson, valueLines } from './output.ts';

/** The judgement in a receiver's form, for programs as one JSON object, or for people. */
export function formJudgement(judgement: FormJudgement, json: boolean, told?: FormExplanation): string {
  if (!json) return `${formJudgementAsText(judgement)}${told === undefined ? '' : explanationText(told)}`;
  const explanation = told === undefined ? undefined : explanationAsJson(told);
  return `${JSON.stringify({ ...formJudgementAsJson(judgement), explanation }, null, 2)}\n`;
}

function explanationAsJson({ references, signers }: FormExplanation): Record<string, unknown> {
  return {
    references: references.map(({ expectedDigest, foundDigest, ...rest }) => ({
      ...rest,
      expected_digest: expectedDigest,
      found_digest: foundDigest,
    })),
    signers: signers.map(({ number, value }) => ({ number, signature_value: value })),
  };
}

function explanationText({ references, signers }: FormExplanation): string {
  const lines = references.flatMap(({ number, kind, name, expectedDigest, foundDigest, cause, tried }) => [
    `Reference ${number}     ${kind} ${name}: DigestValue ${expectedDigest}, found ${foundDigest}`,
    cause === undefined
      ? `                none of ${tried} readings gives the DigestValue: the content was changed, or another was used`
      : `                ${cause.name}: the signer digested ${cause.explanation}.`,
  ]);
  if (references.length === 0) lines.push('Every DigestValue is that of what lies there now.');
  const values = signers.flatMap(({ number, value }) => [`signer ${number}`, ...valueLines(value)]);
  return `\n${[...lines, ...values].join('\n')}\n`;
}

/** Names in snake_case as in the HTTP API. */
function formJudgementAsJson({ report, validation, signers }: FormJudgement): Record<string, unknown> {
  const { form, covered, unsigned, uncoveredFiles, namedFiles } = validation;
  return {
    ...verdictAsJson(report),
    validation_time: new Date(report.validationTime).toISOString(),
    form,
    signers: signers.map(({ signer, outcome }) => ({
      number: signer.number,
      signature_id: signer.signatureId,
      ...verdictAsJson(outcome.report),
      policy: outcome.policy,
      signed_info_sha256: signer.signedInfoSha256,
      checks: checksAsJson(outcome.report),
    })),
    covered: covered?.map(({ kind, name, title, sha256, length }) => ({ kind, name, title, sha256, length })),
    unsigned,
    uncovered_files: uncoveredFiles,
    named_files: namedFiles,
  };
}

function verdictAsJson(report: Report): Record<string, unknown> {
  return {
    indication: report.indication,
    sub_indication: report.subIndication,
    class: report.class,
    retryable: isRetryable(report),
    code: decisiveCheck(report)?.code,
  };
}

function formJudgementAsText({ report, validation, signers }: FormJudgement): string {
  const { form, covered = [], unsigned, uncoveredFiles, namedFiles } = validation;
  const reason = decisiveCheck(report);
  const lines = [
    reason === undefined ? report.indication : `${report.indication}: ${reason.code ?? reason.name}`,
    ...(reason?.detail === undefined ? [] : [reason.detail]),
    '',
    ...signers.flatMap((judged) => signerLines(judged, signers.length)),
    `form            ${form.name}, version ${form.version} (${form.basis}), SHA-256 ${form.sha256}`,
    `judged for      ${new Date(report.validationTime).toISOString()}`,
    ...covered.map(
      ({ kind, name, sha256, length }) =>
        `signed          ${kind} ${name}, ${length} octets, SHA-256 ${sha256}`,
    ),
    ...unsigned.map(
      ({ kind, name, offset }) =>
        `NOT SIGNED      ${kind}${name === undefined ? '' : ` ${name}`} at octet ${offset}`,
    ),
    ...uncoveredFiles.map((name) => `NOT SIGNED      file ${name}: no Reference covers its content`),
    ...namedFiles.map(
      (name) => `named only      file ${name}: the signer names it, its content is not covered`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function signerLines({ signer, outcome }: JudgedSigner, all: number): readonly string[] {
  const id = signer.signatureId === undefined ? '' : `, Signature ${signer.signatureId}`;
  const head = all === 1 ? [] : [`signer ${signer.number} of ${all}${id}: ${outcome.report.indication}`];
  return [...head, ...outcome.report.checks.map(checkLine), ''];
}
