import { expect, it } from 'vitest';
import { formCatalogue } from '../../../src/core/forms/catalogue.ts';
import { CLOCKS } from '../../../src/core/sign-transaction/machine-table.ts';
import type { EvidenceArchive } from '../../../src/ports/evidence-archive.ts';
import { type GovRecords, govRecords } from '../../../src/roles/gov/console/records.ts';
import { exportedEvidence } from '../../../src/verifier/evidence/evidence-export.ts';
import { sha256Hex } from '../../../src/verifier/evidence/evidence-record.ts';
import {
  evidencePeriod,
  evidenceTime,
  type StampedEvidence,
  stampedOctets,
} from '../../../src/verifier/evidence/evidence-time.ts';
import { shippedFor } from '../../../src/verifier/policy/shipped.ts';
import { FakeApplications, FakeAudit, FakeClock, FakeLog } from '../../support/fakes.ts';
import { NOW } from '../../support/pf-signing.ts';
import { evidenceFor, trustAnchors } from '../evidence/evidence-kit.ts';
import { statusAt, tokenOver, tsaAnchors } from '../timestamp/tsa-kit.ts';

const record = evidenceFor('application-1').octets;
const leaf = sha256Hex(record);
const empty: StampedEvidence = {
  ...evidencePeriod(1, [leaf], 'a'.repeat(64)),
  ...{ tokens: [], revocation: [], trees: [] },
};
const stamped: StampedEvidence = {
  ...empty,
  ...{ tokens: [tokenOver(stampedOctets(empty, 1))], revocation: [statusAt(1, NOW)] },
};
const exported = exportedEvidence(record, {
  time: evidenceTime(stamped, { records: [leaf], renewed: [] }, 0),
});

function deskWith(trust: Pick<GovRecords, 'tsaTrustAnchors'>) {
  const none = async () => Promise.reject(new Error('nothing is asked'));
  return govRecords({
    ...{ applications: new FakeApplications(), audit: new FakeAudit(), clock: new FakeClock() },
    ...{ log: new FakeLog(), settings: { clocks: CLOCKS } },
    evidence: { get: none } as object as GovRecords['evidence'],
    archive: {} as object as EvidenceArchive,
    ...{ tenants: () => [], trustAnchors, forms: formCatalogue(), policy: shippedFor('test'), ...trust },
  });
}

it('an agency judges the time-stamps of a file by the TSA of its configuration', async () => {
  const judged = await deskWith({ tsaTrustAnchors: tsaAnchors() }).checkEvidence(exported);
  expect([judged.integrity.indication, judged.time.indication]).toEqual(['TOTAL-PASSED', 'TOTAL-PASSED']);
  expect([judged.outcome, judged.basis]).toEqual(['valid', 'proved']);
  expect(judged.provenAt).toBe(NOW);
});

it('without a TSA no time is judged, and nothing is said to be proven', async () => {
  const judged = await deskWith({}).checkEvidence(exported);
  expect(judged.integrity.indication).toBe('TOTAL-PASSED');
  expect(judged.time.checks.map(({ result }) => result)).toEqual(['not-reached']);
  expect(judged.provenAt).toBeUndefined();
  expect([judged.outcome, judged.verdict?.subIndication]).toEqual(['not-provable', 'NO_POE']);
});
