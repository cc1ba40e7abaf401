import type { Selectable } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import type { RenewedTree, StampedPeriod, TokenRevocation } from '../../../ports/evidence-archive.ts';
import type { StoreContext } from '../context.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import { parsedJson } from '../records/row-values.ts';
import { brokenRow } from '../rows/row-macs.ts';
import type { EvidencePeriodTable, EvidenceTreeTable } from '../schema/schema.ts';
import { sha256Hex } from './evidence-chain.ts';
import { keepFile, readFiles } from './evidence-files.ts';

export type EvidencePeriodRow = Selectable<EvidencePeriodTable>;

/** Hex SHA-256 of what is in `evidence_files`. */
interface FileNames {
  readonly crls: readonly string[];
  readonly ocsp: readonly string[];
}

const LEAVES_AT_ONCE = 500;

/** A period with its tokens, its trees and what was known of the certificates. */
export async function stampedPeriod(context: StoreContext, row: EvidencePeriodRow): Promise<StampedPeriod> {
  const { connection, rows: macs } = context;
  const { db } = connection;
  const { period } = row;
  const tokens = await db
    .selectFrom('evidence_tokens')
    .selectAll()
    .where('period', '=', period)
    .orderBy('n')
    .execute();
  if (tokens.length !== row.tokens) throw brokenRow('evidence_tokens');
  const trees = await treesOf(context, row);
  return {
    period,
    firstSeq: row.first_seq,
    lastSeq: row.last_seq,
    root: row.root,
    head: row.head,
    tokens: tokens.map((one) => new Uint8Array(macs.checked('evidence_tokens', one).token)),
    validUntil: row.valid_until as EpochMillis,
    algorithms: parsedJson<StampedPeriod['algorithms']>(row.algorithms),
    revocation: await revocationOf(context, period),
    trees: trees.map(({ hash, root, first_token }) => ({
      hash: hash === 'sha384' ? 'sha384' : 'sha512',
      root,
      firstToken: first_token,
    })),
  };
}

/** Trees that took the first one's place, oldest first; the period says with which hash the newest is made. */
export async function treesOf(
  { connection, rows }: StoreContext,
  { period, hash }: EvidencePeriodRow,
): Promise<readonly Selectable<EvidenceTreeTable>[]> {
  const trees = await connection.db
    .selectFrom('evidence_trees')
    .selectAll()
    .where('period', '=', period)
    .orderBy('n')
    .execute();
  for (const tree of trees) rows.checked('evidence_trees', tree);
  if ((trees.at(-1)?.hash ?? 'sha256') !== hash) throw brokenRow('evidence_trees');
  return trees;
}

async function revocationOf(context: StoreContext, period: number): Promise<readonly TokenRevocation[]> {
  const rows = await context.connection.db
    .selectFrom('evidence_token_revocation')
    .selectAll()
    .where('period', '=', period)
    .orderBy('n')
    .execute();
  const checked = rows.map((row) => context.rows.checked('evidence_token_revocation', row));
  const named = checked.map(({ token, at, files }) => ({ token, at, files: parsedJson<FileNames>(files) }));
  const hashes = new Set(named.flatMap(({ files }) => [...files.crls, ...files.ocsp]));
  const octets = await readFiles(context, [...hashes]);
  const found = (names: readonly string[]) =>
    names.map((name) => octets.get(name)).filter((der) => der !== undefined);
  return named.map(({ token, at, files }) => ({
    token,
    at: at as EpochMillis,
    crls: found(files.crls),
    ocsp: found(files.ocsp),
  }));
}

export async function addRevocation(
  context: StoreContext,
  transaction: StoreTransaction,
  period: number,
  revocation: readonly TokenRevocation[],
): Promise<void> {
  const before = await transaction
    .selectFrom('evidence_token_revocation')
    .select('n')
    .where('period', '=', period)
    .orderBy('n', 'desc')
    .limit(1)
    .executeTakeFirst();
  let n = before?.n ?? 0;
  for (const { token, at, crls, ocsp } of revocation) {
    for (const der of [...crls, ...ocsp])
      await keepFile(context, transaction, sha256Hex(der), der, `period ${period}`);
    const files = JSON.stringify({ crls: crls.map(sha256Hex), ocsp: ocsp.map(sha256Hex) });
    n += 1;
    await transaction
      .insertInto('evidence_token_revocation')
      .values(context.rows.sealed('evidence_token_revocation', { period, n, token, at, files }))
      .execute();
  }
}

export async function addTree(
  { rows: macs }: StoreContext,
  transaction: StoreTransaction,
  period: number,
  { hash, root, firstToken }: RenewedTree,
  leaves: readonly string[],
): Promise<void> {
  // A tree begins with a token of its own, whose number therefore names it.
  const n = firstToken;
  await transaction
    .insertInto('evidence_trees')
    .values(macs.sealed('evidence_trees', { period, n, hash, root, first_token: firstToken }))
    .execute();
  for (let from = 0; from < leaves.length; from += LEAVES_AT_ONCE) {
    const rows = leaves
      .slice(from, from + LEAVES_AT_ONCE)
      .map((leaf, index) => macs.sealed('evidence_tree_leaves', { period, n, seq: from + index, leaf }));
    await transaction.insertInto('evidence_tree_leaves').values(rows).execute();
  }
}
