import { readFile } from 'node:fs/promises';
import { type ApiKeysFile, apiKeysFileSchema } from '../../config/relying-party.ts';
import { JitsuinError } from '../../core/errors.ts';

/**
 * The SHA-256 of every API key with its tenant; a key is one tenant's, a tenant may have several (two while it
 * changes them). @throws JitsuinError `config.invalid` with the file in `at`
 */
export async function readApiKeys(file: string): Promise<ApiKeysFile> {
  const result = apiKeysFileSchema.safeParse(await readJson(file));
  if (!result.success) throw invalid(file);
  const keys = result.data.tenants.map(({ api_key_sha256: hash }) => hash);
  if (new Set(keys).size !== keys.length) throw invalid(file);
  return result.data;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw invalid(file, cause);
  }
}

function invalid(file: string, cause?: unknown): JitsuinError {
  const message =
    'The file of API keys is missing or not of the form {"tenants":[{"tenant","api_key_sha256"}]}.';
  return new JitsuinError('config.invalid', message, { at: file, cause });
}
