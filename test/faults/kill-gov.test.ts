import { killLoop } from './support/kill-loop.ts';

killLoop('gov on SQLite', { party: 'gov' });
