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
import { declareCommand, type Given, type OptionDeclarations } from './declare-command.ts';

const OPTIONS = {
  out: {
    type: 'string',
    value: 'FILE',
    means: 'default: JITSUIN_CLIENT_KEY_FILE. A file that is there is never overwritten',
  },
  environment: {
    type: 'string',
    oneOf: ['sandbox', 'test', 'production'],
    means:
      'which keys these are (needed for a new file); a process of the other environment refuses ' +
      'them. sandbox is the same as test',
  },
  alg: { type: 'string', oneOf: ['ES256', 'RS256'], default: 'ES256', means: 'the algorithm' },
  rotate: {
    type: 'boolean',
    means: 'add a second key that does not sign yet; register its public half first, then activate it',
  },
  activate: {
    type: 'string',
    value: 'KID',
    means: 'let this key sign from the next start of the processes on',
  },
  retire: {
    type: 'string',
    value: 'KID',
    means: 'take out a key that does not sign any more; remove it from the registration as well',
  },
  show: { type: 'boolean', means: 'print the public keys of the file and which one signs' },
  json: { type: 'boolean', means: 'print one JSON object: file, active, keys' },
} as const satisfies OptionDeclarations;

/** What one run did: the file afterwards, which public keys to print, and a sentence for people. */
interface Done {
  readonly ring: ClientKeyRing;
  readonly print: readonly string[];
  readonly say: string;
}

export const rpKeygen: Command = declareCommand({
  name: 'rp keygen',
  about: `The key of a relying party for private_key_jwt: written to a file of mode 600, never shown. Standard output is
the public JWK to hand over with the application to the Digital Agency (or to a broker), and nothing else. Of
--rotate, --activate, --retire and --show one at most.`,
  options: OPTIONS,
  async run(values, _operands, io) {
    const acts = [values.rotate, values.activate !== undefined, values.retire !== undefined, values.show];
    if (acts.filter(Boolean).length > 1) {
      throw new UsageError('--rotate, --activate, --retire and --show exclude each other.');
    }
    const file = values.out ?? io.env['JITSUIN_CLIENT_KEY_FILE'] ?? '';
    if (file === '') throw new UsageError('--out is missing: where shall the key file be?');
    report(file, await act(file, values), values.json, io);
    return 0;
  },
});

type Values = Given<typeof OPTIONS>;

async function act(file: string, values: Values): Promise<Done> {
  if (values.show) {
    const ring = await loadClientKeyRing(file);
    return { ring, print: ring.keys.map(({ kid }) => kid), say: `"${ring.active}" signs.` };
  }
  if (values.rotate) return rotate(file, values.alg);
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
  return create(file, environmentOption(values.environment), values.alg);
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
  const say =
    `Added; "${ring.active}" still signs. Register this public key, then: jitsuin rp keygen ` +
    `--activate ${key.kid}`;
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

function environmentOption(given: Values['environment']): KeyEnvironment {
  if (given === undefined) throw new UsageError('--environment must be sandbox, test or production.');
  return given === 'sandbox' ? 'test' : given;
}
