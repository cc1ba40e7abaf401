import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import { UsageError } from '../command.ts';
import { freePorts, type Part, startPart } from '../demo/parts.ts';
import { createWorld } from '../world/create-world.ts';
import { type Gate, openGate } from './gate.ts';
import { expectOwn, type RehearsalPlan } from './plan.ts';

/** The deployment that is rehearsed with. */
export interface Place {
  readonly url: string;
  readonly apiKey: string;
  /** The simulator's base URL. */
  readonly service: string;
  readonly hosts: readonly string[];
  readonly pf?: Gate;
  close(): Promise<void>;
}

type Target = NonNullable<RehearsalPlan['target']>;

/**
 * The plan's deployment, or a world of its own in `out`.
 * @throws UsageError unless what plays the service says of itself that it is a simulator
 */
export async function openPlace(target: Target | undefined, out: string): Promise<Place> {
  const place = target === undefined ? await ownWorld(out) : await configured(target);
  try {
    await expectSimulator(place.service);
    return place;
  } catch (thrown) {
    await place.close();
    throw thrown;
  }
}

async function configured({ url, key_file, service, hosts, pf }: Target): Promise<Place> {
  const apiKey = readFileSync(key_file, 'utf8').trim();
  const to = pf === undefined ? undefined : new URL(pf.to);
  if (to?.protocol === 'https:') throw new UsageError('"pf" in "target" takes http: TLS is not opened here.');
  const gate =
    pf === undefined || to === undefined
      ? undefined
      : await openGate(pf.listen, { host: to.hostname, port: Number(to.port || 80) });
  return defined({
    url: url.replace(/\/+$/, ''),
    apiKey,
    service: new URL(service).origin,
    hosts,
    pf: gate,
    close: async () => void (await gate?.close()),
  });
}

/** Simulator, pf and sp with their workers as processes of their own, the gate between sp and pf. */
async function ownWorld(out: string): Promise<Place> {
  const [simulator = 0, pf = 0, sp = 0] = await freePorts(3);
  const gate = await openGate(0, { host: '127.0.0.1', port: pf });
  const parts: Part[] = [];
  const close = async () => {
    await Promise.all(parts.map((part) => part.stop()));
    await gate.close();
  };
  try {
    const url = `http://127.0.0.1:${sp}`;
    const service = `http://127.0.0.1:${simulator}`;
    const world = await createWorld({
      dir: join(out, 'world'),
      seed: 'rehearsal',
      host: '127.0.0.1',
      simulatorUrl: service,
      spUrl: url,
      govUrl: url,
      pfUrl: `http://127.0.0.1:${gate.port}`,
      ports: { pf },
    });
    const logs = join(out, 'world', 'logs');
    mkdirSync(logs, { recursive: true });
    for (const [verb, role] of [
      ['serve', 'simulator'],
      ['serve', 'pf'],
      ['worker', 'pf'],
      ['serve', 'sp'],
      ['worker', 'sp'],
    ] as const)
      parts.push(await startPart(verb, role, world.envFiles[role], logs));
    return { url, apiKey: world.spApiKey, service, hosts: [], pf: gate, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

const LONGEST_ANSWER = 10_000;

async function expectSimulator(service: string): Promise<void> {
  expectOwn(service, [new URL(service).hostname]);
  const answer = await fetch(`${service}/simulator/faults`, {
    redirect: 'error',
    signal: AbortSignal.timeout(LONGEST_ANSWER),
  }).catch(() => undefined);
  if (answer?.ok === true && answer.headers.has('x-simulator')) return;
  throw new UsageError(
    `At ${service} is no simulator of ours, or its controls are closed (JITSUIN_SIMULATOR_CONTROLS).`,
  );
}
