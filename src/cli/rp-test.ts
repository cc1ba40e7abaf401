import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { systemClock } from '../adapters/clock.ts';
import type { ObservedRequest } from '../simulator/options.ts';
import { readClient } from '../simulator/register-client.ts';
import { startSimulator } from '../simulator/start-simulator.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { writePrivate } from './private-file.ts';
import { asHtml, asJunit, asText, countOf } from './rp-test/reports.ts';
import { runLoginPlan } from './rp-test/run-plan.ts';
import type { TestReport } from './rp-test/verdict.ts';

const planSchema = z.strictObject({
  client: z.record(z.string(), z.unknown()),
  start: z.url(),
  home: z.url(),
  port: z.number().int().min(0).max(65_535).default(8090),
  seed: z.string().min(1).default('jitsuin'),
});

type Plan = z.infer<typeof planSchema>;

/** `jitsuin rp-test`: judges a relying party that its author runs. */
export const rpTest: Command = declareCommand({
  name: 'rp-test',
  operands: 'PLAN',
  about: `Plays デジタル認証サービス to a relying party that you run, logs in again and again, and names what it does that the
guideline or the standard forbids, and what it fails to refuse: each module with the paragraph, what was sent, what
came, and what to do. It clicks through the login as a citizen would; nobody needs to sit by.

PLAN is a JSON file of your repository: "client" (as "jitsuin simulator" registers it), "start" (the address of your
app that begins a login), "home" (an address that answers 2xx to who is logged in, and to nobody else), "port" (where
your app looks for the service; default 8090), "seed".`,
  options: {
    junit: { type: 'string', value: 'FILE', means: 'also as JUnit XML' },
    html: { type: 'string', value: 'FILE', means: 'also as one self-contained page' },
    report: { type: 'string', value: 'FILE', means: 'also as JSON' },
    json: { type: 'boolean', means: 'print JSON in the place of text' },
  },
  more: `Exit status: 0 nothing failed; 1 something failed; 2 wrong use; 3 no module could be exercised.
Start your app first, or let CI wait for it: the service answers as soon as this command runs.`,
  async run(values, operands, io) {
    const [file, second] = operands;
    if (file === undefined || second !== undefined) throw new UsageError('name one PLAN file.');
    const report = await tested(readPlan(file));
    if (values.junit !== undefined) await writePrivate(values.junit, asJunit(report));
    if (values.html !== undefined) await writePrivate(values.html, asHtml(report));
    const json = `${JSON.stringify(report, undefined, 2)}\n`;
    if (values.report !== undefined) await writePrivate(values.report, json);
    print(values.json ? json : asText(report), io);
    if (countOf(report, 'failed') > 0) return 1;
    return countOf(report, 'passed') === 0 ? 3 : 0;
  },
});

function print(text: string, io: CommandIo): void {
  io.stdout(text);
}

function readPlan(file: string): Plan {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof SyntaxError)
      throw new UsageError(`${file}: the plan is no JSON (${cause.message}).`);
    throw cause;
  }
  const parsed = planSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw new UsageError(`${file}: "${place}" in the plan: ${issue?.message ?? 'not acceptable'}.`);
}

async function tested({ client: given, start, home, port, seed }: Plan): Promise<TestReport> {
  const read = readClient(given);
  if ('refusal' in read) {
    const { at, message } = read.refusal;
    throw new UsageError(`"client" in the plan, at "${at}": ${message.en}.`);
  }
  const { client } = read;
  const observed: ObservedRequest[] = [];
  const at = new Date(systemClock.now()).toISOString();
  const simulator = await startSimulator({
    port,
    seed,
    now: () => systemClock.now(),
    clients: [client],
    observed: (request) => void observed.push(request),
  });
  try {
    const { clientId, backchannelLogoutUri } = client;
    const logout = backchannelLogoutUri === undefined ? {} : { backchannelLogoutUri };
    const party = { clientId, start, home, ...logout };
    const results = await runLoginPlan({ simulator, observed, party });
    return { clientId, issuer: simulator.issuer, start, at, results };
  } finally {
    await simulator.close();
  }
}
