import { JitsuinError } from '../../core/errors.ts';
import { errorRow } from './error-rows.ts';
import {
  ANSWER_FAULTS,
  type Fault,
  type FaultSwitch,
  SIMULATED_ENDPOINTS,
  type SimulatedEndpoint,
  TRANSPORT_FAULTS,
} from './faults.ts';

/** The switch with the side that the endpoints use. */
export interface FaultQueue extends FaultSwitch {
  /** The fault that spoils this request, if one waits. */
  take(endpoint: SimulatedEndpoint): Fault | undefined;
}

export function makeFaultQueue(): FaultQueue {
  const waiting = new Map<SimulatedEndpoint, (Fault | undefined)[]>();
  return {
    next(endpoint, name, options = {}) {
      if (!isKnown(endpoint, name)) {
        throw new JitsuinError('usage.arguments', `The endpoint ${endpoint} has no fault ${name}.`, {
          at: name,
        });
      }
      const queue = waiting.get(endpoint) ?? [];
      for (let count = options.after ?? 0; count > 0; count -= 1) queue.push(undefined);
      for (let count = options.times ?? 1; count > 0; count -= 1) queue.push({ ...options, name });
      waiting.set(endpoint, queue);
    },
    clear(endpoint) {
      if (endpoint === undefined) waiting.clear();
      else waiting.delete(endpoint);
    },
    pending(endpoint) {
      const queues = endpoint === undefined ? [...waiting.values()] : [waiting.get(endpoint) ?? []];
      return queues.reduce((sum, queue) => sum + queue.filter((fault) => fault !== undefined).length, 0);
    },
    take: (endpoint) => waiting.get(endpoint)?.shift(),
  };
}

function isKnown(endpoint: SimulatedEndpoint, name: string): boolean {
  if (!SIMULATED_ENDPOINTS.includes(endpoint)) return false;
  const names: readonly string[] = [...TRANSPORT_FAULTS, ...ANSWER_FAULTS[endpoint]];
  return names.includes(name) || errorRow(name)?.endpoint === endpoint;
}
