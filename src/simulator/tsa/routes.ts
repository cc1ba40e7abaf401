import type { IRouter } from 'express';
import { DAY_MILLIS } from '../../core/spans.ts';
import { octetsBody } from '../../http/body.ts';
import { type Answer, endpoint } from '../auth-and-sign/reply.ts';
import type { World } from '../auth-and-sign/world.ts';
import { authorityKey } from '../jpki/keys/simulator-keys.ts';
import type { TimeStampAuthority } from './authority.ts';
import { makeTsaCrl } from './crl.ts';
import { answerTimeStamp, rejection, type TimeStampOptions } from './time-stamp.ts';

const BODY_LIMIT = 64 * 1024;

/** `POST /simulator/tsa` (RFC 3161 section 3.4) and `GET /simulator/tsa/crl`, the list of its root. */
export function tsaRoutes(router: IRouter, world: World, tsa: TimeStampAuthority): void {
  let serial = BigInt(world.now());
  const answer: Answer = (request, fault) => {
    const headers = { 'content-type': 'application/timestamp-reply', 'cache-control': 'no-store' };
    if (fault?.name === 'rejection') return { status: 200, headers, body: rejection('systemFailure') };
    serial += 1n;
    const asked: unknown = request.body;
    const body = answerTimeStamp(tsa, Buffer.isBuffer(asked) ? asked : Buffer.alloc(0), world.now(), {
      serial,
      ...spoil(world, fault?.name),
    });
    return { status: 200, headers, body };
  };
  const body = octetsBody(BODY_LIMIT, ['application/timestamp-query']);
  router.post('/simulator/tsa', body, endpoint('tsa', world, answer));
  const crl: Answer = (_request, fault) => {
    const revokedAt = world.now() - DAY_MILLIS;
    const revocation =
      fault?.name === 'revoked' ? { revokedAt, reason: 'keyCompromise' as const } : undefined;
    const headers = { 'content-type': 'application/pkix-crl', 'cache-control': 'no-store' };
    return { status: 200, headers, body: makeTsaCrl(tsa, world.now(), revocation) };
  };
  router.get('/simulator/tsa/crl', endpoint('tsa-crl', world, crl));
}

function spoil(world: World, fault: string | undefined): Omit<TimeStampOptions, 'serial'> {
  if (fault === 'wrong-nonce') return { nonce: 'wrong' };
  if (fault === 'wrong-imprint') return { imprint: 'wrong' };
  return fault === 'forged' ? { key: authorityKey(world.seed, 'stranger').privateKey } : {};
}
