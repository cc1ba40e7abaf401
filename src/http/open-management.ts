import type { Log } from '../ports/log.ts';
import type { ReadinessProbes } from './health.ts';
import type { Listening } from './listen.ts';
import { listenForManagement } from './management.ts';

/** The management port of a process, where one is configured. `metrics` holds the registry of the process. */
export async function openManagement(
  place: { readonly host: string; readonly port: number } | undefined,
  metrics: { readonly registry: { readonly contentType: string; metrics(): Promise<string> } },
  probes: ReadinessProbes,
  log: Log,
): Promise<Listening | undefined> {
  if (place === undefined) return undefined;
  const listening = await listenForManagement(place, metrics.registry, { probes, log });
  log.info('management.listening', { port: listening.port });
  return listening;
}
