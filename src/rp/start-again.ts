import { createHash } from 'node:crypto';
import type { ApplicationId } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { toHex, toUtf8 } from '../core/encoding.ts';
import { JitsuinError } from '../core/errors.ts';
import { type Application, withDocument } from '../core/sign-transaction/application.ts';
import { upstreamErrorRow } from '../core/sign-transaction/upstream-errors.ts';
import { canStartAgain } from '../core/sign-transaction/way-on.ts';
import { readFormState, readPreparedState } from '../core/xmldsig/prepared-state.ts';
import { isFormName } from './prepare.ts';
import { receiveApplication } from './receive-application.ts';
import type { RelyingParty } from './relying-party.ts';
import { withItsDocument } from './step.ts';

/**
 * A new application with the document, name, tenant, browser and settings of one that ended unsigned; the ended
 * record stays as it is. Its id follows from the ended one's, so that a button pressed twice makes one.
 * @throws JitsuinError `transaction.state` when it has not ended so, or its document is purged; codes of
 * `receiveApplication`
 */
export async function startAgain(ports: RelyingParty, ended: Application): Promise<Application> {
  const { tenant, profile, mode, displayName, externalId, returnTo, correlationId } = ended;
  if (ended.secrets === undefined || !canStartAgain(ended)) {
    throw new JitsuinError('transaction.state', `Nothing can begin again from state "${ended.state}".`);
  }
  const secrets = withDocument((await withItsDocument(ports, ended)).secrets ?? ended.secrets);
  const inForm = isFormName(profile);
  const selector = profile === 'detached' || inForm ? undefined : readPreparedState(secrets).signedElement;
  return receiveApplication(
    ports,
    defined({
      id: successorId(ended),
      document: secrets.document,
      joined: inForm ? readFormState(secrets.prepared).joins : undefined,
      files: inForm ? await ports.applications.files(ended.id, tenant) : undefined,
      tenant,
      profile,
      mode,
      displayName,
      externalId,
      returnTo,
      correlationId,
      signedElement: selector,
      browserHash: secrets.browserHash,
      subjectHash: expectedSubject(ended),
    }),
  );
}

/**
 * Who was authenticated for the ended one signs its successor too: a link that fell into other hands makes nobody
 * else's signature. Not where the person itself was in question.
 */
function expectedSubject({ subjectHash, failure }: Application): string | undefined {
  const row = failure?.row === undefined ? undefined : upstreamErrorRow(failure.row);
  return row?.error === 'certificate_not_match' || failure?.code === 'signer.name' ? undefined : subjectHash;
}

const TIME_DIGITS = 12;

/**
 * A version 7 UUID (RFC 9562 section 5.7): the instant of the end, and 74 bits of a hash that nobody can make who
 * has not the ended record: its id alone opens nothing new.
 */
function successorId({ id, updatedAt, data, secrets }: Application): ApplicationId {
  const time = updatedAt.toString(16).padStart(TIME_DIGITS, '0').slice(-TIME_DIGITS);
  const hash = toHex(
    createHash('sha256')
      .update(toUtf8(`start again ${id} ${data} ${secrets?.browserHash ?? ''}`))
      .digest(),
  );
  const variant = ((Number.parseInt(hash.charAt(3), 16) & 3) | 8).toString(16);
  const digits = [
    time.slice(0, 8),
    time.slice(8),
    `7${hash.slice(0, 3)}`,
    `${variant}${hash.slice(4, 7)}`,
    hash.slice(7, 19),
  ];
  return digits.join('-') as ApplicationId;
}
