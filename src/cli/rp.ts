import { parseArgs } from 'node:util';
import {
  activateClientKey,
  type ClientKeyAlgorithm,
  type ClientKeyRing,
  generateClientKey,
  type KeyEnvironment,
  publicClientKey,
  withClientKey,
  withoutClientKey,
} from '../adapters/keys/client-key.ts';
import { loadClientKeyRing } from '../adapters/keys/client-key-file.ts';
import { replaceKeyFile, writeKeyFile } from '../adapters/keys/key-file.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';

const USAGE = `Usage: jitsuin rp keygen [--out FILE] --environment sandbox|test|production [--alg ES256|RS256]
       jitsuin rp keygen [--out FILE] --rotate [--alg ES256|RS256]
       jitsuin rp keygen [--out FILE] --activate KID | --retire KID | --show

The key of a relying party for private_key_jwt: written to a file of mode 600, never shown. Standard output is the public JWK
to hand over with the application to the Digital Agency (or to a broker), and nothing else.

  --out FILE       default: JITSUIN_CLIENT_KEY_FILE. A file that is there is never overwritten
  --environment E  which keys these are; a process of the other environment refuses them. sandbox is the same as test
  --alg ALG        ES256 (default) or RS256
  --rotate         add a second key that does not sign yet; register its public half first, then activate it
  --activate KID   let this key sign from the next start of the processes on
  --retire KID     take out a key that does not sign any more; remove it from the registration as well
  --show           print the public keys of the file and which one signs
  --json           print one JSON object: file, active, keys
`;

const OPTIONS = {
  out: { type: 'string' },
  environment: { type: 'string' },
  alg: { type: 'string', default: 'ES256' },
  rotate: { type: 'boolean', default: false },
  activate: { type: 'string' },
  retire: { type: 'string' },
  show: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** What one run did: the file afterwards, which public keys to print, and a sentence for people. */
interface Done {
  readonly ring: ClientKeyRing;
  readonly print: readonly string[];
  readonly say: string;
}

export const rpKeygen: Command = {
  name: 'rp keygen',
  usage: USAGE,
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    const acts = [values.rotate, values.activate !== undefined, values.retire !== undefined, values.show];
    if (acts.filter(Boolean).length > 1) {
      throw new UsageError('--rotate, --activate, --retire and --show exclude each other.');
    }
    const file = values.out ?? io.env['JITSUIN_CLIENT_KEY_FILE'] ?? '';
    if (file === '') throw new UsageError('--out is missing: where shall the key file be?');
    report(file, await act(file, values), values.json, io);
    return 0;
  },
};

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

async function act(file: string, values: Values): Promise<Done> {
  if (values.show) {
    const ring = await loadClientKeyRing(file);
    return { ring, print: ring.keys.map(({ kid }) => kid), say: `"${ring.active}" signs.` };
  }
  if (values.rotate) return rotate(file, algorithmOption(values.alg));
  if (values.activate !== undefined) {
    const ring = activateClientKey(await loadClientKeyRing(file), values.activate);
    await replaceKeyFile(file, ring);
    return { ring, print: [], say: `"${ring.active}" signs from the next start of the processes on.` };
  }
  if (values.retire !== undefined) {
    const before = await loadClientKeyRing(file);
    if (!before.keys.some(({ kid }) => kid === values.retire)) {
      throw new UsageError(`--retire: the file holds no key "${values.retire}".`);
    }
    const ring = withoutClientKey(before, values.retire);
    await replaceKeyFile(file, ring);
    return { ring, print: [], say: 'Retired. Take it out of the registration as well.' };
  }
  return create(file, environmentOption(values.environment), algorithmOption(values.alg));
}

async function create(file: string, environment: KeyEnvironment, alg: ClientKeyAlgorithm): Promise<Done> {
  const key = await generateClientKey(alg);
  const ring = { environment, active: key.kid, keys: [key] };
  await writeKeyFile(file, ring);
  return { ring, print: [key.kid], say: `Wrote ${file} (mode 600). Register this public key:` };
}

async function rotate(file: string, alg: ClientKeyAlgorithm): Promise<Done> {
  const key = await generateClientKey(alg);
  const ring = withClientKey(await loadClientKeyRing(file), key);
  await replaceKeyFile(file, ring);
  const say = `Added; "${ring.active}" still signs. Register this public key, then: jitsuin rp keygen --activate ${key.kid}`;
  return { ring, print: [key.kid], say };
}

/** People read the sentence on standard error, so that standard output can be handed over as it is. */
function report(file: string, { ring, print, say }: Done, json: boolean, io: CommandIo): void {
  const keys = ring.keys.map(publicClientKey);
  if (json) {
    io.stdout(`${JSON.stringify({ file, active: ring.active, environment: ring.environment, keys })}\n`);
    return;
  }
  io.stderr(`${say}\n`);
  for (const key of keys.filter(({ kid }) => print.includes(kid))) {
    io.stdout(`${JSON.stringify(key, undefined, 2)}\n`);
  }
}

function algorithmOption(text: string): ClientKeyAlgorithm {
  if (text === 'ES256' || text === 'RS256') return text;
  throw new UsageError(`--alg must be ES256 or RS256, not "${text}".`);
}

function environmentOption(text: string | undefined): KeyEnvironment {
  if (text === 'sandbox' || text === 'test') return 'test';
  if (text === 'production') return text;
  const given = text === undefined ? '' : `, not "${text}"`;
  throw new UsageError(`--environment must be sandbox, test or production${given}.`);
}
