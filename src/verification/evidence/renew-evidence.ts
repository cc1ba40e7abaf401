import type { EpochMillis } from '../../core/brand.ts';
import { AGEING_ALGORITHMS, firstEnd } from '../../core/digest/algorithm-ends.ts';
import { MerkleTree } from '../../core/digest/merkle-tree.ts';
import { toHex } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { PeriodRecords, StampedPeriod } from '../../ports/evidence-archive.ts';
import {
  deletedLeaf,
  evidenceTimes,
  type RenewedTree,
  renewedLeaf,
  type StampedEvidence,
  stampedOctets,
  type TokenRevocation,
} from '../../verifier/evidence/evidence-time.ts';
import type { TimeStampHash } from '../../verifier/timestamp/oids.ts';
import { verifyTimeStamp } from '../../verifier/timestamp/verify-time-stamp.ts';
import { periodEvent } from './period-event.ts';
import { requestTimeStamp, revocationOf } from './request-time-stamp.ts';
import type { EvidencePorts, TimeStamping } from './time-stamping.ts';

const RENEWALS = 50;
const HASHES: readonly TimeStampHash[] = ['sha256', 'sha384', 'sha512'];

/** Trees whose hash ends soon first, then tokens whose certificate or algorithms do. Gives how many tokens it got. */
export async function renewEvidence(ports: EvidencePorts, timeStamping: TimeStamping): Promise<number> {
  const before = (ports.clock.now() + timeStamping.renewBefore) as EpochMillis;
  return (await renewTrees(ports, timeStamping, before)) + (await renewTokens(ports, timeStamping, before));
}

/** RFC 4998 section 5.2: the next token is over the tree and all tokens before, while these are still sound. */
async function renewTokens(
  ports: EvidencePorts,
  timeStamping: TimeStamping,
  before: EpochMillis,
): Promise<number> {
  const { archive, log } = ports;
  const { algorithmEnds } = timeStamping;
  const ended = AGEING_ALGORITHMS.filter((algorithm) => firstEnd([algorithm], algorithmEnds) < before);
  const soundUntil = ({ validUntil, algorithms }: Pick<StampedPeriod, 'validUntil' | 'algorithms'>) =>
    Math.min(validUntil, firstEnd(algorithms, algorithmEnds));
  let renewed = 0;
  for (const stamped of await archive.ageing(before, ended, RENEWALS)) {
    const evidence = await withNewestRevocation(ports, timeStamping, stamped);
    const number = evidence.tokens.length + 1;
    const hash = evidence.trees.at(-1)?.hash ?? 'sha256';
    const next = await requestTimeStamp(ports, timeStamping, stampedOctets(evidence, number), hash);
    // A TSA that still uses the same certificate or algorithms adds nothing: it is asked again in the next round.
    if (stamped.algorithms.length > 0 && soundUntil(next) <= soundUntil(stamped)) {
      log.error('evidence.time-stamp-failed', { code: 'timestamp.renewal' });
      return renewed;
    }
    const { token, validUntil, algorithms } = next;
    const revocation = [...addedTo(stamped, evidence), { token: number, ...next.revocation }];
    const added = { token, validUntil, algorithms, revocation };
    const audit = [periodEvent(ports, 'evidence.time-stamp-renewed', evidence)];
    if (await archive.renew(stamped.period, number - 1, added, audit)) renewed += 1;
  }
  return renewed;
}

/**
 * RFC 4998 section 5.3: where the hash of a tree ends, every record is hashed anew together with its whole proof so
 * far, and a token covers the tree over that.
 */
async function renewTrees(
  ports: EvidencePorts,
  timeStamping: TimeStamping,
  before: EpochMillis,
): Promise<number> {
  const ended = (hash: TimeStampHash) =>
    (timeStamping.algorithmEnds[hash] ?? Number.POSITIVE_INFINITY) < before;
  const aged = HASHES.filter(ended);
  if (aged.length === 0) return 0;
  const hash = HASHES.find((candidate) => !ended(candidate));
  if (hash === undefined || hash === 'sha256')
    throw new JitsuinError('timestamp.renewal', 'Every hash that evidence could be renewed with has ended.');
  let renewed = 0;
  for (const stamped of await ports.archive.hashedWith(aged, RENEWALS)) {
    if (await renewTree(ports, timeStamping, stamped, hash)) renewed += 1;
  }
  return renewed;
}

async function renewTree(
  ports: EvidencePorts,
  timeStamping: TimeStamping,
  stamped: StampedPeriod,
  hash: RenewedTree['hash'],
): Promise<boolean> {
  const before = await withNewestRevocation(ports, timeStamping, stamped);
  const records = await ports.archive.records(stamped.period);
  const leaves = await renewedLeaves(ports, before, records, hash);
  const firstToken = before.tokens.length + 1;
  const tree = { hash, root: toHex(new MerkleTree(leaves, hash).root), firstToken };
  const evidence = { ...before, trees: [...before.trees, tree] };
  const next = await requestTimeStamp(ports, timeStamping, stampedOctets(evidence, firstToken), hash);
  const revocation = [...addedTo(stamped, before), { token: firstToken, ...next.revocation }];
  const audit = [periodEvent(ports, 'evidence.tree-renewed', evidence)];
  const { token, validUntil, algorithms } = next;
  const added = { token, validUntil, algorithms, revocation, tree, leaves: leaves.map(toHex) };
  const done = await ports.archive.renew(stamped.period, firstToken - 1, added, audit);
  if (done) ports.log.info('evidence.tree-renewed', { count: leaves.length });
  return done;
}

/** One after the other: a record may hold megabytes of CRL. */
async function renewedLeaves(
  ports: EvidencePorts,
  before: StampedEvidence,
  { ids, leaves }: PeriodRecords,
  hash: RenewedTree['hash'],
): Promise<readonly Uint8Array[]> {
  const timeOf = evidenceTimes(before, leaves);
  const renewed: Uint8Array[] = [];
  for (const [index, id] of ids.entries()) {
    const record = id === undefined ? undefined : await ports.evidence.get(id);
    renewed.push(
      record === undefined
        ? deletedLeaf(hash, leaves.records[index] ?? '')
        : renewedLeaf(hash, record, timeOf(index)),
    );
  }
  return renewed;
}

/** The period with what is known now of the certificate behind its newest token: the next token covers that too. */
async function withNewestRevocation(
  ports: EvidencePorts,
  timeStamping: TimeStamping,
  stamped: StampedPeriod,
): Promise<StampedEvidence> {
  const evidence: StampedEvidence = { ...stamped, size: stamped.lastSeq - stamped.firstSeq + 1 };
  const number = evidence.tokens.length;
  const token = evidence.tokens[number - 1] ?? new Uint8Array(0);
  const { trustAnchors } = timeStamping;
  const verdict = verifyTimeStamp({ token, stamped: stampedOctets(evidence, number), trustAnchors });
  const data = { token: number, ...(await revocationOf(ports, timeStamping, verdict)) };
  return { ...evidence, revocation: [...evidence.revocation, data] };
}

function addedTo(stamped: StampedPeriod, { revocation }: StampedEvidence): readonly TokenRevocation[] {
  return revocation.slice(stamped.revocation.length);
}
