import type { EpochMillis, VerificationId } from '../core/brand.ts';
import { JitsuinError } from '../core/errors.ts';
import { MINUTE_MILLIS } from '../core/spans.ts';
import type { AuditPosition, AuditTrail } from '../ports/audit.ts';
import type { ChainHeads, LogItem, LogState, PublicLog } from '../ports/public-log.ts';
import type { PlatformOperator } from './platform-operator.ts';

const LEASE_NAME = 'public log';
const LEASE = 5 * MINUTE_MILLIS;
/** Commits come in another order than their times; so much is looked at again. */
const OVERLAP = 10 * MINUTE_MILLIS;
const PAGE = 500;
/** A round begins a little after the one before ended. */
const EARLY = 10_000;
/** Items of one entry; what is left comes with the next one. */
const MOST_ITEMS = 4_000;

export interface LogPublishing {
  /** Milliseconds between two entries at least: the log shows no finer volume. */
  readonly interval: number;
  readonly publicLog: PublicLog;
  readonly heads: ChainHeads;
  readonly trail: AuditTrail;
  readonly operator: Pick<PlatformOperator, 'verifications' | 'leases' | 'clock' | 'random' | 'log'>;
}

/**
 * One round: what was decided since the last one and the heads of the chains go into the public log as one entry, and
 * the witnesses are asked. Of all processes one does it. Gives how many items the entry has.
 * @throws JitsuinError `tlog.broken`: the store is not the one that was published (it was put back from a backup, or
 * written anew), or the log itself is another one than a witness saw. Nothing is published then.
 */
export async function publishLog(publishing: LogPublishing): Promise<number> {
  const { operator, publicLog } = publishing;
  const { leases, clock, random } = operator;
  const now = clock.now();
  const owner = Buffer.from(random.octets(16)).toString('hex');
  if (!(await leases.acquire(LEASE_NAME, owner, now, (now + LEASE) as EpochMillis))) return 0;
  try {
    const state = await publicLog.reload();
    await requireSameStore(publishing.heads, state);
    const early = state !== undefined && now - state.until < publishing.interval - EARLY;
    const items = early ? undefined : await newItems(publishing, state, now);
    if (items !== undefined && items.found.length > 0) await publicLog.append(now, items.found, items.next);
    const { signed, of } = await publicLog.witness();
    if (signed < of) operator.log.warn('tlog.witnesses-missing', { count: of - signed });
    return items?.found.length ?? 0;
  } finally {
    await leases.release(LEASE_NAME, owner);
  }
}

/** What was published of the chains must still be in them. */
async function requireSameStore(heads: ChainHeads, state: LogState | undefined): Promise<void> {
  for (const chain of ['seal', 'evidence'] as const) {
    const published = state?.[chain];
    if (published === undefined || published.seq === 0) continue;
    if ((await heads.hashAt(chain, published.seq)) === published.hash) continue;
    const message =
      'The store does not hold what the public log says of it: was it put back from a backup? Nothing is published.';
    throw new JitsuinError('tlog.broken', message, { at: chain });
  }
}

async function newItems(
  { heads, trail, operator, publicLog }: LogPublishing,
  state: LogState | undefined,
  now: EpochMillis,
): Promise<{ readonly found: readonly LogItem[]; readonly next: LogState }> {
  const newest = await heads.newest();
  const found: LogItem[] = [];
  if (newest.seal !== undefined && newest.seal.hash !== state?.seal?.hash)
    found.push({ kind: 'audit-seal', id: String(newest.seal.seq), content: newest.seal.hash });
  if (newest.evidence !== undefined && newest.evidence.hash !== state?.evidence?.hash)
    found.push({ kind: 'evidence-head', id: String(newest.evidence.seq), content: newest.evidence.hash });
  const since = (state?.until ?? 0) - OVERLAP;
  const seen = new Set<string>();
  for await (const id of decidedSince(trail, since)) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (found.length >= MOST_ITEMS)
      return { found, next: { ...newest, until: (state?.until ?? 0) as EpochMillis } };
    const hash = await heads.recordHash(id);
    // by its hash: a record that another one took the place of (judged again) is another one
    if (hash !== undefined && !(await publicLog.has('evidence', hash)))
      found.push({ kind: 'evidence', id: hash, content: hash });
    if (await publicLog.has('receipt', id)) continue;
    const receipt = (await operator.verifications.get(id as VerificationId))?.receipt;
    if (receipt !== undefined) found.push({ kind: 'receipt', id, content: receipt });
  }
  return { found, next: { ...newest, until: now } };
}

async function* decidedSince(trail: AuditTrail, since: number): AsyncGenerator<string> {
  for (let before: AuditPosition | undefined; ; ) {
    const query = { event: 'verification.decided', limit: PAGE };
    const page = await trail.page(before === undefined ? query : { ...query, before });
    for (const { at, subject } of page) {
      if (at < since) return;
      yield subject;
    }
    if (page.length < PAGE) return;
    before = page.at(-1);
  }
}
