import type { Transaction } from 'kysely';
import type { StoreSchema } from '../schema/schema.ts';

export type StoreEngine = 'sqlite' | 'postgres';

export type StoreTransaction = Transaction<StoreSchema>;
