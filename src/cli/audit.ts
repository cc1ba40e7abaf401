import type { AuditChainState } from '../ports/audit.ts';
import { type Command, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { withStore } from './storage-arguments.ts';
import { STORE_OPTIONS, STORE_PLACE } from './store-options.ts';

export const auditVerify: Command = declareCommand({
  name: 'audit verify',
  about: `Every record holds the SHA-256 of the record before it, so a change, a deletion or a cut breaks the chain at
its place. An evidence record that went without an audit record of its deletion breaks it too. With the seal key of
the role the ends of the chains must carry a MAC of it, so that who can write the database alone cannot make a chain
anew.

Exit status 0: the chain is whole. 1: it is broken; the sequence number of the first broken record is printed. Note
the head somewhere else from time to time and give it back as --head: then a log that was put back to an earlier
state shows too.`,
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
    const [audit, evidence] = await withStore(
      io,
      values.role,
      async (store) => [await store.audit.verify(noted), await store.archive.verify()] as const,
    );
    const broken = audit.brokenAt !== undefined || evidence.brokenAt !== undefined;
    const code = broken ? { code: 'audit.broken' } : {};
    if (values.json) io.stdout(`${JSON.stringify({ ...audit, evidence, ...code })}\n`);
    else io.stdout(`${chainAsText('audit', audit)}${chainAsText('evidence', evidence)}`);
    return broken ? 1 : 0;
  },
});

function chainAsText(name: string, { records, head, brokenAt }: AuditChainState): string {
  if (brokenAt === undefined) return `The ${name} chain is whole: ${records} records, head ${head}.\n`;
  return `audit.broken: ${name} record ${brokenAt} is changed, missing or out of place.\n`;
}
