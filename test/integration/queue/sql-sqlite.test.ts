import { sqliteHarness } from '../store/harness.ts';
import { queueBehaviour } from './behaviour.ts';

queueBehaviour('SQL on SQLite', sqliteHarness, false);
