import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { JitsuinError } from '../../core/errors.ts';
import { readVerifier } from '../../core/transparency/signed-note.ts';
import type { PublicLog } from '../../ports/public-log.ts';
import type { ProxySettings } from '../http-client/forward-proxy.ts';
import { createHttpClient } from '../http-client/http-client.ts';
import { openPublicLog } from './public-log.ts';
import { readTlogKey } from './tlog-key.ts';
import { createWitness } from './witness-client.ts';

interface TlogSettings extends ProxySettings {
  readonly tlogDir?: string;
  readonly tlogKeyFile: string;
  readonly tlogWitnessesFile?: string;
  readonly tlogLeastBatch: number;
  readonly loopbackHttp: 'refused' | 'allowed';
}

const WITNESSES = z
  .array(z.strictObject({ url: z.url().refine((url) => !url.endsWith('/')), key: z.string().max(400) }))
  .max(32);

/**
 * The public log of the settings; undefined without JITSUIN_TLOG_DIR.
 * @throws JitsuinError `config.*`, `tlog.broken`
 */
export async function openTlog(
  settings: TlogSettings,
): Promise<{ readonly log: PublicLog; readonly folder: string; close(): void } | undefined> {
  const { tlogDir: folder, tlogKeyFile, tlogLeastBatch: leastBatch, loopbackHttp } = settings;
  if (folder === undefined) return undefined;
  const key = await readTlogKey(tlogKeyFile, 'log');
  const named = await readWitnesses(settings.tlogWitnessesFile);
  const allowedHosts = named.map(({ url }) => new URL(url).host);
  const http = createHttpClient({ allowedHosts, loopbackHttp, proxy: settings });
  const witnesses = named.map(({ url, verifier }) => createWitness(http, url, verifier));
  return {
    log: await openPublicLog({ folder, leastBatch, witnesses, ...key }),
    folder,
    close: () => http.close(),
  };
}

async function readWitnesses(path: string | undefined) {
  if (path === undefined) return [];
  const at = 'JITSUIN_TLOG_WITNESSES_FILE';
  try {
    const list = WITNESSES.parse(JSON.parse(await readFile(path, 'utf8')));
    return list.map(({ url, key }) => {
      const verifier = readVerifier(key);
      if (verifier.type !== 'witness') throw new JitsuinError('tlog.invalid', 'not a witness');
      return { url, verifier };
    });
  } catch (cause) {
    const message =
      'The file is no JSON list of {url, key}, each key one of a witness as "jitsuin log keygen" prints it.';
    throw new JitsuinError('config.invalid', message, { at, cause });
  }
}
