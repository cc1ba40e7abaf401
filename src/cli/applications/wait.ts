import { createSpClient, endOfEach, hasEnded, type sp } from '../../client/index.ts';
import { type Command, UsageError } from '../command.ts';
import { declareCommand } from '../declare-command.ts';
import { showProgress } from '../progress.ts';
import { ACCESS_OPTIONS, accessOf } from './access.ts';
import { openBatchTable, rowOf } from './batch-table.ts';

export const applicationsWait: Command = declareCommand({
  name: 'applications wait',
  operands: 'TABLE.csv',
  about: `Waits until every application of a table that "applications submit" wrote has come to its end, and writes
state and verdict into the table as they come. Stopped and run again it goes on.`,
  options: {
    ...ACCESS_OPTIONS,
    'every-seconds': { type: 'string', value: 'N', default: '5', means: 'between two looks' },
  },
  more: `Exit status: 0 all are decided with TOTAL-PASSED, 1 all have ended but not all so, 2 wrong use, 3 stopped
before.`,
  async run(values, [path, ...others], io) {
    if (path === undefined || others.length > 0) throw new UsageError('Name the table of the batch.');
    const everyMillis = Number(values['every-seconds']) * 1000;
    if (!(everyMillis > 0)) throw new UsageError('--every-seconds must be a number above 0.');
    const client = createSpClient(accessOf(values, io));
    const table = await openBatchTable(path);
    const sent = [...table.rows.values()].filter(({ id }) => id !== '');
    const names = new Map(sent.map(({ id, external_id }) => [id, external_id]));
    const open = sent.filter(({ state }) => !hasEnded({ state: state as sp.Application['state'] }));
    const waiting = new Map(open.map(({ id, created_at }) => [id, created_at]));
    const progress = showProgress(io, { word: 'ended', total: Promise.resolve(sent.length) });
    let ended = 0;
    for await (const application of endOfEach(client, waiting, { everyMillis, signal: io.signal })) {
      const row = table.rows.get(names.get(application.id) ?? '');
      if (row !== undefined) await table.put(rowOf(application, { ...row, sign_url: '' }));
      ended += 1;
      progress.step(ended, sent.length - open.length);
    }
    progress.end();
    await table.tidy();
    const passed = [...table.rows.values()].filter(({ indication }) => indication === 'TOTAL-PASSED').length;
    io.stderr(
      `${sent.length - open.length + ended} of ${sent.length} have ended, ${passed} with TOTAL-PASSED\n`,
    );
    if (ended < open.length) return 3;
    return passed === table.rows.size ? 0 : 1;
  },
});
