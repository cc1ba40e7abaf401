import { killLoop } from './support/kill-loop.ts';

killLoop('eight citizens at once, sp and pf on SQLite', {}, 8);
