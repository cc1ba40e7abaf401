import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createWorld } from '../world/create-world.ts';
import type { World } from '../world/world-options.ts';
import { type Step, stepsOf } from './narrator.ts';
import { freePorts, type Part, startPart } from './parts.ts';
import type { Show } from './show.ts';
import { type Exchange, tapWire, type WireTap } from './wire-tap.ts';

export interface RunningWorld {
  readonly world: World;
  readonly rpUrl: string;
  readonly apiKey: string;
  /** From now on each step seen on the wire is told once; held back until `release` is called. */
  narrate(tell: (step: Step) => void): { readonly release: () => void };
  stop(): Promise<void>;
}

/**
 * Makes a world under `out/world` and starts its parts as child processes, with a tap before the service and the
 * pf.
 */
export async function startWorld(
  options: { readonly out: string; readonly role: 'sp' | 'gov' },
  show: Show,
): Promise<RunningWorld> {
  const [simulatorTap = 0, simulator = 0, pfTap = 0, pf = 0, rp = 0] = await freePorts(5);
  const rpUrl = `http://127.0.0.1:${rp}`;
  const world = await createWorld({
    dir: join(options.out, 'world'),
    seed: 'jitsuin',
    host: '127.0.0.1',
    simulatorUrl: `http://127.0.0.1:${simulatorTap}`,
    spUrl: rpUrl,
    govUrl: rpUrl,
    pfUrl: `http://127.0.0.1:${pfTap}`,
    ports: { simulator, pf },
  });
  const narrator = makeNarrator();
  const taps: WireTap[] = [];
  const parts: Part[] = [];
  const stop = async () => {
    await Promise.all(parts.map((part) => part.stop()));
    await Promise.all(taps.map((tap) => tap.close()));
  };
  try {
    taps.push(await tapWire(simulatorTap, simulator, narrator.seen), await tapWire(pfTap, pf, narrator.seen));
    parts.push(...(await startParts(options, world, show)));
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  const apiKey = options.role === 'gov' ? world.govApiKey : world.spApiKey;
  return { world, rpUrl, apiKey, narrate: narrator.begin, stop };
}

async function startParts(
  { out, role }: { readonly out: string; readonly role: 'sp' | 'gov' },
  world: World,
  show: Show,
): Promise<readonly Part[]> {
  const logs = join(out, 'world', 'logs');
  mkdirSync(logs, { recursive: true });
  const wanted = [
    ['serve', 'simulator'],
    ...(role === 'sp'
      ? ([
          ['serve', 'pf'],
          ['worker', 'pf'],
        ] as const)
      : []),
    ['serve', role],
    ['worker', role],
  ] as const;
  show.progress(`starting ${wanted.map(([verb, name]) => `${name} ${verb}`).join(', ')}`);
  const started = await Promise.allSettled(
    wanted.map(([verb, name]) => startPart(verb, name, world.envFiles[name], logs)),
  );
  show.progressDone();
  const running = started.filter((result) => result.status === 'fulfilled').map((result) => result.value);
  const failed = started.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(running.map((part) => part.stop()));
    throw failed.reason;
  }
  return running;
}

function makeNarrator(): { begin: RunningWorld['narrate']; seen: (exchange: Exchange) => void } {
  let tell: (step: Step) => void = () => {};
  let told = new Set<string>();
  let held: Step[] | undefined;
  return {
    begin(next) {
      tell = next;
      told = new Set();
      held = [];
      return {
        release() {
          for (const step of held ?? []) next(step);
          held = undefined;
        },
      };
    },
    seen(exchange) {
      for (const step of stepsOf(exchange)) {
        if (told.has(step.number)) continue;
        told.add(step.number);
        if (held === undefined) tell(step);
        else held.push(step);
      }
    },
  };
}
