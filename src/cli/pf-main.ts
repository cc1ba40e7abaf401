#!/usr/bin/env -S node --
import { PF_PROGRAM } from './pf-program.ts';
import { runProcess } from './process.ts';

await runProcess(PF_PROGRAM);
