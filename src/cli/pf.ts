import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../adapters/clock.ts';
import { openPfKeystore, type PfEnvironment, type PfKeystore } from '../adapters/keys/pf-keystore.ts';
import { createPassphraseFile, readPassphraseFile } from '../adapters/keys/pf-passphrase.ts';
import { openTokenKeystore } from '../adapters/keys/pf-pkcs11/token-keystore.ts';
import { pkcs11Config } from '../config/pkcs11.ts';
import { storageConfig } from '../config/storage.ts';
import { pfPublicJwkSchema } from '../contracts/pf-public-jwk.ts';
import { fromUtf8 } from '../core/encoding.ts';
import { JitsuinError } from '../core/errors.ts';
import { parseStrictJson } from '../core/json/strict-json.ts';
import { HOUR_MILLIS } from '../core/spans.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';
import { declareCommand, type OptionDeclarations } from './declare-command.ts';
import { readOctets } from './document-arguments.ts';
import { keyAsJson, keysAsText } from './pf/key-lines.ts';
import { type Hardware, showToken, withHardware } from './pf/token.ts';

const KEYSTORE_OPTIONS = {
  keystore: {
    type: 'string',
    value: 'FILE',
    means: 'default: JITSUIN_PF_KEYSTORE_FILE, else pf.keystore.json in JITSUIN_DATA_DIR',
  },
  'passphrase-file': {
    type: 'string',
    value: 'FILE',
    means:
      'default: JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE; for keys of the test environment else ' +
      'pf.keystore-passphrase in JITSUIN_DATA_DIR, made when missing',
  },
} as const satisfies OptionDeclarations;

interface KeystoreValues {
  readonly keystore?: string | undefined;
  readonly 'passphrase-file'?: string | undefined;
}

/** Runs `act` on the keys that the settings name: those of the token, or those of the keystore file. */
async function withKeys<T>(
  io: CommandIo,
  values: KeystoreValues,
  environment: PfEnvironment | undefined,
  act: (keystore: PfKeystore, hardware?: Hardware) => Promise<T>,
): Promise<T> {
  const pkcs11 = pkcs11Config(io.env, io);
  if (pkcs11?.keys.has('decryption') !== true || values.keystore !== undefined)
    return act(await keystoreOf(io, values, environment));
  return withHardware(pkcs11, (hardware) =>
    act(openTokenKeystore({ ...hardware, clock: systemClock }), hardware),
  );
}

/** Opens the keystore that the options or the environment name. */
async function keystoreOf(
  io: CommandIo,
  values: KeystoreValues,
  environment?: PfEnvironment,
): Promise<PfKeystore> {
  const { dataDir } = storageConfig(io.env, 'pf', io);
  const file = values.keystore ?? given(io, 'JITSUIN_PF_KEYSTORE_FILE') ?? join(dataDir, 'pf.keystore.json');
  const passphraseFile = values['passphrase-file'] ?? given(io, 'JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE');
  const path =
    passphraseFile ?? (environment === 'production' ? undefined : join(dataDir, 'pf.keystore-passphrase'));
  if (path === undefined) {
    throw new UsageError(
      'keys for production need --passphrase-file (or JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE).',
    );
  }
  if (passphraseFile === undefined && !existsSync(file) && (await createPassphraseFile(path))) {
    io.stderr(
      `jitsuin: made a passphrase for the keystore: ${path} (keep it apart from the keystore and its backups)\n`,
    );
  }
  return openPfKeystore({ file, passphrase: await readPassphraseFile(path), clock: systemClock });
}

function given(io: CommandIo, name: string): string | undefined {
  const value = io.env[name];
  return value === '' ? undefined : value;
}

export const pfKeygen: Command = declareCommand({
  name: 'pf keygen',
  about: `Makes a P-256 key pair for ECDH-ES, keeps the private key encrypted in the keystore, and prints the public key
as the Digital Agency registers it, one key for a service and an environment: kty, use, alg, crv, x, y, kid and
nothing else.

The first key of a service becomes active at once. A later one opens bundles already, and takes over with "jitsuin pf
keys --activate KID".`,
  options: {
    service: { type: 'string', value: 'NAME', means: 'the service for which the key is registered' },
    environment: { type: 'string', oneOf: ['test', 'production'], means: 'which keys these are' },
    check: {
      type: 'string',
      value: 'FILE',
      means:
        'make nothing, judge a JWK before it is handed over: refused when it holds a private key or any other member',
    },
    ...KEYSTORE_OPTIONS,
    json: { type: 'boolean', means: 'print the JWK in one line' },
  },
  async run(values, _operands, io) {
    if (values.check !== undefined) return checkJwk(values.check, io);
    const { environment } = values;
    if (environment === undefined) throw new UsageError('--environment must be test or production.');
    if (values.service === undefined)
      throw new UsageError('--service is missing: keys are registered for a service.');
    const { service } = values;
    const { publicJwk } = await withKeys(io, values, environment, (keystore) =>
      keystore.generate(service, environment),
    );
    io.stdout(`${JSON.stringify(publicJwk, undefined, values.json ? 0 : 2)}\n`);
    return 0;
  },
});

async function checkJwk(path: string, io: CommandIo): Promise<0> {
  const parsed = pfPublicJwkSchema.safeParse(parseStrictJson(fromUtf8(await readOctets(path)), 2));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : String(issue?.path[0] ?? path);
    throw new JitsuinError(
      'jwe.key',
      'This JWK must not be registered: it is not exactly the seven public members.',
      { at },
    );
  }
  io.stdout('The JWK has exactly the members to register.\n');
  return 0;
}

const STEPS = ['activate', 'expire', 'destroy'] as const;

export const pfKeys: Command = declareCommand({
  name: 'pf keys',
  about: `generated → active → overlap → expired → destroyed. All but the last two open bundles: a key that is replaced
goes on opening what is under way until its overlap ends (default 168 hours; a sign transaction lives well under
two).`,
  options: {
    activate: {
      type: 'string',
      value: 'KID',
      means: 'make this the active key of its service and environment',
    },
    overlap: {
      type: 'string',
      value: 'HOURS',
      means: 'with --activate: how long the key before goes on opening',
    },
    expire: { type: 'string', value: 'KID', means: 'it opens nothing any more' },
    destroy: { type: 'string', value: 'KID', means: 'remove the private key of an expired one for good' },
    ...KEYSTORE_OPTIONS,
    json: { type: 'boolean', means: 'print JSON' },
  },
  async run(values, _operands, io) {
    const asked = STEPS.filter((step) => values[step] !== undefined);
    if (asked.length > 1)
      throw new UsageError(`give only one of ${STEPS.map((step) => `--${step}`).join(', ')}.`);
    const overlap = overlapOption(values.overlap, values.activate);
    return withKeys(io, values, undefined, async (keystore, hardware) => {
      if (values.activate !== undefined) await keystore.activate(values.activate, overlap);
      if (values.expire !== undefined) await keystore.expire(values.expire);
      if (values.destroy !== undefined) await keystore.destroy(values.destroy);
      const keys = await keystore.list();
      if (hardware !== undefined) return showToken(keys, hardware, values.json === true, io);
      io.stdout(values.json ? `${JSON.stringify(keys.map(keyAsJson))}\n` : keysAsText(keys));
      return 0;
    });
  },
});

function overlapOption(text: string | undefined, activate: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (activate === undefined) throw new UsageError('--overlap is for --activate.');
  if (!/^[0-9]{1,5}$/.test(text)) throw new UsageError(`--overlap ${text} is not a number of hours.`);
  return Number(text) * HOUR_MILLIS;
}
