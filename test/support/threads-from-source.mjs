// Threads and processes that a program under test starts run TypeScript as it is too; the runner's own are left alone.
import { isMainThread } from 'node:worker_threads';

const forked = process.channel !== undefined;
if ((forked || !isMainThread) && process.argv[1]?.endsWith('.ts')) {
  const { register } = await import('tsx/esm/api');
  register();
}
