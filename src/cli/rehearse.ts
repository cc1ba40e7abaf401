import { type Command, type CommandIo, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { writePrivate } from './private-file.ts';
import { openPlace } from './rehearse/place.ts';
import { planJsonSchema, readRehearsal } from './rehearse/plan.ts';
import { reportText } from './rehearse/report.ts';
import { rehearse as run } from './rehearse/run.ts';
import { JSON_OPTION } from './store-options.ts';

export const rehearse: Command = declareCommand({
  name: 'rehearse',
  operands: 'PLAN.json',
  about: `Rehearses a day of many applications against a deployment of yours that has the simulator as its service, or
against a world of its own: so many a second, outages of the service and of pf at their minutes, citizens who think,
refuse, give up and load pages twice. It says what was lost (nothing may be), late and turned away, and what to add.

It goes to this machine and to the hosts that the plan calls its own, never to a real service: it stops when the
deployment sends its citizens anywhere but to the simulator. What it submits stays in the deployment's store.`,
  options: {
    out: {
      type: 'string',
      value: 'DIR',
      default: 'out',
      means: 'folder of the own world, where the plan has no "target"',
    },
    report: { type: 'string', value: 'FILE', means: 'also as JSON in a file' },
    schema: { type: 'boolean', means: 'print the JSON Schema of a plan, and do nothing else' },
    json: JSON_OPTION,
  },
  more: `Exit status: 0 nothing lost, and no more late or turned away than the plan allows; 1 otherwise; 2 wrong use;
3 stopped before the end.`,
  async run(values, operands, io) {
    if (values.schema) {
      io.stdout(`${JSON.stringify(planJsonSchema(), undefined, 2)}\n`);
      return 0;
    }
    const [file, second] = operands;
    if (file === undefined || second !== undefined) throw new UsageError('name one PLAN file.');
    const plan = readRehearsal(file);
    const tell = values.json ? () => undefined : (text: string) => io.stderr(text);
    const place = await openPlace(plan.target, values.out);
    try {
      const report = await run(place, plan, { signal: io.signal, tell });
      const json = `${JSON.stringify(report, undefined, 2)}\n`;
      if (values.report !== undefined) await writePrivate(values.report, json);
      io.stdout(values.json ? json : reportText(report));
      return report.passed ? 0 : 1;
    } catch (thrown) {
      return stopped(thrown, io);
    } finally {
      await place.close();
    }
  },
});

function stopped(thrown: unknown, io: CommandIo): 3 {
  io.stderr(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  return 3;
}
