import type { TranslatedCommand } from '../usage.ts';
import { BATCH_COMMANDS } from './batches.ts';
import { OPERATING_COMMANDS } from './operating.ts';
import { PLATFORM_OPERATOR_COMMANDS } from './platform-operator.ts';
import { SIGNING_COMMANDS } from './signing.ts';
import { VERIFYING_COMMANDS } from './verifying.ts';
import { WORLD_COMMANDS } from './world.ts';

/** Every command in Japanese, by its name. */
export const JAPANESE_COMMANDS: Readonly<Record<string, TranslatedCommand>> = {
  ...WORLD_COMMANDS,
  ...SIGNING_COMMANDS,
  ...BATCH_COMMANDS,
  ...VERIFYING_COMMANDS,
  ...OPERATING_COMMANDS,
  ...PLATFORM_OPERATOR_COMMANDS,
};
