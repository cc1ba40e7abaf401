#!/usr/bin/env -S node --
import { GOV_PROGRAM } from './gov-program.ts';
import { runProcess } from './process.ts';

await runProcess(GOV_PROGRAM);
