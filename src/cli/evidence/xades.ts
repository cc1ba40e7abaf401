import { systemClock } from '../../adapters/clock.ts';
import { createHttpClient } from '../../adapters/http-client/http-client.ts';
import { silentLog } from '../../adapters/log/pino-log.ts';
import { systemRandom } from '../../adapters/random.ts';
import { openRevocationSource } from '../../adapters/revocation/open-revocation-source.ts';
import { type PfConfig, readPfConfig } from '../../config/pf.ts';
import { asJitsuinError } from '../../core/errors.ts';
import { openTimeStamping, readOcspSigner } from '../../roles/signature-verifier/wiring.ts';
import { withOcspAnswers } from '../../verification/evidence/ocsp-for-xades.ts';
import { requestTimeStamp } from '../../verification/evidence/request-time-stamp.ts';
import { signedQuestions } from '../../verification/revocation/signed-questions.ts';
import { xadesDocument } from '../../verifier/xades/xades-export.ts';
import { type XadesSource, xadesSource } from '../../verifier/xades/xades-source.ts';
import { type CommandIo, UsageError } from '../command.ts';
import { writePrivate } from '../private-file.ts';

/** The signed XML of a record with XAdES properties, stamped by the TSA that the environment names. */
export async function writeXades(
  record: Uint8Array,
  path: string,
  io: Pick<CommandIo, 'env' | 'origins' | 'stderr'>,
): Promise<void> {
  const config = readPfConfig(io.env, io);
  const recorded = xadesSource(record);
  const opened = await openTimeStamping(config, systemClock);
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
    const source = await withAnswers(recorded, config, io);
    await writePrivate(path, await xadesDocument(source, stamp));
  } finally {
    opened.close();
  }
}

/** A record by CRL gets an OCSP answer beside it; where none is good, the file is written without, and that is said. */
async function withAnswers(
  source: XadesSource,
  config: PfConfig,
  io: Pick<CommandIo, 'stderr'>,
): Promise<XadesSource> {
  const opened = openRevocationSource({ ...config, clock: systemClock, createHttpClient, proxy: config });
  try {
    const revocation = signedQuestions(opened.source, readOcspSigner(config));
    const asker = { revocation, clock: systemClock, log: silentLog, certId: config.ocspCertId };
    return await withOcspAnswers(asker, source);
  } catch (thrown) {
    const { code, kind } = asJitsuinError(thrown);
    if (kind === 'internal' || !/^(?:revocation|certificate)\./.test(code)) throw thrown;
    io.stderr(
      `No OCSP answer is in the XAdES file (${code}): software that cannot read the record's CRL will not pass it.\n`,
    );
    return source;
  } finally {
    opened.close();
  }
}
