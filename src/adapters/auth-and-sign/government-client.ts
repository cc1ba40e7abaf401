import type { ClearResult } from '../../ports/auth-and-sign.ts';
import { type AuthAndSignClient, createClient } from './client.ts';
import type { AuthAndSignOptions } from './options.ts';
import { processClearResultResponse } from './result-government.ts';

/** Client of an administrative agency (gov): results are in clear, for the agency's own verification. */
export function createGovernmentAuthAndSign(options: AuthAndSignOptions): AuthAndSignClient<ClearResult> {
  return createClient(options, processClearResultResponse);
}
