import { fromBase64 } from '../../core/encoding.ts';
import { asJitsuinError } from '../../core/errors.ts';
import { canonicalText } from '../../core/evidence/canonical-json.ts';
import { type Check, decisiveCheck, type Report } from '../../core/report.ts';
import { parseOcspResponse } from '../revocation/ocsp-response.ts';
import type { EvidenceContent, EvidencePart, EvidenceRecord } from './evidence-record.ts';
import { hashFailed } from './read-evidence.ts';

/** Compared in a way of their own. */
const APART: ReadonlySet<string> = new Set(['parts', 'report', 'result']);

/**
 * What of a record is not what its own parts give: each part that is missing, doubled, exchanged or foreign, each
 * member, each check of the report. `same-decision` sums up the report.
 */
export function compareEvidence(record: EvidenceRecord, remade: EvidenceContent): readonly Check[] {
  const { sha256: _sha256, digests: _digests, ...kept } = record;
  const report = record.version === 1 ? olderWords(record, remade) : reportFaults(record, remade);
  return [
    ...partFaults(record.parts, remade.parts),
    ...memberFaults(kept, remade),
    ...report,
    report.length === 0 ? { name: 'same-decision', result: 'passed' } : hashFailed('same-decision', 'report'),
  ];
}

function partFaults(kept: readonly EvidencePart[], remade: readonly EvidencePart[]): readonly Check[] {
  const fault = (name: string, what: string) => hashFailed('remade-part', `${name}: ${what}`);
  const faults: Check[] = [];
  const names = kept.map(({ name }) => name);
  const doubled = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  for (const name of doubled) faults.push(fault(name, 'twice'));
  for (const part of remade) {
    const found = kept.find(({ name }) => name === part.name);
    if (found === undefined) faults.push(fault(part.name, 'missing'));
    else if (found.octets !== part.octets) faults.push(fault(part.name, 'other octets'));
  }
  for (const { name } of kept)
    if (!remade.some((part) => part.name === name)) faults.push(fault(name, 'foreign'));
  const inOrder = remade.every(({ name }, index) => names[index] === name);
  if (faults.length === 0 && !inOrder) faults.push(fault('parts', 'order'));
  if (!names.includes('nonce') && kept.some(carriesNonce)) faults.push(fault('nonce', 'missing'));
  return faults;
}

/** An answer to a question with a nonce: it was sent, so it was kept. */
function carriesNonce({ name, octets }: EvidencePart): boolean {
  if (!name.startsWith('ocsp:')) return false;
  try {
    const response = parseOcspResponse(fromBase64(octets));
    return response.status === 'successful' && response.basic.nonce !== undefined;
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return false;
  }
}

function memberFaults(kept: EvidenceContent, remade: EvidenceContent): readonly Check[] {
  const expected = new Map<string, unknown>(Object.entries(remade));
  const found = new Map<string, unknown>(Object.entries(kept));
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((name) => !APART.has(name) && text(expected.get(name)) !== text(found.get(name)))
    .map((name) => hashFailed('remade-member', name));
}

function text(value: unknown): string | undefined {
  return value === undefined ? undefined : canonicalText(value);
}

function reportFaults(kept: EvidenceContent, remade: EvidenceContent): readonly Check[] {
  const faults: Check[] = [];
  const places = Math.max(kept.report.checks.length, remade.report.checks.length);
  for (let place = 0; place < places; place += 1) {
    const [was, is] = [kept.report.checks[place], remade.report.checks[place]];
    if (text(was) !== text(is)) faults.push(hashFailed('remade-check', is?.name ?? was?.name ?? ''));
  }
  const { checks: _kept, ...before } = kept.report;
  const { checks: _remade, ...after } = remade.report;
  if (text(before) !== text(after)) faults.push(hashFailed('remade-member', 'report'));
  if (kept.result !== remade.result) faults.push(hashFailed('remade-member', 'result'));
  return faults;
}

/** Version 1 has the words of its day: passed is passed, and what decided then stands in the way today too. */
function olderWords(kept: EvidenceContent, remade: EvidenceContent): readonly Check[] {
  const passed = (content: EvidenceContent) => content.report.indication === 'TOTAL-PASSED';
  const code = decisiveCheck(kept.report as Report)?.code;
  const same =
    passed(kept) === passed(remade) &&
    (kept.result === 'OK') === (remade.result === 'OK') &&
    kept.report.validationTime === remade.report.validationTime &&
    (passed(kept) || remade.report.checks.some((check) => check.code === code));
  return same ? [] : [hashFailed('remade-member', 'report')];
}
