import { Browser } from '../../src/cli/demo/browser.ts';
import type { ApiRole } from '../../src/contracts/operations/operation.ts';
import { sign, startRpWorld, submitted } from '../integration/rp/world.ts';
import { startPfWorld, submissionOf } from './pf-world.ts';

/** One role with two tenants, and an id of the first one's for every kind of id in a path. */
export interface ApiWorld {
  readonly role: ApiRole;
  readonly url: string;
  /** A fresh Authorization header of the tenant that owns the ids. */
  mine(): Promise<string>;
  other(): Promise<string>;
  /** Path with `{id}` → the id that belongs there. */
  idFor(path: string): string;
  /** Everything logged. */
  logged(): string;
  close(): Promise<void>;
}

export const DOCUMENT = '<届出><氏名>模擬</氏名></届出>';

export function startApiWorld(role: ApiRole): Promise<ApiWorld> {
  return role === 'pf' ? startPf() : startRp(role);
}

/** Registers an endpoint and gives its id. */
export async function registerEndpoint(
  url: string,
  authorization: string,
  target: string,
): Promise<Response> {
  return fetch(`${url}/v1/webhook-endpoints`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ url: target }),
  });
}

async function idOf(response: Response): Promise<string> {
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

/** The first delivery to an endpoint, once it is there. */
async function firstDelivery(url: string, bearer: () => Promise<string>, endpoint: string): Promise<string> {
  for (let round = 0; round < 400; round += 1) {
    const path = `${url}/v1/webhook-endpoints/${endpoint}/deliveries`;
    const page = await fetch(path, { headers: { authorization: await bearer() } });
    const [delivery] = ((await page.json()) as { items: { id: string }[] }).items;
    if (delivery !== undefined) return delivery.id;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('no delivery');
}

function idsOf(record: string, endpoint: string, delivery: string): ApiWorld['idFor'] {
  return (path) => {
    if (path.startsWith('/v1/webhook-endpoints')) return endpoint;
    return path.startsWith('/v1/webhook-deliveries') ? delivery : record;
  };
}

const NOWHERE = 'http://127.0.0.1:9/';
const SETTINGS = { JITSUIN_TENANT_RATE: '0', JITSUIN_WEBHOOK_LOOPBACK: '1' };

async function startRp(role: 'sp' | 'gov'): Promise<ApiWorld> {
  const world = await startRpWorld(role, { env: SETTINGS });
  await world.stopWorker();
  const mine = async () => `Bearer ${world.apiKey}`;
  const endpoint = await idOf(await registerEndpoint(world.url, await mine(), NOWHERE));
  const refused = await submitted(world, DOCUMENT);
  await sign(new Browser(), refused.sign_url ?? '', { outcome: 'refuse' });
  const delivery = await firstDelivery(world.url, mine, endpoint);
  const { id } = await submitted(world, DOCUMENT);
  return {
    ...{ role, url: world.url, mine },
    other: async () => `Bearer ${world.otherApiKey}`,
    idFor: idsOf(id, endpoint, delivery),
    logged: () => world.logLines.join(''),
    close: () => world.close(),
  };
}

async function startPf(): Promise<ApiWorld> {
  const world = await startPfWorld(SETTINGS);
  const mine = () => world.bearer('alpha');
  const endpoint = await idOf(await registerEndpoint(world.url, await mine(), NOWHERE));
  await world.startWorker();
  const { id } = await world.service('alpha').submit(await submissionOf(world));
  const delivery = await firstDelivery(world.url, mine, endpoint);
  await world.stopWorker();
  return {
    ...{ role: 'pf' as const, url: world.url, mine },
    other: () => world.bearer('beta'),
    idFor: idsOf(id, endpoint, delivery),
    logged: () => world.log.lines.join(''),
    close: () => world.close(),
  };
}
