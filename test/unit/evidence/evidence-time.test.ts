import { describe, expect, it } from 'vitest';
import { makeTimeStampAuthority } from '../../../src/simulator/tsa/authority.ts';
import { exportedEvidence } from '../../../src/verifier/evidence/evidence-export.ts';
import { sha256Hex } from '../../../src/verifier/evidence/evidence-record.ts';
import { evidencePeriod, evidenceTime, stampedOctets } from '../../../src/verifier/evidence/evidence-time.ts';
import { verifyExportedEvidence } from '../../../src/verifier/evidence/verify-exported.ts';
import { NOW } from '../../support/pf-signing.ts';
import { tokenOver, tsa, tsaAnchors } from '../timestamp/tsa-kit.ts';
import { evidenceFor, trustAnchors } from './evidence-kit.ts';

const YEAR = 365.25 * 86_400_000;
const HEAD = 'a'.repeat(64);
const record = evidenceFor('verification-1').octets;
const others = Array.from({ length: 6 }, (_, index) => sha256Hex(Uint8Array.of(index)));
const leaves = [...others.slice(0, 4), sha256Hex(record), ...others.slice(4)];
const period = evidencePeriod(1, leaves, HEAD);
const first = tokenOver(stampedOctets(period, []));
const later = makeTimeStampAuthority('tsa-tests', NOW + 9 * YEAR);
const second = tokenOver(stampedOctets(period, [first]), { authority: later, at: NOW + 9 * YEAR });
const tsaTrustAnchors = [...tsaAnchors(), ...tsaAnchors(later)];
const exported = (tokens: readonly Uint8Array[], index = 4) =>
  exportedEvidence(record, evidenceTime(period, leaves, index, tokens));
const verified = (octets: Uint8Array) => verifyExportedEvidence(octets, { trustAnchors, tsaTrustAnchors });
const codes = ({ time }: ReturnType<typeof verified>) =>
  time.checks
    .filter((check) => check.result !== 'passed')
    .map(({ name, code, detail }) => [name, code, detail]);

describe('the time of an evidence record', () => {
  it('is proven by the token over its period, beside the same decision', () => {
    const again = verified(exported([first]));
    expect([again.integrity.indication, again.result, again.time.indication]).toEqual([
      'TOTAL-PASSED',
      'OK',
      'TOTAL-PASSED',
    ]);
    expect([again.time.provenAt, again.time.validUntil]).toEqual([NOW, expect.any(Number)]);
  });

  it('stays proven by a renewal, from the first token on', () => {
    const renewed = verified(exported([first, second]));
    expect([codes(renewed), renewed.time.provenAt]).toEqual([[], NOW]);
    expect(renewed.time.validUntil).toBeGreaterThan(verified(exported([first])).time.validUntil ?? 0);
  });

  it('is not judged without trust, and open without a proof', () => {
    const untrusting = verifyExportedEvidence(exported([first]), { trustAnchors });
    expect(untrusting.time.checks.map((check) => check.result)).toEqual(['not-reached']);
    expect(verified(record).time).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'NO_POE' });
    expect(verified(record).result).toBe('OK');
  });

  it('is refused for a record that is not at its place in the tree', () => {
    expect(codes(verified(exported([first], 3)))).toEqual([
      ['inclusion-proof', 'evidence.invalid', undefined],
    ]);
  });

  it('is refused by a token over another period, or a renewal that leaves a token out', () => {
    const other = tokenOver(stampedOctets({ ...period, head: 'b'.repeat(64) }, []));
    expect(codes(verified(exported([other])))[0]).toEqual([
      'message-imprint',
      'timestamp.imprint',
      'token 1',
    ]);
    expect(codes(verified(exported([second])))[0]).toEqual([
      'message-imprint',
      'timestamp.imprint',
      'token 1',
    ]);
    const notFirst = tokenOver(stampedOctets(period, []), { authority: later, at: NOW + 9 * YEAR });
    expect(codes(verified(exported([first, notFirst])))[0]).toEqual([
      'message-imprint',
      'timestamp.imprint',
      'token 2',
    ]);
  });

  it('is refused when the renewal came after the certificate had ended', () => {
    const muchLater = makeTimeStampAuthority('tsa-tests', NOW + 12 * YEAR);
    const late = tokenOver(stampedOctets(period, [first]), { authority: muchLater, at: NOW + 12 * YEAR });
    const again = verifyExportedEvidence(exported([first, late]), {
      trustAnchors,
      tsaTrustAnchors: [...tsaAnchors(), ...tsaAnchors(muchLater)],
    });
    expect(codes(again)).toEqual([['time-stamp-renewal', 'timestamp.renewal', 'token 2']]);
    expect(again.time.provenAt).toBeUndefined();
  });

  it('is refused from a TSA that nobody trusts', () => {
    const again = verifyExportedEvidence(exported([first]), { trustAnchors, tsaTrustAnchors: trustAnchors });
    expect(again.time.indication).toBe('TOTAL-FAILED');
    expect(tsa.serial).toBeGreaterThan(0n);
  });
});

describe('any altered octet of an export is found and named', () => {
  const file = Buffer.from(exported([first]));
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
