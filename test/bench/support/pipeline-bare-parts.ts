import { canRunRedis, makeOwnRedis } from '../../faults/support/servers.ts';
import { serverReachable, TEST_DATABASE_URL } from '../../support/servers.ts';
import { bareJobs, barePostgresCommits, bareRoute, bareSignatures, bareSqliteCommits } from './anchors.ts';

/** How often a second, and how much processor time of this process each takes; ms. */
export interface BarePart {
  readonly perSecond: number;
  readonly cpuMillis: number;
}

/** Parts that no implementation can leave out, each alone and doing nothing else. */
export interface BareParts {
  readonly route: BarePart;
  /** At the simulated service, from the opened transaction to the fetched result, with the citizen's browser. */
  readonly signature: BarePart;
  readonly job?: BarePart;
  readonly commit: { readonly sqlite: BarePart; readonly postgres?: BarePart };
}

export async function barePartsOf(count: number): Promise<BareParts> {
  const part = async (act: (count: number) => number | Promise<number>, times = count): Promise<BarePart> => {
    await act(Math.ceil(times / 5));
    const before = process.cpuUsage();
    const perSecond = await act(times);
    const { user, system } = process.cpuUsage(before);
    return { perSecond, cpuMillis: (user + system) / 1_000 / times };
  };
  const route = await part(bareRoute);
  const signature = await part(bareSignatures, Math.ceil(count / 4));
  const sqlite = await part(bareSqliteCommits);
  const postgres = (await serverReachable(TEST_DATABASE_URL, 'a bare commit on PostgreSQL'))
    ? { postgres: await part((commits) => barePostgresCommits(TEST_DATABASE_URL, commits)) }
    : {};
  if (!canRunRedis()) return { route, signature, commit: { sqlite, ...postgres } };
  const redis = await makeOwnRedis();
  try {
    const job = await part((jobs) => bareJobs(redis.url, jobs));
    return { route, signature, job, commit: { sqlite, ...postgres } };
  } finally {
    await redis.close();
  }
}
