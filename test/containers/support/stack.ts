import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { Show } from '../../../src/cli/demo/show.ts';
import { walk } from '../../../src/cli/demo/walk.ts';
import type { ApplicationView } from '../../../src/contracts/public-api.ts';
import { type Engine, PROJECT, root } from './engine.ts';

const PAUSE = 500;
/** A machine with much else to do gets there too. */
const PATIENCE = 300_000;
const GOV = ['--profile', 'gov'];
export const PORTS = { sp: 8081, gov: 8082 } as const;

interface Composed {
  readonly services: Readonly<
    Record<string, { readonly restart?: string; readonly profiles?: readonly string[] }>
  >;
}
const { services } = parse(readFileSync(resolve(root, 'docker-compose.yml'), 'utf8'), {
  merge: true,
  maxAliasCount: 1000,
}) as Composed;

/** Services that go on running, those of the agency's profile last. */
export const RUNNING = Object.entries(services)
  .filter(([, { restart }]) => restart === 'unless-stopped')
  .map(([name]) => name);

/** The stack of docker-compose.yml in an engine. */
export class Stack {
  readonly #engine: Engine;
  readonly #quiet = new Show(
    {
      stdout: () => undefined,
      stderr: () => undefined,
      isTty: false,
      env: {},
      signal: new AbortController().signal,
    },
    false,
  );

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  up(...args: readonly string[]): Promise<string> {
    return this.#engine.compose(...GOV, 'up', '-d', ...args);
  }

  compose(...args: readonly string[]): Promise<string> {
    return this.#engine.compose(...GOV, ...args);
  }

  /** A document's commands, which say `docker compose`, in a folder of their own. */
  script(commands: string): Promise<string> {
    return this.#engine.script(commands, GOV);
  }

  docker(...args: readonly string[]): Promise<string> {
    return this.#engine.docker(...args);
  }

  /** A member of what the engine knows of a service's container, in Go's words. */
  async inspect(service: string, format: string): Promise<string> {
    return (await this.#engine.docker('inspect', '-f', format, await this.container(service))).trim();
  }

  async container(service: string): Promise<string> {
    const [, id = ''] = (await this.#containers('{{.ID}}')).find(([name]) => name === service) ?? [];
    return id;
  }

  /** Until every one of these services can do its work. */
  async healthy(names: readonly string[] = RUNNING): Promise<void> {
    await until(`${names.join(', ')} are healthy`, async () => {
      const states = new Map(await this.#containers('{{.Status}}'));
      return names.every((name) => /^Up .*\(healthy\)/.test(states.get(name) ?? ''));
    });
  }

  /** Service and one more column of each container that stays. */
  async #containers(column: string): Promise<readonly (readonly [string, string])[]> {
    const filters = [`label=com.docker.compose.project=${PROJECT}`, 'label=com.docker.compose.oneoff=False'];
    const listed = await this.#engine.docker(
      'ps',
      '--all',
      ...filters.flatMap((filter) => ['--filter', filter]),
      '--format',
      `{{.Label "com.docker.compose.service"}}\t${column}`,
    );
    return listed
      .trim()
      .split('\n')
      .map((line) => {
        const [service = '', value = ''] = line.split('\t');
        return [service, value] as const;
      });
  }

  /** Ends the first process of a container as nothing but SIGKILL does, and waits for the engine's new one. */
  async kill(service: string): Promise<void> {
    const [pid = '', started = ''] = (
      await this.inspect(service, '{{.State.Pid}} {{.State.StartedAt}}')
    ).split(' ');
    process.kill(Number(pid), 'SIGKILL');
    await until(`${service} was started again`, async () => {
      const now = await this.inspect(service, '{{.State.Status}} {{.State.StartedAt}}');
      return now.startsWith('running') && !now.endsWith(started);
    });
  }

  async apiKey(role: keyof typeof PORTS): Promise<string> {
    const file = `/world/callers/${role}-api-key.txt`;
    return (await this.compose('run', '--rm', '-T', '--entrypoint', 'cat', 'init', file)).trim();
  }

  /** One application from the host: submitted, signed by a simulated citizen, fetched, verified. */
  application(role: keyof typeof PORTS, apiKey: string): Promise<ApplicationView> {
    return walk(
      {
        file: resolve(root, 'samples/applications/rare-kanji-notification.xml'),
        rpUrl: `http://localhost:${PORTS[role]}`,
        apiKey,
        profile: 'enveloped',
        mode: 'digest-info',
        person: 'taro',
        outcome: 'sign',
        submitted: () => undefined,
      },
      this.#quiet,
    );
  }

  async verdict(role: keyof typeof PORTS, apiKey: string): Promise<string> {
    const { state, verdict } = await this.application(role, apiKey);
    return `${state} ${verdict?.indication ?? ''}`;
  }
}

/** Asks again until it is so. What cannot be asked yet is not so yet. */
export async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    if (await ask().catch(() => false)) return;
    expect(Date.now(), `${what} in time`).toBeLessThan(end);
    await new Promise((again) => setTimeout(again, PAUSE));
  }
}
