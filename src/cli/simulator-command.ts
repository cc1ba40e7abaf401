import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { systemClock } from '../adapters/clock.ts';
import { useLoopbackAddresses } from '../adapters/http-client/loopback-addresses.ts';
import { defined } from '../core/defined.ts';
import { explanationLine } from '../simulator/explanation.ts';
import type { JournalEntry } from '../simulator/journal.ts';
import type { SimulatorClient } from '../simulator/options.ts';
import { readClients } from '../simulator/register-client.ts';
import { startSimulator } from '../simulator/start-simulator.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';

/** `jitsuin simulator`: the whole pretended service in one line. */
export const simulator: Command = declareCommand({
  name: 'simulator',
  about: `Starts the pretended デジタル認証サービス on one port of this machine: OpenID Provider and signing API, the app's
page, cards, JPKI (CA, CRL, OCSP) and a time-stamp authority. Its own page shows addresses, people, registered clients,
faults to switch on, settings of common libraries, and the last requests with what was wrong in each.

Every refusal is told on standard error too: which parameter, what came, the rule, and where it is written. What goes
to the client stays exactly the service's words.`,
  options: {
    port: { type: 'string', value: 'PORT', default: '8090', means: '0: a free one' },
    host: {
      type: 'string',
      value: 'ADDRESS',
      default: '127.0.0.1',
      means: 'where it listens; whoever reaches another address than the loopback can log in as anybody here',
    },
    'public-url': { type: 'string', value: 'URL', means: 'the base URL that others use, when it is another' },
    clients: {
      type: 'string',
      value: 'FILE',
      default: 'simulator-clients.json',
      means: 'JSON of the registered clients: read at the start, written when one is registered',
    },
    'keep-nothing': { type: 'boolean', means: 'write no file: what is registered is forgotten at the end' },
    seed: { type: 'string', value: 'TEXT', default: 'jitsuin', means: 'people, cards and keys come from it' },
    controls: {
      type: 'string',
      oneOf: ['loopback', 'anyone'],
      default: 'loopback',
      means: 'who may open the page, register clients and switch faults on',
    },
    json: { type: 'boolean', means: 'print one JSON object when it runs, and one for each request' },
  },
  more: `It never exits by itself: SIGINT (Ctrl-C) or SIGTERM ends it. "jitsuin demo" signs from beginning to end,
"jitsuin init" makes a whole world with an sp, a gov and a pf.`,
  async run(values, _operands, io) {
    if (io.envFile !== undefined)
      throw new UsageError(
        `"jitsuin simulator" takes its options from the command line. That of a world is started by ` +
          `"jitsuin serve --role simulator --env-file ${io.envFile}".`,
      );
    useLoopbackAddresses(io.env);
    const file = values.clients;
    const given = values['public-url'];
    const running = await startSimulator(
      defined({
        host: values.host,
        port: portOption(values.port),
        publicUrl: given === undefined ? undefined : publicUrlOption(given),
        seed: values.seed,
        now: () => systemClock.now(),
        clients: existsSync(file) ? readClients(readFileSync(file, 'utf8'), file) : [],
        adminAccess: values.controls === 'anyone' ? ('any' as const) : ('loopback' as const),
        heard: (entry: JournalEntry) => tell(entry, values.json, io),
        registered: (clients: readonly SimulatorClient[]) => {
          if (!values['keep-nothing']) keep(file, clients);
        },
      }),
    );
    const { url, issuer } = running;
    io.stdout(
      values.json
        ? `${JSON.stringify({ verb: 'simulator', url, issuer, page: `${url}/` })}\n`
        : `シミュレータ / simulator: ${url}/\nissuer: ${issuer}\nclients: ${keptIn(file, values['keep-nothing'])}\n`,
    );
    await new Promise<void>((resolve) => {
      if (io.signal.aborted) resolve();
      io.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await running.close();
    return 0;
  },
});

function keptIn(file: string, nothing: boolean): string {
  return nothing ? 'kept nowhere' : `kept in ${file}`;
}

function portOption(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`--port ${text} is not a number from 0 to 65535.`);
}

function publicUrlOption(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === ''
  )
    return url.origin;
  throw new UsageError(`--public-url ${text} is not an http or https URL without path.`);
}

/** Whole or not at all: a kill leaves the old file. */
function keep(file: string, clients: readonly SimulatorClient[]): void {
  const beside = `${file}.${process.pid}.new`;
  writeFileSync(beside, `${JSON.stringify(clients, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(beside, file);
}

/** One line a request; two for a refusal. */
function tell(entry: JournalEntry, json: boolean, io: CommandIo): void {
  if (json) {
    io.stdout(`${JSON.stringify(entry)}\n`);
    return;
  }
  const { at, endpoint, clientId = '-', status, error = '', explanation, fault } = entry;
  const time = new Date(at).toISOString().slice(11, 19);
  const spoiled = fault === undefined ? '' : ` (fault asked for: ${fault})`;
  io.stderr(
    `${time} ${endpoint} ${clientId} ${status === 0 ? '-' : status} ${error}`.trimEnd().concat(spoiled, '\n'),
  );
  if (explanation !== undefined) io.stderr(`         ${explanationLine(explanation)}\n`);
}
