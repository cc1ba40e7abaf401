import type { EpochMillis } from '../../core/brand.ts';
import { asJitsuinError } from '../../core/errors.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import type { EvidenceLink } from '../../ports/evidence-archive.ts';
import { evidencePeriod, stampedOctets } from '../../verifier/evidence/evidence-time.ts';
import { periodEvent } from './period-event.ts';
import { renewEvidence } from './renew-evidence.ts';
import { requestTimeStamp } from './request-time-stamp.ts';
import type { EvidencePorts, TimeStamping } from './time-stamping.ts';

/** The longest pause between two rounds, milliseconds. */
const LONGEST_PAUSE = 30_000;

/** Half the period, so that evidence waits for its time-stamp no longer than one and a half. */
export function stampPause({ period }: Pick<TimeStamping, 'period'>): number {
  return Math.max(500, Math.min(LONGEST_PAUSE, period / 2));
}

/** Most records under one tree; a fuller store closes several periods one after the other. */
const MOST_LEAVES = 50_000;
/** Longer than a round may take; a process that died is waited for no longer. */
const LEASE = 10 * MINUTE_MILLIS;
const LEASE_NAME = 'evidence-time-stamp';
/** What another round, another answer of the TSA or a person may heal. */
const ABOUT_THE_TSA = /^(?:timestamp|der|revocation)\.|^certificate\.revoked$/;

/**
 * Covers evidence that waits since a period or longer by one token over a Merkle tree, and renews what ages: tokens
 * whose TSA certificate or algorithms end soon, trees whose hash does. One process at a time; a TSA that fails is
 * asked again in the next round. Gives how many tokens it got.
 */
export async function stampEvidence(ports: EvidencePorts): Promise<number> {
  const { timeStamping, leases, clock, random, log } = ports;
  if (timeStamping === undefined) return 0;
  const owner = random.id();
  const now = clock.now();
  if (!(await leases.acquire(LEASE_NAME, owner, now, (now + LEASE) as EpochMillis))) return 0;
  try {
    return (await coverNew(ports, timeStamping)) + (await renewEvidence(ports, timeStamping));
  } catch (thrown) {
    const { code, kind } = asJitsuinError(thrown);
    if (!ABOUT_THE_TSA.test(code)) throw thrown;
    // A token that proves wrong is for a person to look at; one that did not come may come the next time.
    if (kind === 'temporary' || kind === 'undecided') log.warn('evidence.time-stamp-failed', { code });
    else log.error('evidence.time-stamp-failed', { code });
    return 0;
  } finally {
    await leases.release(LEASE_NAME, owner);
  }
}

async function coverNew(ports: EvidencePorts, timeStamping: TimeStamping): Promise<number> {
  const { archive, clock } = ports;
  let tokens = 0;
  for (;;) {
    const links = await archive.uncovered(MOST_LEAVES);
    const [oldest] = links;
    const last = links.at(-1);
    const full = links.length === MOST_LEAVES;
    if (oldest === undefined || last === undefined) return tokens;
    if (!full && clock.now() - oldest.at < timeStamping.period) return tokens;
    if (!(await closePeriod(ports, timeStamping, links, oldest, last))) return tokens;
    tokens += 1;
  }
}

async function closePeriod(
  ports: EvidencePorts,
  timeStamping: TimeStamping,
  links: readonly EvidenceLink[],
  oldest: EvidenceLink,
  last: EvidenceLink,
): Promise<boolean> {
  const number = (await ports.archive.lastPeriod()) + 1;
  const leaves = links.map((link) => link.sha256);
  const period = evidencePeriod(number, leaves, last.hash);
  const stamped = stampedOctets({ ...period, tokens: [], revocation: [], trees: [] }, 1);
  const { token, validUntil, algorithms, revocation } = await requestTimeStamp(ports, timeStamping, stamped);
  const { root, head } = period;
  const done = await ports.archive.close(
    {
      period: number,
      firstSeq: oldest.seq,
      lastSeq: last.seq,
      root,
      head,
      tokens: [token],
      validUntil,
      algorithms,
      trees: [],
      revocation: [{ token: 1, ...revocation }],
    },
    [periodEvent(ports, 'evidence.time-stamped', period)],
  );
  if (done) ports.log.info('evidence.time-stamped', { count: leaves.length });
  return done;
}
