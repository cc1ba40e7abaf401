import { systemClock } from '../../adapters/clock.ts';
import { silentLog } from '../../adapters/log/pino-log.ts';
import { systemRandom } from '../../adapters/random.ts';
import { readPfConfig } from '../../config/pf.ts';
import { openTimeStamping } from '../../roles/signature-verifier/wiring.ts';
import { requestTimeStamp } from '../../verification/evidence/request-time-stamp.ts';
import { xadesDocument } from '../../verifier/xades/xades-export.ts';
import { xadesSource } from '../../verifier/xades/xades-source.ts';
import { type CommandIo, UsageError } from '../command.ts';
import { writePrivate } from '../private-file.ts';

/** The signed XML of a record with XAdES properties, stamped by the TSA that the environment names. */
export async function writeXades(
  record: Uint8Array,
  path: string,
  io: Pick<CommandIo, 'env' | 'origins'>,
): Promise<void> {
  const source = xadesSource(record);
  const opened = await openTimeStamping(readPfConfig(io.env, io), systemClock);
  if (opened === undefined)
    throw new UsageError(
      '--xades needs a time-stamp authority: set JITSUIN_TSA_URL and JITSUIN_TSA_TRUST_FILE.',
    );
  const asker = { clock: systemClock, random: systemRandom(systemClock), log: silentLog };
  try {
    const stamp = async (octets: Uint8Array) => {
      const { token, certificates, revocation } = await requestTimeStamp(asker, opened.timeStamping, octets);
      return { token, certificates, crls: revocation.crls, ocsp: revocation.ocsp };
    };
    await writePrivate(path, await xadesDocument(source, stamp));
  } finally {
    opened.close();
  }
}
