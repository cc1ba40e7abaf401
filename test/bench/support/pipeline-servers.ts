import { Redis } from 'ioredis';
import type { FaultWorldOptions } from '../../faults/support/fault-world.ts';
import {
  canRunRedis,
  makeOwnPostgres,
  makeOwnRedis,
  type OwnPostgres,
  ownPostgresPrograms,
} from '../../faults/support/servers.ts';
import { cpuOfServer } from './pipeline-usage.ts';

/** PostgreSQL and Redis of a bench alone, so that what they use is what our roles made them use. */
export interface BenchServers {
  readonly options: FaultWorldOptions;
  /** Of all PostgreSQL processes together; ms. */
  databaseMillis(): number;
  /** As Redis counts them, without the questions of this bench, which are few. */
  redisCommands(): Promise<number>;
  close(): Promise<void>;
}

/** Undefined, and said, where one of the two is not installed. */
export async function openBenchServers(): Promise<BenchServers | undefined> {
  const programs = ownPostgresPrograms();
  if (programs === undefined || !canRunRedis()) {
    console.error(
      'NOT MEASURED: the pipeline on PostgreSQL and Redis (apt-get install postgresql redis-server).',
    );
    return undefined;
  }
  const redis = await makeOwnRedis();
  let postgres: OwnPostgres | undefined;
  try {
    postgres = await makeOwnPostgres(programs, { durable: true });
    const { url, pid, close } = postgres;
    return {
      options: { servers: 'both', redisUrl: redis.url, databaseUrl: url },
      databaseMillis: () => cpuOfServer(pid()),
      redisCommands: () => commandsOf(redis.url),
      close: async () => {
        await close();
        await redis.close();
      },
    };
  } catch (thrown) {
    await postgres?.close();
    await redis.close();
    throw thrown;
  }
}

async function commandsOf(url: string): Promise<number> {
  const client = new Redis(url);
  const info = await client.info('stats');
  client.disconnect();
  return Number(/^total_commands_processed:(\d+)/m.exec(info)?.[1]);
}
