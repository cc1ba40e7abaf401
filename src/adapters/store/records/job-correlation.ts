import type { JobName } from '../../../ports/job-queue.ts';
import { guarded } from '../engine/store-errors.ts';
import type { Store } from '../store-options.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The correlation id of the record that a job is about; undefined where it has none. Opens no sealed column. */
export async function correlationIdOfJob(
  store: Store,
  name: JobName,
  subject: string,
): Promise<string | undefined> {
  if (name === 'sweep' || name === 'deliver-webhook') return undefined;
  const table = name === 'verify' ? 'verifications' : 'applications';
  const row = await guarded(() =>
    store.kysely.selectFrom(table).select('correlation_id').where('id', '=', subject).executeTakeFirst(),
  );
  // whoever wrote it: a UUID in a log line, or nothing
  const found = row?.correlation_id ?? '';
  return UUID.test(found) ? found : undefined;
}
