import { existsSync, mkdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signedElementSelector } from '../contracts/public-api.ts';
import { defined } from '../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import { prepareSignature } from '../core/xmldsig/prepare.ts';
import { DEFAULT_PROFILE, isXmlSignatureProfileName } from '../core/xmldsig/profile-table.ts';
import { CITIZEN_OUTCOMES, type CitizenOutcome } from '../simulator/people.ts';
import { type Command, type CommandIo, type ExitStatus, UsageError } from './command.ts';
import { declareCommand, type Given, type OptionDeclarations } from './declare-command.ts';
import { type Kept, keep } from './demo/outputs.ts';
import { type RunningWorld, startWorld } from './demo/running-world.ts';
import { Show } from './demo/show.ts';
import { type DocumentBeside, walk } from './demo/walk.ts';
import { readOctets } from './document-arguments.ts';

/** Which exit status tells of all walks together: undecided hides no invalid one. */
const WORST_FIRST: readonly ExitStatus[] = [2, 1, 3];
const SAMPLES = fileURLToPath(new URL('../../../samples/applications/', import.meta.url));

/** What is signed when no file is named: each sample in the form it is made for (samples/applications/README.md). */
const DEFAULT_WALKS = [
  { file: join(SAMPLES, 'xx-city-zz-application.xml'), profile: 'guideline' },
  { file: join(SAMPLES, 'rare-kanji-notification.xml'), profile: 'enveloped' },
] as const;

interface DemoOptions {
  readonly walks: readonly { readonly file: string; readonly profile: string }[];
  /** Name of a receiver's form: then `profile` is it too, and these files lie beside the document. */
  readonly form?: string;
  readonly beside: readonly DocumentBeside[];
  readonly out: string;
  readonly role: 'sp' | 'gov';
  readonly mode: string;
  readonly element?: string;
  readonly person: string;
  readonly outcome: CitizenOutcome;
  readonly json: boolean;
}

const OPTIONS = {
  out: {
    type: 'string',
    value: 'DIR',
    means: 'where results, keys, stores and logs go (default: jitsuin-data/demo-<time>)',
  },
  role: {
    type: 'string',
    oneOf: ['sp', 'gov'],
    default: 'sp',
    means: 'a private service provider with a platform operator, or an agency',
  },
  profile: {
    type: 'string',
    oneOf: ['enveloped', 'by-id', 'guideline', 'detached'],
    means: 'detached is for any file (default: enveloped for named files)',
  },
  form: { type: 'string', value: 'NAME', means: "a receiver's form, instead of --profile" },
  file: {
    type: 'string',
    value: 'NAME=PATH',
    multiple: true,
    means: 'with --form: a file beside the document, under the name by which it is signed',
  },
  mode: {
    type: 'string',
    oneOf: ['digest-info', 'digest'],
    default: 'digest-info',
    means: 'digest is for the profile detached',
  },
  element: {
    type: 'string',
    value: 'NAME|#ID',
    means: "the signed element, where the profile's default is not meant",
  },
  person: { type: 'string', value: 'ID', default: 'taro', means: 'the simulated citizen' },
  outcome: {
    type: 'string',
    value: 'NAME',
    oneOf: CITIZEN_OUTCOMES,
    default: 'sign',
    means: 'what the citizen does',
  },
  json: { type: 'boolean', means: 'one JSON object a line' },
} as const satisfies OptionDeclarations;

export const demo: Command = declareCommand({
  name: 'demo',
  operands: '[FILE…]',
  about: `Starts on loopback, in one process tree, with free ports and a store each: the simulator (the service, the
app, the card, JPKI), the relying party with its worker, and the platform operator with its worker; then drives a
simulated citizen through the real HTTP redirects, step by step as in the guideline's 署名 sequence. Without FILE it
signs samples/applications/.`,
  options: OPTIONS,
  more:
    'Exit status: 0 everything was signed and verified, 1 something was not valid or not signed, ' +
    '2 wrong use, 3 undecided.',
  run: (values, files, io) => runDemo(readOptions(values, files), io),
});

async function runDemo(options: DemoOptions, io: CommandIo): Promise<ExitStatus> {
  await expectSignable(options);
  const show = new Show(io, options.json);
  mkdirSync(options.out, { recursive: true });
  show.heading(`jitsuin demo: role ${options.role}; everything is simulated and stays on this machine`);
  const world = await startWorld(options, show);
  try {
    const kept: Kept[] = [];
    for (const one of options.walks) {
      if (io.signal.aborted) return 3;
      kept.push(await walkAndKeep(options, one, world, show));
    }
    summary(kept, options, show);
    return WORST_FIRST.find((status) => kept.some((one) => one.status === status)) ?? 0;
  } finally {
    await world.stop();
  }
}

/** What "jitsuin prepare" refuses is refused alike, before anything is started. @throws as `prepareSignature` */
async function expectSignable({ walks, element }: DemoOptions): Promise<void> {
  for (const { file, profile } of walks) {
    if (!isXmlSignatureProfileName(profile)) continue;
    const signedElement = element === undefined ? undefined : signedElementSelector(element);
    const octets = await readOctets(file);
    try {
      prepareSignature(octets, defined({ profile, signedElement }));
    } catch (thrown) {
      const { code, message, at } = asJitsuinError(thrown);
      throw new JitsuinError(code, `${file}: ${message}`, defined({ at, cause: thrown }));
    }
  }
}

async function walkAndKeep(
  options: DemoOptions,
  { file, profile }: DemoOptions['walks'][number],
  world: RunningWorld,
  show: Show,
): Promise<Kept> {
  show.heading(`${file} (profile ${profile}, mode ${options.mode})`);
  const wire = world.narrate((step) => show.step(step));
  const ended = await walk(
    defined({
      file,
      profile,
      mode: options.mode,
      rpUrl: world.rpUrl,
      apiKey: world.apiKey,
      person: options.person,
      outcome: options.outcome,
      submitted: wire.release,
      element: options.element,
      form: options.form,
      beside: options.beside,
    }),
    show,
  );
  return keep(ended, { file, profile, out: options.out, role: options.role }, world, show);
}

function summary(kept: readonly Kept[], options: DemoOptions, show: Show): void {
  show.heading('Where everything lies');
  for (const { name, verdict, files } of kept) {
    show.fact(name, '');
    show.fact('  verdict', verdict);
    for (const [what, path] of Object.entries(files)) show.fact(`  ${what}`, path);
  }
  show.fact('keys, stores, logs', join(options.out, 'world'));
}

function readOptions(values: Given<typeof OPTIONS>, positionals: readonly string[]): DemoOptions {
  const { role, mode, profile, person, outcome, json, element, form, file = [] } = values;
  if (form !== undefined && (profile !== undefined || mode === 'digest' || element !== undefined))
    throw new UsageError('--form says what is signed and how: leave out --profile, --mode and --element.');
  if (file.length > 0 && form === undefined) throw new UsageError('--file is for --form.');
  if (form !== undefined && positionals.length !== 1)
    throw new UsageError('--form signs one document: name one FILE.');
  if (mode === 'digest' && profile !== undefined && profile !== 'detached') {
    throw new UsageError(
      `an XML Signature (profile ${profile}) can only be made in --mode digest-info, since in ` +
        '--mode digest the service hashes again; use --profile detached.',
    );
  }
  for (const file of positionals) {
    if (!existsSync(file)) throw new UsageError(`there is no file "${file}".`);
  }
  return defined({
    form,
    beside: file.map(besideOf),
    walks: walksOf(positionals, form ?? (mode === 'digest' ? 'detached' : profile)),
    out: resolve(
      values.out ?? join('jitsuin-data', `demo-${new Date().toISOString().replace(/[-:]|\..*/g, '')}`),
    ),
    role,
    mode,
    person,
    outcome,
    json,
    element,
  });
}

function besideOf(argument: string): DocumentBeside {
  const split = argument.indexOf('=');
  const path = split < 0 ? argument : argument.slice(split + 1);
  if (!existsSync(path)) throw new UsageError(`--file ${argument}: there is no file "${path}".`);
  return { name: split < 0 ? basename(argument) : argument.slice(0, split), path };
}

function walksOf(files: readonly string[], profile: string | undefined): DemoOptions['walks'] {
  if (files.length > 0) return files.map((file) => ({ file, profile: profile ?? DEFAULT_PROFILE }));
  if (profile === 'by-id') return [{ file: join(SAMPLES, 'rare-kanji-notification.xml'), profile }];
  if (profile === 'guideline') return [{ file: join(SAMPLES, 'xx-city-zz-application.xml'), profile }];
  return DEFAULT_WALKS.map((one) => ({ file: one.file, profile: profile ?? one.profile }));
}
