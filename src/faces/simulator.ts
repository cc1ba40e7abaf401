/**
 * `jitsuin/simulator`: デジタル認証アプリ, the cards, JPKI and a time-stamp authority as one server on this machine, for
 * tests of any language. Nothing of it is the real service, and nobody in it is a real person.
 */
import { systemClock } from '../adapters/clock.ts';
import type { EpochMillis } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import type { Simulator, SimulatorClient, SimulatorOptions } from '../simulator/options.ts';
import { readClient } from '../simulator/register-client.ts';
import { startSimulator as start } from '../simulator/start-simulator.ts';

export type { FaultOptions, FaultSwitch, SimulatedEndpoint } from '../simulator/auth-and-sign/faults.ts';
export { ANSWER_FAULTS, SIMULATED_ENDPOINTS, TRANSPORT_FAULTS } from '../simulator/auth-and-sign/faults.ts';
export { type CitizenChoice, driveCitizen } from '../simulator/citizen.ts';
export type {
  LogoutDelivery,
  LogoutRequest,
  PublicJwk,
  Simulator,
  SimulatorClient,
} from '../simulator/options.ts';
export {
  type CardState,
  CITIZEN_OUTCOMES,
  type CitizenOutcome,
  type SimulatedPerson,
} from '../simulator/people.ts';

/** All of it has a default: a free port of the loopback, the seed `jitsuin`, the clock of the machine, no client. */
export interface StartOptions extends Partial<Omit<SimulatorOptions, 'now'>> {
  /** Milliseconds since 1970; tests that move time give their own. */
  readonly now?: () => number;
}

/** Starts it. `await using` closes it, as does `close()`. */
export async function startSimulator(options: StartOptions = {}): Promise<Simulator & AsyncDisposable> {
  const { seed = 'jitsuin', now = () => systemClock.now(), ...others } = options;
  for (const client of others.clients ?? []) expectUsable(client);
  const simulator = await start(defined({ seed, now: () => now() as EpochMillis, ...others }));
  const { registerClient } = simulator;
  simulator.registerClient = (client) => {
    expectUsable(client);
    registerClient(client);
  };
  return Object.assign(simulator, { [Symbol.asyncDispose]: () => simulator.close() });
}

/** @throws JitsuinError `usage.arguments` for a client that could never work, as the page and the API refuse it */
function expectUsable(client: SimulatorClient): void {
  const read = readClient(client);
  if ('client' in read) return;
  const { at, message } = read.refusal;
  throw new JitsuinError('usage.arguments', `The client cannot be registered: ${message.en}.`, { at });
}
