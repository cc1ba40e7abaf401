import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../../src/adapters/log/pino-log.ts';
import type { Browser, Page } from '../../../src/cli/demo/browser.ts';
import { createWorld } from '../../../src/cli/world/create-world.ts';
import { GOV_CLIENT_ID, SP_CLIENT_ID, type World } from '../../../src/cli/world/world-options.ts';
import { readGovConfig } from '../../../src/config/gov.ts';
import { readSpConfig } from '../../../src/config/sp.ts';
import { API_SCOPES, type ApiScope } from '../../../src/contracts/operations/operation.ts';
import type { ApplicationView } from '../../../src/contracts/public-api.ts';
import type { Log } from '../../../src/ports/log.ts';
import { startGov } from '../../../src/roles/gov/main.ts';
import { startSp } from '../../../src/roles/sp/main.ts';
import { type CitizenChoice, driveCitizen } from '../../../src/simulator/citizen.ts';
import type { ObservedRequest, Simulator, SimulatorClient } from '../../../src/simulator/options.ts';
import { startSimulator } from '../../../src/simulator/start-simulator.ts';
import { startGovWorker } from '../../../workers/gov/main.ts';
import { startSpWorker } from '../../../workers/sp/main.ts';
import { setInEnvFile } from '../../support/env-file.ts';
import { freePorts } from '../../support/ports.ts';

export const OTHER_RETURN_URL = 'https://city.example/done?step=2';

interface Closable {
  close(): Promise<void>;
}

/** What a tenant needs to call a relying party. */
export interface ApiAccess {
  /** Base URL of the relying party. */
  readonly url: string;
  readonly apiKey: string;
}

export interface RpWorld extends ApiAccess {
  readonly dir: string;
  readonly simulator: Simulator;
  readonly pfUrl: string;
  readonly clientId: string;
  /** API key of a second tenant, which may send its citizens to OTHER_RETURN_URL. */
  readonly otherApiKey: string;
  /** Everything that the role and its worker logged. */
  readonly logLines: readonly string[];
  /** The environment of the role, as `--env-file` would have it. */
  env(role: 'sp' | 'gov' | 'pf'): Record<string, string>;
  /** Stops the worker, so that a test can look between two steps. */
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  /** Stops the role and its worker and starts both again, at the same place. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Simulator, one relying party and its worker on loopback, with a store in a folder of their own. */
export async function startRpWorld(
  role: 'sp' | 'gov',
  options: {
    readonly profile?: string;
    readonly mode?: string;
    readonly signedElement?: string;
    /** What the relying party is called in its URLs; a passkey needs a name, not an address. */
    readonly host?: 'localhost';
    /** Puts something in front of the port of the relying party, and says what its public URL is there. */
    readonly front?: (port: number) => Promise<string>;
    /** Variables of the role beside those of a simulated world. */
    readonly env?: Readonly<Record<string, string>>;
    /** Hears of every request that the simulator gets. */
    readonly observed?: (request: ObservedRequest) => void;
  } = {},
): Promise<RpWorld> {
  const dir = mkdtempSync(join(tmpdir(), `jitsuin-${role}-`));
  const [simulatorPort, rpPort, pfPort] = await freePorts(3);
  const base = (port: number | undefined) => `http://127.0.0.1:${port}`;
  const own = options.host === undefined ? base(rpPort) : `http://${options.host}:${rpPort}`;
  const url = (await options.front?.(rpPort ?? 0)) ?? own;
  const world = await createWorld({
    dir: join(dir, 'world'),
    seed: 'integration',
    host: '127.0.0.1',
    simulatorUrl: base(simulatorPort),
    spUrl: role === 'sp' ? url : base(1),
    govUrl: role === 'gov' ? url : base(1),
    pfUrl: base(pfPort),
    ports: { [role]: rpPort ?? 0 },
    ...options,
  });
  for (const [name, value] of Object.entries(options.env ?? {})) {
    setInEnvFile(world.envFiles[role], { [name]: value });
  }
  const otherApiKey = addKeys(join(world.dir, role, 'api-keys.json'));
  const simulator = await startSimulator({
    host: '127.0.0.1',
    port: simulatorPort ?? 0,
    seed: 'integration',
    observed: (request) => options.observed?.(request),
    now: () => Date.now() as ReturnType<Parameters<typeof startSimulator>[0]['now']>,
    clients: JSON.parse(
      readFileSync(join(world.dir, 'simulator', 'clients.json'), 'utf8'),
    ) as SimulatorClient[],
  });
  const logLines: string[] = [];
  const quiet = {
    log: createLog({ role, destination: { write: (line: string) => void logLines.push(line) } }),
  };
  let server = await startRole(role, world, quiet);
  let worker: Closable | undefined = await startRoleWorker(role, world, quiet);
  const stopWorker = async () => {
    await worker?.close();
    worker = undefined;
  };
  return {
    dir,
    simulator,
    url,
    pfUrl: base(pfPort),
    clientId: role === 'sp' ? SP_CLIENT_ID : GOV_CLIENT_ID,
    apiKey: role === 'sp' ? world.spApiKey : world.govApiKey,
    otherApiKey,
    logLines,
    env: (name) => envOfFile(world, name),
    stopWorker,
    startWorker: async () => {
      worker ??= await startRoleWorker(role, world, quiet);
    },
    restart: async () => {
      await stopWorker();
      await server.close();
      server = await startRole(role, world, quiet);
      worker = await startRoleWorker(role, world, quiet);
    },
    close: async () => {
      await stopWorker();
      await server.close();
      await simulator.close().catch(() => undefined);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The API key of the first tenant that may do only this. */
export const keyOfScope = (scope: ApiScope) => `jk_only-${scope}-0123456789`;

function addKeys(file: string): string {
  const key = 'jk_other-tenant-0123456789';
  const content = JSON.parse(readFileSync(file, 'utf8')) as { tenants: { tenant: string }[] };
  const entry = (tenant: string, apiKey: string, more: object) => ({
    ...{ tenant, api_key_sha256: createHash('sha256').update(apiKey).digest('hex') },
    ...more,
  });
  const first = content.tenants[0]?.tenant ?? '';
  content.tenants.push(entry('other', key, { return_urls: [OTHER_RETURN_URL] }));
  for (const scope of API_SCOPES) content.tenants.push(entry(first, keyOfScope(scope), { scopes: [scope] }));
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
  return key;
}

function startRole(role: 'sp' | 'gov', world: World, quiet: { readonly log: Log }) {
  return role === 'sp'
    ? startSp(readSpConfig(envOfFile(world, 'sp')), quiet)
    : startGov(readGovConfig(envOfFile(world, 'gov')), quiet);
}

function startRoleWorker(role: 'sp' | 'gov', world: World, quiet: { readonly log: Log }) {
  return role === 'sp'
    ? startSpWorker(readSpConfig(envOfFile(world, 'sp')), quiet)
    : startGovWorker(readGovConfig(envOfFile(world, 'gov')), quiet);
}

export function envOfFile(world: Pick<World, 'envFiles'>, role: 'sp' | 'gov' | 'pf'): Record<string, string> {
  const lines = readFileSync(world.envFiles[role], 'utf8').split('\n');
  const pairs = lines.filter((line) => /^[A-Z_]+=/.test(line)).map((line) => line.split(/=(.*)/s, 2));
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value]));
}

/** `POST /v1/applications`. */
export async function submit(
  world: ApiAccess,
  document: string | Uint8Array,
  options: {
    readonly query?: string;
    readonly type?: string;
    readonly key?: string;
    readonly apiKey?: string;
  } = {},
): Promise<Response> {
  return fetch(`${world.url}/v1/applications${options.query ?? ''}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${options.apiKey ?? world.apiKey}`,
      'content-type': options.type ?? 'application/xml',
      'idempotency-key': options.key ?? crypto.randomUUID(),
    },
    body: document,
  });
}

export async function submitted(
  world: ApiAccess,
  document: string | Uint8Array,
  options: Parameters<typeof submit>[2] = {},
): Promise<ApplicationView> {
  const response = await submit(world, document, options);
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as ApplicationView;
}

export function api(world: ApiAccess, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${world.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${world.apiKey}`, ...init.headers },
  });
}

export async function applicationOf(world: ApiAccess, id: string): Promise<ApplicationView> {
  return (await (await api(world, `/v1/applications/${id}`)).json()) as ApplicationView;
}

/** Confirmation page, button, the citizen at the service; gives the callback URL, not followed. */
export async function goToService(
  browser: Browser,
  signUrl: string,
  choice: CitizenChoice = {},
): Promise<string> {
  const page = await browser.visit(signUrl);
  const sent = await browser.submit(page, '/sign');
  if (sent.location === undefined) throw new Error(`no redirect: ${sent.status} ${sent.html}`);
  return driveCitizen(sent.location, choice);
}

/** The whole way of the citizen; the page at the end. */
export async function sign(browser: Browser, signUrl: string, choice: CitizenChoice = {}): Promise<Page> {
  const back = await browser.open(await goToService(browser, signUrl, choice));
  if (back.location === undefined) return back;
  return browser.open(back.location);
}

/** Waits until the application has ended (or reached `state`). */
export async function ended(world: ApiAccess, id: string, state?: string): Promise<ApplicationView> {
  const until = Date.now() + 45_000;
  const ends = ['decided', 'refused', 'failed', 'restart-needed', 'expired', 'cancelled'];
  for (;;) {
    const application = await applicationOf(world, id);
    if (application.state === state || ends.includes(application.state)) return application;
    if (Date.now() > until) throw new Error(`still ${application.state}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
