import { newWebhookSecret, signedHeaders } from '../../adapters/webhook/signature.ts';
import { each, hasEnded, type SpClient, type sp } from '../../client/index.ts';
import type { WebhookPayload } from '../../client/webhooks.ts';
import type { EpochMillis } from '../../core/brand.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { declareCommand } from '../declare-command.ts';
import { ACCESS_OPTIONS, accessOf, clientOf } from './access.ts';

const ATTEMPTS = 3;
const PATIENCE = 15_000;
/** One look goes no further back. */
const MOST = 2_000;

export const listen: Command = declareCommand({
  name: 'listen',
  about: `For developers: sends the webhooks of a running sp or gov to a program on this machine, which the server need
not reach. The applications of the key's tenant are looked at every second, and what came to its end is told as the
server would tell it, signed by the secret that is printed at the beginning. It ends with Ctrl-C. In production,
register an endpoint.`,
  options: {
    to: { type: 'string', value: 'URL', needed: true, means: 'for example http://localhost:3000/webhooks' },
    secret: { type: 'string', value: 'whsec_…', means: 'by which it is signed; else a new one' },
    ...ACCESS_OPTIONS,
  },
  async run(values, _operands, io) {
    if (!URL.canParse(values.to)) throw new UsageError(`--to must be a URL, not "${values.to}".`);
    if (values.secret?.startsWith('whsec_') === false)
      throw new UsageError('--secret must begin with whsec_.');
    const { client } = await clientOf(accessOf(values, io));
    const secret = values.secret ?? newWebhookSecret();
    io.stdout(`secret: ${secret}\nto: ${values.to}\n`);
    const seen: Seen = { known: new Set(), open: new Set() };
    // what ended before it listens is history
    await endedSince(client, seen);
    while (!(await paused(io))) {
      for (const ended of await endedSince(client, seen)) io.stdout(await tell(values.to, secret, ended, io));
    }
    return 0;
  },
});

const EVERY = 1_000;

/** True when it is to end. */
async function paused({ signal }: CommandIo): Promise<boolean> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, EVERY);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
  return signal.aborted;
}

interface Seen {
  /** Ids that a look has had. */
  readonly known: Set<string>;
  /** Those of them that had not ended. */
  readonly open: Set<string>;
}

/** What has ended since the look before; newest first, until nothing new comes and all that were open were seen. */
async function endedSince(
  client: Pick<SpClient, 'listApplications'>,
  seen: Seen,
): Promise<readonly sp.Application[]> {
  const ended: sp.Application[] = [];
  const unseen = new Set(seen.open);
  let count = 0;
  for await (const one of each(client.listApplications, { limit: 100 })) {
    const wasOpen = unseen.delete(one.id);
    const isNew = !seen.known.has(one.id);
    if (!isNew && !wasOpen && unseen.size === 0) break;
    seen.known.add(one.id);
    if (!hasEnded(one)) seen.open.add(one.id);
    else if (wasOpen || isNew) {
      seen.open.delete(one.id);
      ended.push(one);
    }
    count += 1;
    if (count >= MOST) break;
  }
  return ended.reverse();
}

async function tell(
  url: string,
  secret: string,
  { id, state, updated_at }: sp.Application,
  { signal }: CommandIo,
): Promise<string> {
  const event: WebhookPayload = {
    type: `application.${state}` as WebhookPayload['type'],
    timestamp: updated_at,
    data: { id, state },
  };
  const payload = JSON.stringify(event);
  const messageId = crypto.randomUUID();
  let said = '';
  for (let attempt = 1; attempt <= ATTEMPTS && !signal.aborted; attempt += 1) {
    const signed = signedHeaders({ id: messageId, payload }, [{ value: secret }], Date.now() as EpochMillis);
    said = await fetch(url, {
      method: 'POST',
      headers: { ...signed, 'content-type': 'application/json' },
      body: payload,
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE),
    }).then(
      async (answer) => {
        await answer.body?.cancel();
        return String(answer.status);
      },
      (thrown: unknown) => (thrown instanceof Error ? thrown.message : 'failed'),
    );
    if (/^2\d\d$/.test(said)) break;
  }
  return `${event.type}  ${id}  → ${said}\n`;
}
