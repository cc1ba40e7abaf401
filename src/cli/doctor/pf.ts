import { readPfConfig } from '../../config/pf.ts';
import type { Examination } from './command.ts';
import { examinePf } from './platform-operator.ts';

export const examinePfRole: Examination = (env, _token, options) => examinePf(readPfConfig(env, options));
