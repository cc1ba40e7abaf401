import type { Environment } from './names.ts';
import { type ReadingOptions, readSettings } from './read.ts';
import type { Settings } from './table.ts';

type SimulatorConfig = Settings<'simulator'>;

/** @throws JitsuinError `config.invalid` naming the variable */
export function readSimulatorConfig(env: Environment, options?: ReadingOptions): SimulatorConfig {
  return readSettings('simulator', env, options);
}
