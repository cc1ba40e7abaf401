import { systemClock } from '../../adapters/clock.ts';
import { UUID } from '../../core/uuid.ts';
import { statementCsv, statementOf } from '../../pf/statement.ts';
import { consentView } from '../../pf/take-content.ts';
import { type Command, UsageError } from '../command.ts';
import { declareCommand } from '../declare-command.ts';
import { withStore } from '../storage-arguments.ts';
import { STORE_PLACE } from '../store-options.ts';

const TENANT = { type: 'string', value: 'ID', needed: true, means: 'the tenant' } as const;

export const pfStatement: Command = declareCommand({
  name: 'pf statement',
  about: `Reads the append-only ledger: one entry for each check that ended OK or REVOKED, at list price and at the
price charged on its day (Japan's calendar). Fees are in yen.`,
  options: {
    tenant: TENANT,
    month: { type: 'string', value: 'YYYY-MM', needed: true, means: 'the month' },
    csv: { type: 'boolean', means: 'RFC 4180 with a header line; without it JSON with totals' },
  },
  more: STORE_PLACE,
  async run({ tenant, month, csv }, _operands, io) {
    if (!/^20[0-9]{2}-(?:0[1-9]|1[0-2])$/.test(month)) throw new UsageError('--month must be YYYY-MM.');
    const statement = await withStore(io, 'pf', (store) => statementOf(store.fees, tenant, month));
    io.stdout(csv ? statementCsv(statement) : `${JSON.stringify(statement, undefined, 2)}\n`);
    return 0;
  },
});

export const pfConsents: Command = declareCommand({
  name: 'pf consents',
  about: `One object for each hand-out, oldest first: whose (by the tenant's random id of the citizen), of which
verification, which attributes, what for, the SHA-256 of the text agreed to, when it was agreed to, handed out, and
until when this is kept.`,
  options: {
    tenant: TENANT,
    subject: { type: 'string', value: 'SUBJECT', means: 'of one citizen only' },
  },
  more: STORE_PLACE,
  async run({ tenant, subject }, _operands, io) {
    if (subject !== undefined && !UUID.test(subject)) throw new UsageError('--subject must be a subject id.');
    const consents = await withStore(io, 'pf', (store) => store.consents.list(tenant, subject));
    const rows = consents.map((one) => ({ subject_id: one.subjectId, ...consentView(one) }));
    io.stdout(`${JSON.stringify(rows, undefined, 2)}\n`);
    return 0;
  },
});

export const pfLinkSubject: Command = declareCommand({
  name: 'pf link-subject',
  about: `A renewed certificate gets a new random subject id, since nothing in it says whose it is. When you know (by
the linking service of J-LIS, or by your own means) that two ids of one tenant are the same citizen, this makes the
old id his again, for verifications to come and for those that were made. The link is noted in the audit chain and
cannot be undone.`,
  options: {
    tenant: TENANT,
    keep: { type: 'string', value: 'SUBJECT', needed: true, means: 'the id from before the renewal' },
    merge: { type: 'string', value: 'SUBJECT', needed: true, means: 'the id that is given up' },
  },
  more: STORE_PLACE,
  async run({ tenant, keep, merge }, _operands, io) {
    if (!UUID.test(keep) || !UUID.test(merge) || keep === merge)
      throw new UsageError('--keep and --merge must be two subject ids.');
    const audit = [
      { event: 'subject.linked', subject: keep, tenant, at: systemClock.now(), facts: { merged: merge } },
    ];
    const linked = await withStore(io, 'pf', (store) => store.subjects.link(tenant, keep, merge, audit));
    io.stdout(linked ? `Whoever had ${merge} has ${keep} now.\n` : 'This tenant does not have both ids.\n');
    return linked ? 0 : 1;
  },
});
