import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CrlMark, CrlMarks } from '../../../src/ports/crl-marks.ts';
import type { RevocationSource } from '../../../src/ports/revocation-source.ts';
import { toPem } from '../../../src/simulator/jpki/certificate.ts';
import { makeCrl } from '../../../src/simulator/jpki/crl.ts';
import { newestCrls } from '../../../src/verification/revocation/newest-crls.ts';
import { openCrlOnce } from '../../../src/verifier/revocation/open-crl-once.ts';
import { anchorsOf, cardOf, NOW, newRegistry } from '../../support/pf-signing.ts';
import { KeptLog } from '../../support/pf-world.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const registry = newRegistry();
const issuers = anchorsOf(registry);
const point = cardOf(registry, 'taro').signCertificate.distributionPoint;
const listAt = (at: number) => new Uint8Array(makeCrl(registry, point, at) ?? []);
const [yesterday, today] = [listAt(NOW - DAY), listAt(NOW)];

class Marks implements CrlMarks {
  readonly kept = new Map<string, CrlMark>();
  get = async (key: string) => this.kept.get(key);
  raise = async (key: string, mark: CrlMark) => {
    if (mark.thisUpdate > (this.kept.get(key)?.thisUpdate ?? 0)) this.kept.set(key, mark);
  };
}

function shelf(first: Uint8Array, marks: CrlMarks = new Marks(), clock = { now: () => NOW }) {
  const state: { gives: Uint8Array | 'nothing' } = { gives: first };
  const log = new KeptLog();
  const source: RevocationSource = {
    crl: async () => {
      if (state.gives === 'nothing') throw new Error('down');
      return Uint8Array.from(state.gives);
    },
  };
  const { crl } = newestCrls(source, issuers, log, clock, marks);
  return { state, log, ask: async () => crl?.(point) };
}

describe('the newest CRL of a distribution point', () => {
  it('is taken up when it comes, and given as the same object while nothing newer came', async () => {
    const { state, ask } = shelf(yesterday);
    const first = await ask();
    expect([first, await ask()]).toEqual([yesterday, yesterday]);
    expect(await ask()).toBe(first);
    state.gives = today;
    expect(await ask()).toEqual(today);
  });

  it('stays while what comes is broken, forged, cut short or older, and says so', async () => {
    const { state, ask, log } = shelf(today);
    await ask();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const forged = new Uint8Array(makeCrl(registry, point, NOW + DAY, { key: privateKey }) ?? []);
    const other = cardOf(registry, 'hanako').signCertificate.distributionPoint;
    const elsewhere = new Uint8Array(makeCrl(registry, other, NOW + MINUTE) ?? []);
    const pem = new TextEncoder().encode(toPem(today, 'X509 CRL'));
    const cases = [
      [new TextEncoder().encode('<html>maintenance</html>'), 'revocation.invalid'],
      [today.subarray(0, -1), 'revocation.invalid'],
      [forged, 'revocation.signature'],
      [yesterday, 'revocation.number'],
      [listAt(NOW + DAY), 'revocation.future'],
      [listAt(NOW - 3 * DAY), 'revocation.stale'],
      [elsewhere, 'revocation.scope'],
      [pem, 'revocation.invalid', 'pem'],
      [Buffer.concat([today, Buffer.from('\n')]), 'revocation.invalid', 'octets-after-the-end'],
    ] as const;
    for (const [gives, code, form] of cases) {
      state.gives = gives;
      expect(await ask()).toEqual(today);
      const line = { event: 'revocation.refused', code, form };
      expect(log.lines.at(-1)).toBe(JSON.stringify(line));
    }
  });

  it('stays behind nothing that was taken up before a restart: an older list is none, a newer one goes on', async () => {
    const marks = new Marks();
    await shelf(today, marks).ask();
    const { state, ask, log } = shelf(yesterday, marks);
    const error = await ask().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'revocation.unavailable', cause: { code: 'revocation.number' } });
    expect(log.lines.at(-1)).toContain('"code":"revocation.number"');
    state.gives = today;
    expect(await ask()).toEqual(today);
    state.gives = listAt(NOW - MINUTE);
    expect(await ask()).toEqual(today);
    expect([...marks.kept.values()]).toEqual([
      { number: expect.stringMatching(/^[0-9a-f]+$/), thisUpdate: NOW },
    ]);
  });

  it('of the future sets no mark: what is in force afterwards is taken up', async () => {
    const { state, ask } = shelf(yesterday);
    await ask();
    state.gives = listAt(NOW + DAY);
    expect(await ask()).toEqual(yesterday);
    state.gives = today;
    expect(await ask()).toEqual(today);
  });

  it('bars nothing that it took up while the clock was ahead: set right again, the list of now is taken up', async () => {
    const at = { now: NOW };
    const clock = { now: () => at.now };
    const marks = new Marks();
    const running = shelf(today, marks, clock);
    await running.ask();
    at.now = (NOW - DAY) as typeof NOW;
    running.state.gives = yesterday;
    expect(await running.ask()).toEqual(yesterday);
    expect(await shelf(yesterday, marks, clock).ask()).toEqual(yesterday);
    at.now = NOW;
    await expect(shelf(yesterday, marks, clock).ask()).rejects.toThrow(
      expect.objectContaining({ code: 'revocation.unavailable' }),
    );
  });

  it('is one for each generation of the CA: a list of another key is no older one, and takes no place', async () => {
    const key = registry.authorities.previousSign.key.privateKey;
    const previous = new Uint8Array(makeCrl(registry, point, NOW - DAY, { key }) ?? []);
    const older = new Uint8Array(makeCrl(registry, point, NOW - 2 * DAY, { key }) ?? []);
    const { state, ask, log } = shelf(today);
    await ask();
    state.gives = previous;
    expect(await ask()).toEqual(previous);
    expect(log.lines).toEqual([]);
    for (const [gives, stays] of [
      [older, previous],
      [yesterday, today],
    ] as const) {
      state.gives = gives;
      expect(await ask()).toEqual(stays);
      expect(log.lines.at(-1)).toContain('revocation.number');
    }
  });

  it('is not there while the source does not answer, and a broken first one is the verifier’s to refuse', async () => {
    const { state, ask } = shelf(today);
    await ask();
    state.gives = 'nothing';
    await expect(ask()).rejects.toThrow('down');
    expect(await shelf(today.subarray(0, 9)).ask()).toEqual(today.subarray(0, 9));
  });
});

describe('a CRL that was opened', () => {
  it('is not verified and indexed again, for the same octets and issuers', () => {
    expect(openCrlOnce(today, issuers)).toBe(openCrlOnce(today, issuers));
    expect(openCrlOnce(today, anchorsOf(registry))).toBe(openCrlOnce(today, issuers));
    expect(openCrlOnce(Uint8Array.from(today), issuers)).not.toBe(openCrlOnce(today, issuers));
  });

  it('counts only where its issuer is given', () => {
    openCrlOnce(today, issuers);
    expect(() => openCrlOnce(today, [])).toThrowError(expect.objectContaining({ code: 'revocation.issuer' }));
  });
});
