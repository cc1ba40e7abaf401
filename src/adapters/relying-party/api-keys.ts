import { readFile } from 'node:fs/promises';
import { type ApiKeysFile, apiKeysFileSchema } from '../../contracts/rp-environment.ts';
import { JitsuinError } from '../../core/errors.ts';

/** The tenants with the SHA-256 of their API keys. @throws JitsuinError `config.invalid` with the file in `at` */
export async function readApiKeys(file: string): Promise<ApiKeysFile> {
  const result = apiKeysFileSchema.safeParse(await readJson(file));
  if (!result.success) throw invalid(file);
  const tenants = result.data.tenants.map(({ tenant }) => tenant);
  if (new Set(tenants).size !== tenants.length) throw invalid(file);
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
