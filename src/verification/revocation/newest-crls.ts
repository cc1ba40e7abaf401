import { BoundedMap } from '../../core/bounded-map.ts';
import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { hexSha256 } from '../../core/digest/sha256.ts';
import { toHex } from '../../core/encoding.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CrlMarks } from '../../ports/crl-marks.ts';
import type { Log } from '../../ports/log.ts';
import type { RevocationSource } from '../../ports/revocation-source.ts';
import { assertSupersedes, type Crl } from '../../verifier/revocation/crl.ts';
import { crlForm, intakeFault } from '../../verifier/revocation/crl-intake.ts';
import { DEFAULT_FRESHNESS } from '../../verifier/revocation/freshness.ts';
import { openCrlOnce } from '../../verifier/revocation/open-crl-once.ts';
import type { Certificate } from '../../verifier/x509/certificate-types.ts';
import { sameOctets } from '../../verifier/x509/octets.ts';

/** Distribution points whose newest list is kept; beyond, the one that was taken up first goes. */
const MOST_POINTS = 2_000;

/**
 * A source whose CRLs only go forward: the list at hand stays until another one is whole, verifies, is of the same
 * issuer, key and scope, in force by our clock, of the partition that was asked for, and not older (a replayed
 * file). Each generation of a CA has its own: they share names and partitions, and number from one. What is refused
 * is logged, and the one at hand is given, to be judged by its own dates. Equal octets are given as the same
 * object, so that a list is opened once. A source that does not answer has no answer here either.
 * How far each place has come outlives the process (`marks`): an older list that comes after a start is no list at
 * all, although it is whole and may still be in force.
 * @param issuers certificates that may sign lists
 */
export function newestCrls(
  source: RevocationSource,
  issuers: readonly Certificate[],
  log: Log,
  clock: Clock,
  marks: CrlMarks,
): RevocationSource {
  const { crl: ask, ...rest } = source;
  if (ask === undefined) return source;
  /** By distribution point: at most one list of each signing key. */
  const newest = new BoundedMap<string, readonly Uint8Array[]>(MOST_POINTS);
  return {
    ...rest,
    crl: async (distributionPoint, authorityKeyIdentifier) => {
      const point = toHex(distributionPoint);
      const came = await ask(distributionPoint, authorityKeyIdentifier);
      const known = newest.get(point) ?? [];
      const same = known.find((list) => Buffer.compare(list, came) === 0);
      if (same !== undefined) return same;
      let older: JitsuinError | undefined;
      try {
        const crl = openCrlOnce(came, issuers);
        const fault = intakeFault(crl, distributionPoint, clock.now());
        if (fault !== undefined) throw new JitsuinError(fault, 'The list may not be taken up.');
        const before = known.find((list) => isOfSameKey(openCrlOnce(list, issuers), crl));
        const current = before === undefined ? undefined : openCrlOnce(before, issuers);
        const now = clock.now();
        if (before !== undefined && current !== undefined && !isAhead(current, now)) {
          if (isOlder(crl, current, log)) return before;
        }
        older = await passed(marks, point, crl, now);
        if (older !== undefined) throw older;
        newest.set(point, [...known.filter((list) => list !== before), came]);
        return came;
      } catch (thrown) {
        refused(thrown, log, came);
        if (older !== undefined && known.length === 0)
          throw new JitsuinError('revocation.unavailable', 'Only an older list than before came.', {
            cause: older,
          });
        // Without one at hand the verifier says why this one is of no use.
        return known.at(-1) ?? came;
      }
    },
  };
}

/** Why this list is behind what was taken up before, by whatever process; else the mark is moved up to it. */
async function passed(
  marks: CrlMarks,
  point: string,
  crl: Crl,
  now: EpochMillis,
): Promise<JitsuinError | undefined> {
  const { issuerCertificate, issuingDistributionPoint: scope, baseCrlNumber, crlNumber, thisUpdate } = crl;
  const kind = baseCrlNumber === undefined ? 'complete' : 'delta';
  const parts = [
    point,
    toHex(issuerCertificate.subjectPublicKeyInfo.der),
    toHex(scope?.der ?? new Uint8Array()),
  ];
  const key = hexSha256(JSON.stringify([...parts, kind]));
  const number = toHex(crlNumber);
  const mark = await marks.get(key);
  const isBehind =
    mark !== undefined &&
    !isAhead(mark, now) &&
    (thisUpdate < mark.thisUpdate || BigInt(`0x${number}`) < BigInt(`0x${mark.number}`));
  if (isBehind)
    return new JitsuinError('revocation.number', 'The list is older than one that was taken up before.');
  if (mark?.thisUpdate !== thisUpdate || mark.number !== number)
    await marks.raise(key, { number, thisUpdate });
  return undefined;
}

/**
 * Whether it was taken up while our clock was ahead of the time: a list from the future is never taken up. It bars
 * nothing, or no list would be good before that time has come again.
 */
function isAhead({ thisUpdate }: Pick<Crl, 'thisUpdate'>, now: EpochMillis): boolean {
  return thisUpdate > now + DEFAULT_FRESHNESS.skew;
}

function isOfSameKey({ issuerCertificate: one }: Crl, { issuerCertificate: other }: Crl): boolean {
  return sameOctets(one.subjectPublicKeyInfo.der, other.subjectPublicKeyInfo.der);
}

function isOlder(crl: Crl, current: Crl, log: Log): boolean {
  try {
    assertSupersedes(crl, current);
    return false;
  } catch (thrown) {
    refused(thrown, log);
    return true;
  }
}

function refused(thrown: unknown, log: Log, came?: Uint8Array): void {
  const { code, kind } = asJitsuinError(thrown);
  if (kind === 'internal') throw thrown;
  const form = came === undefined || code !== 'revocation.invalid' ? undefined : crlForm(came);
  log.warn('revocation.refused', defined({ code, form }));
}
