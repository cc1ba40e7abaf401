import { workerData } from 'node:worker_threads';
import { serveThread } from '../../adapters/threads/serve-thread.ts';
import type { ArchiveItem, ArchiveJudge, ArchiveThreadData } from './archive-judges.ts';

// The program of one thread that judges an archive: rules once, then batch after batch.
const { command, values }: ArchiveThreadData = workerData;

async function judgeOf(): Promise<ArchiveJudge> {
  if (command === 'verify') return (await import('../verify.ts')).documentJudge(values as never);
  if (command === 'evidence verify')
    return (await import('../evidence/verify.ts')).recordJudge(values as never);
  return (await import('../evidence/export-all.ts')).recordWriter(values as never);
}

let judge: Promise<ArchiveJudge> | undefined;

serveThread(async (work) => {
  judge ??= judgeOf();
  const one = await judge;
  const rows = [];
  for (const item of work as readonly ArchiveItem[]) rows.push(await one(item));
  return rows;
});
