import type { EpochMillis } from '../../src/core/brand.ts';
import { asJitsuinError } from '../../src/core/errors.ts';
import type { AuditEvent } from '../../src/ports/audit.ts';
import type { EvidenceLink, StampedPeriod } from '../../src/ports/evidence-archive.ts';
import type { PlatformOperator, TimeStamping } from '../../src/roles/pf/platform-operator.ts';
import { requestTimeStamp } from '../../src/roles/pf/request-time-stamp.ts';
import {
  type EvidencePeriod,
  evidencePeriod,
  stampedOctets,
} from '../../src/verifier/evidence/evidence-time.ts';

/** Most records under one tree; a fuller store closes several periods one after the other. */
const MOST_LEAVES = 50_000;
const RENEWALS = 50;
const LEASE = 60_000;
const LEASE_NAME = 'evidence-time-stamp';

/**
 * Covers evidence that waits since a period or longer by one token over a Merkle tree, and renews tokens whose TSA
 * certificate ends soon. One process at a time; a TSA that fails is asked again in the next round. Gives how many tokens it
 * got.
 */
export async function stampEvidence(operator: PlatformOperator): Promise<number> {
  const { timeStamping, leases, clock, random, log } = operator;
  if (timeStamping === undefined) return 0;
  const owner = random.id();
  const now = clock.now();
  if (!(await leases.acquire(LEASE_NAME, owner, now, (now + LEASE) as EpochMillis))) return 0;
  try {
    return (await coverNew(operator, timeStamping)) + (await renewAgeing(operator, timeStamping));
  } catch (thrown) {
    const { code, kind } = asJitsuinError(thrown);
    if (!code.startsWith('timestamp.') && !code.startsWith('der.')) throw thrown;
    // A token that proves wrong is for a person to look at; one that did not come may come the next time.
    if (kind === 'temporary') log.warn('evidence.time-stamp-failed', { code });
    else log.error('evidence.time-stamp-failed', { code });
    return 0;
  } finally {
    await leases.release(LEASE_NAME, owner);
  }
}

async function coverNew(operator: PlatformOperator, timeStamping: TimeStamping): Promise<number> {
  const { archive, clock } = operator;
  let tokens = 0;
  for (;;) {
    const links = await archive.uncovered(MOST_LEAVES);
    const [oldest] = links;
    const last = links.at(-1);
    const full = links.length === MOST_LEAVES;
    if (oldest === undefined || last === undefined) return tokens;
    if (!full && clock.now() - oldest.at < timeStamping.period) return tokens;
    if (!(await closePeriod(operator, timeStamping, links, oldest, last))) return tokens;
    tokens += 1;
  }
}

async function closePeriod(
  operator: PlatformOperator,
  timeStamping: TimeStamping,
  links: readonly EvidenceLink[],
  oldest: EvidenceLink,
  last: EvidenceLink,
): Promise<boolean> {
  const number = (await operator.archive.lastPeriod()) + 1;
  const leaves = links.map((link) => link.sha256);
  const period = evidencePeriod(number, leaves, last.hash);
  const { token, validUntil } = await requestTimeStamp(
    timeStamping,
    operator.random.octets(8),
    stampedOctets(period, []),
  );
  const { root, head } = period;
  const closed: StampedPeriod = {
    ...{ period: number, firstSeq: oldest.seq, lastSeq: last.seq, root, head },
    ...{ tokens: [token], validUntil },
  };
  const done = await operator.archive.close(closed, [event(operator, 'evidence.time-stamped', period)]);
  if (done) operator.log.info('evidence.time-stamped', { count: leaves.length });
  return done;
}

/** RFC 4998 section 5.2: the next token is over the tree and all tokens before, while these are still sound. */
async function renewAgeing(operator: PlatformOperator, timeStamping: TimeStamping): Promise<number> {
  const { archive, clock, log } = operator;
  const before = (clock.now() + timeStamping.renewBefore) as EpochMillis;
  let renewed = 0;
  for (const stamped of await archive.ageing(before, RENEWALS)) {
    const { period, root, head, tokens, firstSeq, lastSeq } = stamped;
    const statement = { period, root, head, size: lastSeq - firstSeq + 1 };
    const { token, validUntil } = await requestTimeStamp(
      timeStamping,
      operator.random.octets(8),
      stampedOctets(statement, tokens),
    );
    // A TSA that still uses the same certificate adds nothing: it is asked again the next day or when it has a new one.
    if (validUntil <= stamped.validUntil) {
      log.error('evidence.time-stamp-failed', { code: 'timestamp.renewal' });
      return renewed;
    }
    const audit = [event(operator, 'evidence.time-stamp-renewed', statement)];
    if (await archive.renew(period, tokens.length, token, validUntil, audit)) renewed += 1;
  }
  return renewed;
}

function event(
  { clock }: PlatformOperator,
  name: string,
  { period, size, root }: EvidencePeriod,
): AuditEvent {
  return {
    event: name,
    subject: `evidence-period-${period}`,
    tenant: '',
    at: clock.now(),
    facts: { period, size, root },
  };
}
