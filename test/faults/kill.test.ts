import { killLoop } from './support/kill-loop.ts';

killLoop('sp and pf on SQLite', {});
