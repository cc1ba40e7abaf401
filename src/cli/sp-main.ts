#!/usr/bin/env -S node --
import { runProcess } from './process.ts';
import { SP_PROGRAM } from './sp-program.ts';

await runProcess(SP_PROGRAM);
