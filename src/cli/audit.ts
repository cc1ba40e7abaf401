import type { AuditState, ChainState, UnclosedChain } from '../ports/audit.ts';
import { type Command, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { longWork } from './long-work.ts';
import { withStore } from './storage-arguments.ts';
import { STORE_OPTIONS, STORE_PLACE } from './store-options.ts';

export const auditVerify: Command = declareCommand({
  name: 'audit verify',
  about: `Each process that writes has an audit chain of its own. Every record holds the SHA-256 of the record
before it, so a change, a deletion or a cut breaks its chain at its place. Once a minute and whenever a process
closes its chain the ends of all chains are sealed: a Merkle root over them (RFC 6962), chained to the seal before.
No chain and no seal can be left out. An evidence record that went without an audit record of its deletion breaks
the evidence chain. With the seal key of the role the ends and the seals must carry a MAC of it, so that who can
write the database alone cannot make a chain anew.

A chain that nobody closed is named: its process still runs, or it was killed.

Exit status 0: everything is whole. 1: it is broken; chain and number of the first broken record, or the seal, are
printed. Note the head somewhere else from time to time and give it back as --head: then a log that was put back to
an earlier state shows too. 3: stopped before the end.`,
  options: {
    head: {
      type: 'string',
      value: 'HASH',
      means: 'a head that was noted before, 64 hex digits: the chain must hold it',
    },
    ...STORE_OPTIONS,
  },
  more: STORE_PLACE,
  async run(values, _operands, io) {
    const noted = values.head?.toLowerCase();
    if (noted !== undefined && !/^[0-9a-f]{64}$/.test(noted))
      throw new UsageError('--head is not 64 hex digits.');
    const { json, role } = values;
    const stopped = 'What was walked was whole; run it again to walk all.';
    const walked = await longWork(io, { word: 'records walked', json, stopped }, (step) =>
      withStore(
        io,
        role,
        async (store) => [await store.audit.verify(noted, step), await store.archive.verify(step)] as const,
      ),
    );
    if (walked === undefined) return 3;
    const [audit, evidence] = walked;
    const broken = audit.brokenAt !== undefined || evidence.brokenAt !== undefined;
    const code = broken ? { code: 'audit.broken' } : {};
    if (values.json) io.stdout(`${JSON.stringify({ ...audit, evidence, ...code })}\n`);
    else io.stdout(`${auditAsText(audit)}${chainAsText('evidence', evidence)}`);
    return broken ? 1 : 0;
  },
});

function auditAsText(state: AuditState): string {
  const { brokenAt, brokenChain, brokenSeal, chains, seals, unsealed, unclosed } = state;
  const named = unclosed.map(unclosedAsText).join('');
  if (brokenAt === undefined)
    return [
      chainAsText('audit', state),
      `${chains} chains of processes, ${seals} seals; ${unsealed} records wait for the next one.\n`,
      named,
    ].join('');
  if (brokenSeal !== undefined)
    return `audit.broken: seal ${brokenSeal} is changed, missing or out of place.\n`;
  if (brokenChain === undefined) return chainAsText('audit', state);
  return `audit.broken: audit record ${brokenAt} of chain ${brokenChain} is changed, missing or out of place.\n`;
}

function unclosedAsText({ chain, openedAt, records, seenAt, ended }: UnclosedChain): string {
  const since = `chain ${chain} (from ${new Date(openedAt).toISOString()}, ${records} records`;
  const seen = `its process was last seen at ${new Date(seenAt).toISOString()})`;
  return ended
    ? `Nobody closed ${since}; ${seen}: it was ended for it.\n`
    : `Nobody has closed ${since}; ${seen}.\n`;
}

function chainAsText(name: string, { records, head, brokenAt }: ChainState): string {
  if (brokenAt === undefined) return `The ${name} chain is whole: ${records} records, head ${head}.\n`;
  return `audit.broken: ${name} record ${brokenAt} is changed, missing or out of place.\n`;
}
