import { afterAll, afterEach, beforeAll } from 'vitest';
import type { AuthAndSignOptions } from '../../../src/adapters/auth-and-sign/options.ts';
import { createAuthAndSign } from '../../../src/adapters/auth-and-sign/private-client.ts';
import { optionsFor, type RecordedService, startRecordedService } from './recorded-service.ts';

/** The recorded service of this test file; there once `useRecordedService` was called and the tests run. */
export let service: RecordedService;

/** Starts the service for the file, and forgets answers and requests after every test. */
export function useRecordedService(): void {
  beforeAll(async () => {
    service = await startRecordedService();
  });
  afterAll(() => service.close());
  afterEach(() => {
    for (const route of Object.keys(service.answers)) Reflect.deleteProperty(service.answers, route);
    service.seen.length = 0;
  });
}

/** A private client of the recorded service. */
export async function client(changes: Partial<AuthAndSignOptions> = {}) {
  return createAuthAndSign(await optionsFor(service, changes));
}
