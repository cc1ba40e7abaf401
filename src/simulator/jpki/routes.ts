import type { IRouter } from 'express';
import { defined } from '../../core/defined.ts';
import { DAY_MILLIS } from '../../core/spans.ts';
import { octetsBody } from '../../http/body.ts';
import { type Answer, endpoint, type Reply } from '../auth-and-sign/reply.ts';
import type { World } from '../auth-and-sign/world.ts';
import { makeCrl } from './crl.ts';
import { authorityKey } from './keys/simulator-keys.ts';
import { answerOcsp, type OcspOptions, ocspError } from './ocsp.ts';

const BODY_LIMIT = 64 * 1024;
const NOT_FOUND: Reply = {
  status: 404,
  headers: { 'content-type': 'text/plain' },
  body: 'no such distribution point',
};

/** The pretended J-LIS: `GET /simulator/jpki/crl?dp=` (base64url DER Name) and `POST /simulator/jpki/ocsp`. */
export function jpkiRoutes(router: IRouter, world: World): void {
  router.get('/simulator/jpki/crl', endpoint('crl', world, crl(world)));
  const body = octetsBody(BODY_LIMIT, ['application/ocsp-request']);
  router.post('/simulator/jpki/ocsp', body, endpoint('ocsp', world, ocsp(world)));
}

function crl(world: World): Answer {
  const { registry } = world;
  return (request, fault) => {
    const { dp } = request.query;
    const asked = Buffer.from(typeof dp === 'string' ? dp : '', 'base64url');
    const others = registry.cards.map(({ signCertificate }) => signCertificate.distributionPoint);
    const other = others.find((name) => !name.equals(asked)) ?? asked;
    const name = fault?.name === 'other-partition' ? other : asked;
    const der = makeCrl(
      registry,
      name,
      world.now(),
      defined({
        shift: shiftOf(fault?.name),
        key: fault?.name === 'forged' ? stranger(world) : undefined,
        entries: fault?.name === 'empty-list' ? 'none' : 'all',
      }),
    );
    return der === undefined ? NOT_FOUND : binary('application/pkix-crl', der);
  };
}

function ocsp(world: World): Answer {
  return (request, fault) => {
    if (fault?.name === 'try-later') return binary('application/ocsp-response', ocspError('tryLater'));
    if (fault?.name === 'unauthorized') return binary('application/ocsp-response', ocspError('unauthorized'));
    const body: unknown = request.body;
    const asked = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    const answer = answerOcsp(world.registry, asked, world.now(), ocspOptions(world, fault?.name));
    return binary('application/ocsp-response', answer);
  };
}

function ocspOptions(world: World, fault: string | undefined): OcspOptions {
  const faults: Readonly<Record<string, OcspOptions>> = {
    'wrong-nonce': { nonce: 'wrong' },
    'without-nonce': { nonce: 'none' },
    unknown: { answer: 'unknown' },
    'other-serial': { answer: 'other-serial' },
  };
  if (fault === 'forged') return { key: stranger(world) };
  return faults[fault ?? ''] ?? { shift: shiftOf(fault) };
}

function shiftOf(fault: string | undefined): number {
  if (fault === 'stale') return -30 * DAY_MILLIS;
  return fault === 'future' ? 30 * DAY_MILLIS : 0;
}

function stranger(world: World) {
  return authorityKey(world.seed, 'stranger').privateKey;
}

function binary(type: string, body: Uint8Array): Reply {
  return { status: 200, headers: { 'content-type': type, 'cache-control': 'no-store' }, body };
}
