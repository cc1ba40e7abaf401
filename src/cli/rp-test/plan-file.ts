import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import type { SimulatorClient } from '../../simulator/options.ts';
import { readClient } from '../../simulator/register-client.ts';
import { UsageError } from '../command.ts';
import type { UnderTest } from './bench.ts';
import { hookSchema, signingBy, storedIn } from './hooks.ts';
import { PLANS, type PlanName } from './verdict.ts';

const planSchema = z.strictObject({
  client: z.record(z.string(), z.unknown()),
  start: z.url().optional(),
  home: z.url().optional(),
  says: z.string().min(1).optional(),
  refresh: z.url().optional(),
  sign: z.strictObject({ start: hookSchema, done: hookSchema }).optional(),
  press: z.array(z.string().min(1)).default([]),
  stores: z.array(z.string().min(1)).optional(),
  patience: z.number().int().min(100).max(600_000).default(10_000),
  recovery: z.number().int().min(0).max(600_000).default(MINUTE_MILLIS),
  plans: z.array(z.enum(PLANS)).min(1).optional(),
  port: z.number().int().min(0).max(65_535).default(8090),
  seed: z.string().min(1).default('jitsuin'),
});

export interface TestPlan {
  readonly client: SimulatorClient;
  readonly party: UnderTest;
  readonly plans: readonly PlanName[];
  readonly port: number;
  readonly seed: string;
}

/** @throws UsageError that names file and member */
export function readPlan(file: string): TestPlan {
  const parsed = planSchema.safeParse(parsedJson(file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') ?? '';
    throw new UsageError(`${file}: "${place}" in the plan: ${issue?.message ?? 'not acceptable'}.`);
  }
  const { client: given, sign, stores, plans = PLANS, port, seed, ...party } = parsed.data;
  if ((party.start === undefined) !== (party.home === undefined))
    throw new UsageError(`${file}: "start" and "home" in the plan belong together.`);
  if (party.start === undefined && sign === undefined)
    throw new UsageError(`${file}: the plan needs "start" and "home", or "sign".`);
  const read = readClient(given);
  if ('refusal' in read) {
    const { at, message } = read.refusal;
    throw new UsageError(`"client" in the plan, at "${at}": ${message.en}.`);
  }
  const { client } = read;
  const { clientId, variant, backchannelLogoutUri } = client;
  const at = (path: string) => resolve(dirname(file), path);
  const signing = sign && signingBy(sign.start, sign.done, dirname(resolve(file)));
  const stored = stores && (() => storedIn(stores.map(at)));
  const all = defined({ ...party, clientId, variant, backchannelLogoutUri, signing, stored });
  return { client, party: all, plans, port, seed };
}

function parsedJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof SyntaxError)
      throw new UsageError(`${file}: the plan is no JSON (${cause.message}).`);
    throw cause;
  }
}
