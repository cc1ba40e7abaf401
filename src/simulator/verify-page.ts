import type { Express, RequestHandler } from 'express';
import { readZip } from '../adapters/files/read-zip.ts';
import { systemRandom } from '../adapters/random.ts';
import type { EpochMillis } from '../core/brand.ts';
import { JitsuinError } from '../core/errors.ts';
import { createEdge } from '../http/edge.ts';
import { openUploadJudge } from '../roles/signature-verifier/wiring.ts';
import { shippedFor } from '../verifier/policy/shipped.ts';
import { certificatesFromPem } from '../verifier/x509/pem.ts';
import { assetsRoute } from '../web/assets-route.ts';
import type { JudgeDocument } from '../web/verify/judgement.ts';
import { verifyRoutes } from '../web/verify/routes.ts';
import type { World } from './auth-and-sign/world.ts';
import { toPem } from './jpki/certificate.ts';
import { makeCrl } from './jpki/crl.ts';
import { SILENT } from './silent.ts';

const BODY_LIMIT = 5 * 1024 * 1024;
const PATHS = /^\/(?:verify$|assets\/)/;

/** Anyone's page for what was signed in this pretended world; other paths are left to who comes next. */
export function verifyPage(world: World): RequestHandler {
  const random = systemRandom({ now: () => world.now() as EpochMillis });
  const pages: Express = createEdge({ log: SILENT, random }, (app) => {
    assetsRoute(app);
    verifyRoutes(app, { judge: judgeIn(world), log: SILENT, bodyLimit: BODY_LIMIT, unpack: readZip });
  });
  return (request, response, next) => (PATHS.test(request.path) ? pages(request, response, next) : next());
}

function judgeIn(world: World): JudgeDocument {
  const { sign, previousSign } = world.registry.authorities;
  const trustAnchors = [sign, previousSign].flatMap(({ certificate }) =>
    certificatesFromPem(toPem(certificate)),
  );
  const clock = { now: () => world.now() as EpochMillis };
  return openUploadJudge({ policy: shippedFor('test'), trustAnchors, clock, crl: crlIn(world) }).judge;
}

function crlIn(world: World): (distributionPoint: Uint8Array) => Promise<Uint8Array> {
  return async (name) => {
    const der = makeCrl(world.registry, Buffer.from(name), world.now());
    if (der !== undefined) return der;
    throw new JitsuinError('revocation.unavailable', 'The pretended J-LIS has no such distribution point.');
  };
}
