import { readFileSync } from 'node:fs';
import {
  type ClientOptions,
  createGovClient,
  createSpClient,
  type GovClient,
  type SpClient,
} from '../../client/index.ts';
import { HOUR_MILLIS } from '../../core/spans.ts';
import type { CommandIo } from '../command.ts';
import { UsageError } from '../command.ts';

/** Where a running sp or gov is, and the key by which it knows its tenant. The key never stands on a command line. */
export const ACCESS_OPTIONS = {
  url: { type: 'string', value: 'URL', means: 'where the sp or gov is; else JITSUIN_URL' },
  'key-file': { type: 'string', value: 'FILE', means: 'holds the API key; else it is JITSUIN_API_KEY' },
} as const;

interface Access {
  readonly url?: string | undefined;
  readonly 'key-file'?: string | undefined;
}

/** A batch waits for its turn as long as the API asks it to, and for a server that restarts. */
const PATIENCE = { attempts: 10_000, totalMillis: HOUR_MILLIS } as const;

/** @throws UsageError where the address or the key is missing */
export function accessOf(values: Access, { env }: CommandIo): ClientOptions {
  const baseUrl = values.url ?? env['JITSUIN_URL'];
  if (baseUrl === undefined || !URL.canParse(baseUrl)) {
    throw new UsageError('Where is the sp or gov? Give --url URL or JITSUIN_URL.');
  }
  const file = values['key-file'];
  const bearer = (file === undefined ? env['JITSUIN_API_KEY'] : readFileSync(file, 'utf8'))?.trim();
  if (bearer === undefined || bearer === '') {
    throw new UsageError('The API key is missing: give --key-file FILE or JITSUIN_API_KEY.');
  }
  return { baseUrl, bearer, ...PATIENCE };
}

/** The role by what its own document offers. */
export async function clientOf(
  options: ClientOptions,
): Promise<
  { readonly role: 'sp'; readonly client: SpClient } | { readonly role: 'gov'; readonly client: GovClient }
> {
  const { paths } = await documentAt(options.baseUrl);
  if (paths?.['/v1/applications'] === undefined) {
    throw new UsageError(`At ${options.baseUrl} is no sp or gov: its /openapi.json has no applications.`);
  }
  return paths['/v1/applications/{id}/receipt'] === undefined
    ? { role: 'gov', client: createGovClient(options) }
    : { role: 'sp', client: createSpClient(options) };
}

/** @throws UsageError where nothing answers, or something else */
async function documentAt(baseUrl: string): Promise<{ readonly paths?: Readonly<Record<string, unknown>> }> {
  try {
    const answer = await fetch(`${baseUrl.replace(/\/+$/, '')}/openapi.json`, {
      signal: AbortSignal.timeout(10_000),
    });
    return (await answer.json()) as { readonly paths?: Readonly<Record<string, unknown>> };
  } catch (thrown) {
    const cause =
      thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : String(thrown);
    throw new UsageError(`No sp or gov answers at ${baseUrl}: ${cause}`);
  }
}
