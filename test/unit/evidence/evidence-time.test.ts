import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { MerkleTree } from '../../../src/core/digest/merkle-tree.ts';
import { makeTimeStampAuthority } from '../../../src/simulator/tsa/authority.ts';
import { exportedEvidence } from '../../../src/verifier/evidence/evidence-export.ts';
import { sha256Hex } from '../../../src/verifier/evidence/evidence-record.ts';
import {
  deletedLeaf,
  evidencePeriod,
  evidenceTime,
  renewedLeaf,
  type StampedEvidence,
  stampedOctets,
} from '../../../src/verifier/evidence/evidence-time.ts';
import { verifyExportedEvidence } from '../../../src/verifier/evidence/verify-exported.ts';
import { NOW } from '../../support/pf-signing.ts';
import { statusAt, tokenOver, tsa, tsaAnchors } from '../timestamp/tsa-kit.ts';
import { evidenceFor, trustAnchors } from './evidence-kit.ts';

const YEAR = 365.25 * 86_400_000;
const HEAD = 'a'.repeat(64);
const record = evidenceFor('verification-1').octets;
const others = Array.from({ length: 6 }, (_, index) => sha256Hex(Uint8Array.of(index)));
const leaves = [...others.slice(0, 4), sha256Hex(record), ...others.slice(4)];
const period = evidencePeriod(1, leaves, HEAD);
const later = makeTimeStampAuthority('tsa-tests', NOW + 9 * YEAR);
const tsaTrustAnchors = [...tsaAnchors(), ...tsaAnchors(later)];
const empty: StampedEvidence = { ...period, tokens: [], revocation: [], trees: [] };
const first = tokenOver(stampedOctets(empty, 1));
const stampedOnce: StampedEvidence = { ...empty, tokens: [first], revocation: [statusAt(1, NOW)] };
/** As at a renewal: what is known then of the token before is stamped with it. */
const beforeRenewal = { ...stampedOnce, revocation: [statusAt(1, NOW), statusAt(1, NOW + 9 * YEAR)] };
const second = tokenOver(stampedOctets(beforeRenewal, 2), { authority: later, at: NOW + 9 * YEAR });
const stampedTwice: StampedEvidence = {
  ...beforeRenewal,
  tokens: [first, second],
  revocation: [...beforeRenewal.revocation, statusAt(2, NOW + 9 * YEAR)],
};
const records = { records: leaves, renewed: [] };
const exported = (evidence: StampedEvidence, index = 4) =>
  exportedEvidence(record, { time: evidenceTime(evidence, records, index) });
const verified = (octets: Uint8Array, algorithmEnds = {}) =>
  verifyExportedEvidence(octets, { trustAnchors, tsaTrustAnchors, algorithmEnds });
const codes = ({ time }: ReturnType<typeof verified>) =>
  time.checks
    .filter((check) => check.result !== 'passed')
    .map(({ name, code, detail }) => [name, code, detail]);

describe('the time of an evidence record', () => {
  it('is proven by the token over its period, beside the same decision', () => {
    const again = verified(exported(stampedOnce));
    expect([again.integrity.indication, again.result, again.time.indication]).toEqual([
      'TOTAL-PASSED',
      'OK',
      'TOTAL-PASSED',
    ]);
    expect([again.time.provenAt, again.time.validUntil]).toEqual([NOW, expect.any(Number)]);
  });

  it('stays proven by a renewal, from the first token on', () => {
    const renewed = verified(exported(stampedTwice));
    expect([codes(renewed), renewed.time.provenAt]).toEqual([[], NOW]);
    expect(renewed.time.validUntil).toBeGreaterThan(verified(exported(stampedOnce)).time.validUntil ?? 0);
  });

  it('is not judged without trust, and open without a proof', () => {
    const untrusting = verifyExportedEvidence(exported(stampedOnce), { trustAnchors });
    expect(untrusting.time.checks.map((check) => check.result)).toEqual(['not-reached']);
    expect(verified(record).time).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'NO_POE' });
    expect(verified(record).result).toBe('OK');
  });

  it('is refused for a record that is not at its place in the tree', () => {
    expect(codes(verified(exported(stampedOnce, 3)))).toEqual([
      ['inclusion-proof', 'evidence.invalid', undefined],
    ]);
  });

  it('is refused by a token over another period, or a renewal that leaves a token out', () => {
    const other = tokenOver(stampedOctets({ ...empty, head: 'b'.repeat(64) }, 1));
    const notFirst = tokenOver(stampedOctets(empty, 1), { authority: later, at: NOW + 9 * YEAR });
    const cases = [
      [{ ...stampedOnce, tokens: [other] }, 'token 1'],
      [{ ...stampedOnce, tokens: [second] }, 'token 1'],
      [{ ...stampedTwice, tokens: [first, notFirst] }, 'token 2'],
      [{ ...stampedTwice, revocation: [statusAt(1, NOW), statusAt(2, NOW + 9 * YEAR)] }, 'token 2'],
    ] as const;
    for (const [evidence, where] of cases)
      expect(codes(verified(exported(evidence)))[0]).toEqual(['message-imprint', 'timestamp.imprint', where]);
  });

  it('is refused when the renewal came after the certificate had ended', () => {
    const muchLater = makeTimeStampAuthority('tsa-tests', NOW + 12 * YEAR);
    const late = tokenOver(stampedOctets(stampedOnce, 2), { authority: muchLater, at: NOW + 12 * YEAR });
    const evidence = {
      ...stampedOnce,
      tokens: [first, late],
      revocation: [statusAt(1, NOW), statusAt(2, NOW + 12 * YEAR)],
    };
    const again = verifyExportedEvidence(exported(evidence), {
      trustAnchors,
      tsaTrustAnchors: [...tsaAnchors(), ...tsaAnchors(muchLater)],
    });
    expect(codes(again)).toEqual([['time-stamp-renewal', 'timestamp.renewal', 'token 2']]);
    expect(again.time.provenAt).toBeUndefined();
  });

  it('is refused from a TSA that nobody trusts', () => {
    const again = verifyExportedEvidence(exported(stampedOnce), {
      trustAnchors,
      tsaTrustAnchors: trustAnchors,
    });
    expect(again.time.indication).toBe('INDETERMINATE');
    expect(tsa.serial).toBeGreaterThan(0n);
  });
});

describe('the certificate behind a time-stamp', () => {
  const DAY = 86_400_000;
  const withStatus = (...revocation: StampedEvidence['revocation']) =>
    verified(exported({ ...stampedOnce, revocation }));

  it('is open without data, and by data that is stale, forged or of nobody we know', () => {
    const stranger = makeTimeStampAuthority('another seed', NOW);
    const forged = { ...tsa, rootKey: stranger.rootKey };
    const cases = [
      [withStatus(), 'revocation.unavailable'],
      [withStatus({ ...statusAt(1, NOW - 30 * DAY), at: NOW as EpochMillis }), 'revocation.stale'],
      [withStatus({ ...statusAt(1, NOW + 30 * DAY), at: NOW as EpochMillis }), 'revocation.future'],
      [withStatus(statusAt(1, NOW, undefined, forged)), 'revocation.signature'],
    ] as const;
    for (const [result, code] of cases) {
      expect([result.time.indication, codes(result)]).toEqual([
        'INDETERMINATE',
        [['time-stamp-revocation', code, 'token 1']],
      ]);
      expect(result.time.provenAt).toBeUndefined();
    }
  });

  it('ends the token when it was revoked before, or later for its key', () => {
    const failed = [['time-stamp-revocation', 'certificate.revoked', 'token 1']];
    const before = { revokedAt: NOW - DAY, reason: 'superseded' } as const;
    expect(codes(withStatus(statusAt(1, NOW, before)))).toEqual(failed);
    const later = { revokedAt: NOW + DAY, reason: 'keyCompromise' } as const;
    expect(codes(withStatus(statusAt(1, NOW), statusAt(1, NOW + 2 * DAY, later)))).toEqual(failed);
  });

  it('does not when it was given up later without fault of the key (RFC 3161 section 4)', () => {
    for (const reason of ['superseded', 'cessationOfOperation'] as const) {
      const status = statusAt(1, NOW + 2 * DAY, { revokedAt: NOW + DAY, reason });
      expect(codes(withStatus(statusAt(1, NOW), status))).toEqual([]);
    }
  });
});

describe('a hash that ages (RFC 4998 section 5.3)', () => {
  const END = { sha256: NOW + 5 * YEAR };
  const renewedAt = NOW + 4 * YEAR;
  const known = { ...stampedOnce, revocation: [statusAt(1, NOW), statusAt(1, renewedAt)] };
  const proof = (index: number) => evidenceTime(known, records, index);
  /** Records 0 to 3 and 5 to 6 are not at hand here: as if deleted. */
  const renewedLeaves = leaves.map((leaf, index) =>
    index === 4 ? renewedLeaf('sha512', record, proof(4)) : deletedLeaf('sha512', leaf),
  );
  const root = Buffer.from(new MerkleTree(renewedLeaves, 'sha512').root).toString('hex');
  const withTree = { ...known, trees: [{ hash: 'sha512', root, firstToken: 2 }] } as const;
  const hex = renewedLeaves.map((leaf) => Buffer.from(leaf).toString('hex'));
  const all = { records: leaves, renewed: [hex] };
  const renewal = tokenOver(stampedOctets(withTree, 2), { at: renewedAt, hash: 'sha512', digest: 'sha512' });
  const renewed: StampedEvidence = {
    ...withTree,
    tokens: [first, renewal],
    revocation: [...known.revocation, statusAt(2, renewedAt)],
  };
  const exportedRenewed = (evidence: StampedEvidence = renewed, index = 4) =>
    exportedEvidence(record, { time: evidenceTime(evidence, all, index) });

  it('ends the proof where it was not renewed, and says when', () => {
    const once = verified(exported(stampedOnce), END);
    expect([codes(once), once.time.validUntil]).toEqual([[], END.sha256]);
    expect(codes(verified(exported(stampedTwice), END))).toEqual([
      ['time-stamp-renewal', 'timestamp.renewal', 'token 2'],
    ]);
  });

  it('ends a proof whose tree has it, whatever hash the token has', () => {
    const longer = tokenOver(stampedOctets(empty, 1), { hash: 'sha512', digest: 'sha512' });
    const once = verified(exported({ ...stampedOnce, tokens: [longer] }), END);
    expect([codes(once), once.time.validUntil]).toEqual([[], END.sha256]);
  });

  it('does not end a proof whose tree was made anew with another hash', () => {
    const again = verified(exportedRenewed(), END);
    expect([codes(again), again.result, again.time.provenAt]).toEqual([[], 'OK', NOW]);
    expect(again.time.validUntil).toBeGreaterThan(END.sha256);
    expect(codes(verified(exportedRenewed(), { sha256: renewedAt - 1 }))).toEqual([
      ['time-stamp-renewal', 'timestamp.renewal', 'token 2'],
    ]);
  });

  it('is renewed together with all that stood before: nothing of it can be changed', () => {
    const refused = (octets: Uint8Array) => codes(verified(octets, END))[0]?.slice(0, 2);
    const inclusion = ['inclusion-proof', 'evidence.invalid'];
    expect(refused(exportedRenewed(renewed, 3))).toEqual(inclusion);
    const otherStatus = [statusAt(1, NOW - 60_000), ...renewed.revocation.slice(1)];
    expect(refused(exportedRenewed({ ...renewed, revocation: otherStatus }))).toEqual(inclusion);
    const otherRecord = evidenceFor('verification-2').octets;
    expect(refused(exportedEvidence(otherRecord, { time: evidenceTime(renewed, all, 4) }))).toEqual(
      inclusion,
    );
    const misplaced = { ...renewed, trees: [{ hash: 'sha512', root, firstToken: 3 }] } as const;
    expect(refused(exportedRenewed(misplaced))).toEqual(inclusion);
  });
});

describe('a kind of key that ages', () => {
  const again = tokenOver(stampedOctets(beforeRenewal, 2), { at: NOW + 4 * YEAR });
  const renewed = { ...stampedTwice, tokens: [first, again] };
  const late = [['time-stamp-renewal', 'timestamp.renewal', 'token 2']];

  it('ends the proof that stands on it, the key of the TSA or of its CA', () => {
    const once = verified(exported(stampedOnce), { 'rsa-2048': NOW + 5 * YEAR });
    expect([codes(once), once.time.validUntil]).toEqual([[], NOW + 5 * YEAR]);
    expect(codes(verified(exported(stampedTwice), { 'rsa-2048': NOW + 5 * YEAR }))).toEqual(late);
    expect(verified(exported(stampedOnce), { 'p-256': NOW }).time.validUntil).toBeGreaterThan(NOW + YEAR);
  });

  it('is no help in a renewal, and of no use in a token that came after its end', () => {
    const inTime = verified(exported(renewed), { 'rsa-2048': NOW + 5 * YEAR });
    expect([codes(inTime), inTime.time.validUntil]).toEqual([[], NOW + 5 * YEAR]);
    expect(codes(verified(exported(stampedOnce), { 'rsa-2048': NOW - 1 }))).toEqual([
      ['time-stamp-renewal', 'timestamp.renewal', 'token 1'],
    ]);
    expect(codes(verified(exported(stampedOnce), { 'rsa-2048': NOW }))).toEqual([]);
  });

  it('is RSA below 3,072 bits from 2031 on, unless somebody says otherwise (SP 800-57 part 1 rev. 5, table 4)', () => {
    const trust = { trustAnchors, tsaTrustAnchors };
    const once = verifyExportedEvidence(exported(stampedOnce), trust);
    expect(once.time.validUntil).toBe(Date.parse('2030-12-31T23:59:59.999Z'));
    expect(codes(verifyExportedEvidence(exported(stampedTwice), trust))).toEqual(late);
  });
});

describe('asked years later', () => {
  const years = (count: number) => (NOW + count * YEAR) as EpochMillis;
  const asked = (octets: Uint8Array, at: EpochMillis, algorithmEnds = {}) => {
    const { outcome, verdict } = verifyExportedEvidence(octets, {
      ...{ trustAnchors, tsaTrustAnchors, algorithmEnds, asked: at },
    });
    return [outcome, verdict?.indication, verdict?.subIndication];
  };
  const gone = ['not-provable', 'INDETERMINATE', 'NO_POE'];
  const good = ['valid', 'TOTAL-PASSED', undefined];

  it('stands while the newest token does, and is no longer provable afterwards', () => {
    expect(asked(exported(stampedOnce), years(1))).toEqual(good);
    expect(asked(exported(stampedOnce), years(15))).toEqual(gone);
    expect(asked(exported(stampedTwice), years(15))).toEqual(good);
    expect(asked(exported(stampedTwice), years(30))).toEqual(gone);
  });

  it('ends with an algorithm under it: its own, its tree, or that of the signature when it was proved', () => {
    expect(asked(exported(stampedOnce), years(6), { 'rsa-2048': years(5) })).toEqual(gone);
    expect(asked(exported(stampedTwice), years(15), { sha256: years(12) })).toEqual(gone);
    expect(asked(exported(stampedOnce), years(1), { 'rsa-2048': NOW - 1 })).toEqual(gone);
  });
});

describe('any altered octet of an export is found and named', () => {
  const file = Buffer.from(exported(stampedOnce));
  const text = file.toString('utf8');
  const faults = (octets: Uint8Array) =>
    verified(octets)
      .integrity.checks.filter((check) => check.result !== 'passed')
      .map(({ name, detail }) => `${name} ${detail}`);
  const changed = (from: string, to: string) => Buffer.from(text.replace(from, to), 'utf8');

  it('is whole as written, also with a line end', () => {
    expect(faults(file)).toEqual([]);
    expect(faults(Buffer.from(`${text}\n`))).toEqual([]);
  });

  it.each([
    ['the head', HEAD, 'c'.repeat(64), 'export-digest time'],
    ['the place', '"index":4', '"index":5', 'export-digest time'],
    ['the instant of the record', `"at":${NOW}`, `"at":${NOW + 1}`, 'export-digest record'],
    ['white space', '{"digests"', '{ "digests"', undefined],
  ])('%s', (_name, from, to, named) => {
    const found = faults(changed(from, to));
    expect(found.length).toBeGreaterThan(0);
    if (named !== undefined) expect(found[0]).toBe(named);
  });

  it('at any place', () => {
    for (let index = 0; index < file.length; index += 211) {
      const altered = Uint8Array.from(file);
      altered[index] = (altered[index] ?? 0) ^ 0x01;
      expect(verified(altered).integrity.indication, `octet ${index}`).toBe('TOTAL-FAILED');
    }
  });
});
