import { parseArgs } from 'node:util';
import { systemClock } from '../adapters/clock.ts';
import { statementCsv, statementOf } from '../pf/statement.ts';
import { consentView } from '../pf/take-content.ts';
import { type Command, UsageError } from './command.ts';
import { withStore } from './storage-arguments.ts';

const STORE_USAGE = `The store is PostgreSQL at DATABASE_URL, else the SQLite file of the pf in JITSUIN_DATA_DIR (default: ./data).`;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const pfStatement: Command = {
  name: 'pf statement',
  usage: `Usage: jitsuin pf statement --tenant ID --month YYYY-MM [--csv]

Reads the append-only ledger: one entry for each check that ended OK or REVOKED, at list price and at the price charged on
its day (Japan's calendar). Fees are in yen.

  --csv   RFC 4180 with a header line; without it JSON with totals

${STORE_USAGE}`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        tenant: { type: 'string' },
        month: { type: 'string' },
        csv: { type: 'boolean', default: false },
      },
    });
    const { tenant, month, csv } = values;
    if (tenant === undefined) throw new UsageError('--tenant is missing.');
    if (month === undefined || !/^20[0-9]{2}-(?:0[1-9]|1[0-2])$/.test(month))
      throw new UsageError('--month must be YYYY-MM.');
    const statement = await withStore(io, 'pf', 'require', (store) => statementOf(store.fees, tenant, month));
    io.stdout(csv ? statementCsv(statement) : `${JSON.stringify(statement, undefined, 2)}\n`);
    return 0;
  },
};

export const pfConsents: Command = {
  name: 'pf consents',
  usage: `Usage: jitsuin pf consents --tenant ID [--subject SUBJECT]

One object for each hand-out, oldest first: whose (by the tenant's random id of the citizen), of which verification, which
attributes, what for, the SHA-256 of the text agreed to, when it was agreed to, handed out, and until when this is kept.

  --subject SUBJECT   of one citizen only

${STORE_USAGE}`,
  async run(args, io) {
    const options = { tenant: { type: 'string' }, subject: { type: 'string' } } as const;
    const { tenant, subject } = parseArgs({ args: [...args], options }).values;
    if (tenant === undefined) throw new UsageError('--tenant is missing.');
    if (subject !== undefined && !UUID.test(subject)) throw new UsageError('--subject must be a subject id.');
    const consents = await withStore(io, 'pf', 'require', (store) => store.consents.list(tenant, subject));
    const rows = consents.map((one) => ({ subject_id: one.subjectId, ...consentView(one) }));
    io.stdout(`${JSON.stringify(rows, undefined, 2)}\n`);
    return 0;
  },
};

export const pfLinkSubject: Command = {
  name: 'pf link-subject',
  usage: `Usage: jitsuin pf link-subject --tenant ID --keep SUBJECT --merge SUBJECT

A renewed certificate gets a new random subject id, since nothing in it says whose it is. When you know (by the linking
service of J-LIS, or by your own means) that two ids of one tenant are the same citizen, this makes the old id his again, for
verifications to come and for those that were made. The link is noted in the audit chain and cannot be undone.

  --keep SUBJECT    the id from before the renewal
  --merge SUBJECT   the id that is given up

${STORE_USAGE}`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: { tenant: { type: 'string' }, keep: { type: 'string' }, merge: { type: 'string' } },
    });
    const { tenant, keep, merge } = values;
    if (tenant === undefined) throw new UsageError('--tenant is missing.');
    if (keep === undefined || merge === undefined || !UUID.test(keep) || !UUID.test(merge) || keep === merge)
      throw new UsageError('--keep and --merge must be two subject ids.');
    const audit = [
      { event: 'subject.linked', subject: keep, tenant, at: systemClock.now(), facts: { merged: merge } },
    ];
    const linked = await withStore(io, 'pf', 'require', (store) =>
      store.subjects.link(tenant, keep, merge, audit),
    );
    io.stdout(linked ? `Whoever had ${merge} has ${keep} now.\n` : 'This tenant does not have both ids.\n');
    return linked ? 0 : 1;
  },
};
