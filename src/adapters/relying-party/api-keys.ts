import { readFileSync, statSync } from 'node:fs';
import { type ApiKeysFile, apiKeysFileSchema } from '../../config/relying-party.ts';
import { defined } from '../../core/defined.ts';
import { hexSha256 } from '../../core/digest/sha256.ts';
import { toBase64Url } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { Random } from '../../ports/random.ts';
import { replaceKeyFile } from '../keys/key-file.ts';

export type ApiKeyRecord = ApiKeysFile['tenants'][number];

/** The API keys as their file has them now: a change of it needs no restart, in no process. */
export interface ApiKeys {
  current(): ApiKeysFile;
  /** Puts a key beside the others. @throws JitsuinError `usage.arguments` (form), `config.invalid` (not writable) */
  add(record: ApiKeyRecord): Promise<void>;
  /**
   * Takes the key with this SHA-256 (hex) out. Its tenant keeps its return URLs.
   * @throws JitsuinError `record.not-found`; `key.state` for the last one; `config.invalid` (not writable)
   */
  revoke(sha256: string): Promise<ApiKeyRecord>;
}

const OCTETS = 24;

/** A key of 192 random bits, and what the file holds of it. */
export function newApiKey(random: Random): { readonly key: string; readonly sha256: string } {
  const key = `jk_${toBase64Url(random.octets(OCTETS))}`;
  return { key, sha256: hexSha256(key) };
}

/**
 * The SHA-256 of every API key with its tenant; a key is one tenant's, a tenant may have several (two while it
 * changes them). @throws JitsuinError `config.invalid` with the file in `at`
 */
export function readApiKeys(file: string): ApiKeysFile {
  const result = apiKeysFileSchema.safeParse(readJson(file));
  if (!result.success) throw invalid(file);
  const keys = result.data.tenants.map(({ api_key_sha256: hash }) => hash);
  if (new Set(keys).size !== keys.length) throw invalid(file);
  return result.data;
}

/**
 * Reads the file, and reads it again when it was replaced; one that cannot be read then changes nothing.
 * @throws JitsuinError `config.invalid`
 */
export function openApiKeys(file: string): ApiKeys {
  let known = { stamp: stampOf(file), keys: readApiKeys(file) };
  const current = () => {
    const stamp = stampOf(file);
    if (stamp === undefined || stamp === known.stamp) return known.keys;
    try {
      known = { stamp, keys: readApiKeys(file) };
    } catch {
      // what was good serves on; the next start will say what is wrong
    }
    return known.keys;
  };
  let last: Promise<unknown> = Promise.resolve();
  const change = <T>(act: () => Promise<T>): Promise<T> => {
    const next = last.then(act, act);
    last = next.catch(() => undefined);
    return next;
  };
  return {
    current,
    add: (record) =>
      change(async () => {
        await writeApiKeys(file, { tenants: [...readApiKeys(file).tenants, record] });
      }),
    revoke: (sha256) =>
      change(async () => {
        const { revoked, left } = withoutKey(readApiKeys(file), sha256);
        await writeApiKeys(file, left);
        return revoked;
      }),
  };
}

/** @throws JitsuinError `usage.arguments` naming what is not of the file's form; `config.invalid` (not writable) */
export async function writeApiKeys(file: string, content: ApiKeysFile): Promise<void> {
  const result = apiKeysFileSchema.safeParse(content);
  if (result.success) return replaceKeyFile(file, result.data);
  const [issue] = result.error.issues;
  const at = issue?.path.slice(2).join('/') ?? '';
  throw new JitsuinError('usage.arguments', `${at}: ${issue?.message}.`, { at });
}

/**
 * The file without one key; what was registered with it for its tenant's citizens stays with another key of the
 * tenant. @throws JitsuinError `record.not-found`, `key.state` (the last key of the file)
 */
export function withoutKey(
  { tenants }: ApiKeysFile,
  sha256: string,
): { readonly revoked: ApiKeyRecord; readonly left: ApiKeysFile } {
  const revoked = tenants.find((key) => key.api_key_sha256 === sha256);
  if (revoked === undefined)
    throw new JitsuinError('record.not-found', 'The file of API keys holds no such key any more.');
  if (tenants.length === 1)
    throw new JitsuinError('key.state', 'It is the last key of the file: make another one first.');
  const others = tenants.filter((key) => key !== revoked);
  const heir = others.find(({ tenant }) => tenant === revoked.tenant);
  const left = others.map((key) => (key === heir ? withUrls(key, revoked.return_urls) : key));
  return { revoked, left: { tenants: left } };
}

function withUrls(key: ApiKeyRecord, more: readonly string[] | undefined): ApiKeyRecord {
  const urls = [...new Set([...(key.return_urls ?? []), ...(more ?? [])])];
  return defined({
    tenant: key.tenant,
    api_key_sha256: key.api_key_sha256,
    return_urls: urls.length === 0 ? undefined : urls,
    scopes: key.scopes,
  });
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw invalid(file, cause);
  }
}

function stampOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
}

function invalid(file: string, cause?: unknown): JitsuinError {
  const message =
    'The file of API keys is missing or not of the form {"tenants":[{"tenant","api_key_sha256"}]}.';
  return new JitsuinError('config.invalid', message, { at: file, cause });
}
