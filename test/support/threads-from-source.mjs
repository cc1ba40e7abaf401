// Threads that a program under test starts run TypeScript as it is too; the runner's own threads are left alone.
import { isMainThread } from 'node:worker_threads';

if (!isMainThread && process.argv[1]?.endsWith('.ts')) {
  const { register } = await import('tsx/esm/api');
  register();
}
