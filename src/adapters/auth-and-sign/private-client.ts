import type { EncryptedResult } from '../../ports/auth-and-sign.ts';
import { type AuthAndSignClient, createClient } from './client.ts';
import type { AuthAndSignOptions } from './options.ts';
import { processEncryptedResultResponse } from './result-private.ts';

/** Client of a private relying party (sp): results are JWEs for the platform operator and stay closed. */
export function createAuthAndSign(options: AuthAndSignOptions): AuthAndSignClient<EncryptedResult> {
  return createClient(options, processEncryptedResultResponse);
}
