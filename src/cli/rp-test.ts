import { readFileSync } from 'node:fs';
import { CompactSign } from 'jose/jws/compact/sign';
import { importJWK } from 'jose/key/import';
import { systemClock } from '../adapters/clock.ts';
import type { ObservedRequest } from '../simulator/options.ts';
import { startSimulator } from '../simulator/start-simulator.ts';
import { type Command, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { writePrivate } from './private-file.ts';
import { readPlan, type TestPlan } from './rp-test/plan-file.ts';
import { runPlans } from './rp-test/plans/all.ts';
import { asHtml, asJunit, asText, countOf } from './rp-test/reports.ts';
import { PLANS, type TestReport } from './rp-test/verdict.ts';

/** `jitsuin rp-test`: judges a relying party that its author runs. */
export const rpTest: Command = declareCommand({
  name: 'rp-test',
  operands: 'PLAN',
  about: `Plays デジタル認証サービス to a relying party that you run, logs in and signs again and again, and names what it does
that the guideline or the standard forbids, and what it fails to refuse: each module with the paragraph, what was
sent, what came, and what to do. It clicks through the service as a citizen would; nobody needs to sit by.

PLAN is a JSON file of your repository: "client" (as "jitsuin simulator" registers it), "start" (the address of your
app that begins a login), "home" (an address that answers 2xx to who is logged in, and to nobody else), "says" (words
that its page has for who is logged in alone, where it answers everybody), "refresh" (an address that refreshes the
tokens), "sign" ("start" begins a signature, "done" says what became of it: each an address, {"command": […]} or
{"post": ADDRESS}), "press" (words of buttons on your pages), "stores" (files and folders that your app keeps things
in), "plans" (${PLANS.join(', ')}),
"patience" and "recovery" (milliseconds), "port" (where your app looks for the service; default 8090), "seed".`,
  options: {
    junit: { type: 'string', value: 'FILE', means: 'also as JUnit XML' },
    html: { type: 'string', value: 'FILE', means: 'also as one self-contained page' },
    report: { type: 'string', value: 'FILE', means: 'also as JSON' },
    json: { type: 'boolean', means: 'print JSON in the place of text' },
    signed: {
      type: 'string',
      value: 'FILE',
      means: 'also as a JWS (RFC 7515) that others can check; with --key',
    },
    key: {
      type: 'string',
      value: 'FILE',
      means: 'the private ES256 JWK that signs it, as "jitsuin rp keygen" makes it',
    },
  },
  more: `Exit status: 0 nothing failed; 1 something failed; 2 wrong use; 3 no module could be exercised.
Start your app first, or let CI wait for it: the service answers as soon as this command runs.`,
  async run(values, operands, io) {
    const [file, second] = operands;
    if (file === undefined || second !== undefined) throw new UsageError('name one PLAN file.');
    if ((values.signed === undefined) !== (values.key === undefined))
      throw new UsageError('--signed and --key belong together.');
    const plan = readPlan(file);
    const key = values.key === undefined ? undefined : await signingKey(values.key);
    const report = await tested(plan);
    if (values.junit !== undefined) await writePrivate(values.junit, asJunit(report));
    if (values.html !== undefined) await writePrivate(values.html, asHtml(report));
    const json = `${JSON.stringify(report, undefined, 2)}\n`;
    if (values.report !== undefined) await writePrivate(values.report, json);
    if (key !== undefined && values.signed !== undefined)
      await writePrivate(values.signed, `${await signedBy(key, json)}\n`);
    io.stdout(values.json ? json : asText(report));
    if (countOf(report, 'failed') > 0) return 1;
    return countOf(report, 'passed') === 0 ? 3 : 0;
  },
});

interface SigningKey {
  readonly key: Awaited<ReturnType<typeof importJWK>>;
  readonly kid: string | undefined;
}

async function signingKey(file: string): Promise<SigningKey> {
  const wrong = new UsageError(`${file}: --key wants a private JWK of P-256.`);
  try {
    const jwk = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (jwk['crv'] !== 'P-256' || typeof jwk['d'] !== 'string') throw wrong;
    const kid = typeof jwk['kid'] === 'string' ? jwk['kid'] : undefined;
    return { key: await importJWK(jwk, 'ES256'), kid };
  } catch (cause) {
    if (cause instanceof UsageError || (cause as NodeJS.ErrnoException).code !== undefined) throw cause;
    throw wrong;
  }
}

function signedBy({ key, kid }: SigningKey, json: string): Promise<string> {
  const named = kid === undefined ? {} : { kid };
  return new CompactSign(new TextEncoder().encode(json))
    .setProtectedHeader({ alg: 'ES256', typ: 'jitsuin-rp-test+json', ...named })
    .sign(key);
}

async function tested({ client, party, plans, port, seed }: TestPlan): Promise<TestReport> {
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
    const results = await runPlans({ simulator, observed, party }, plans);
    const { clientId, start = '' } = party;
    return { clientId, issuer: simulator.issuer, start, at, results };
  } finally {
    await simulator.close();
  }
}
