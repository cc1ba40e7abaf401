import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ErrorRequestHandler, Express } from 'express';
import { JitsuinError } from '../core/errors.ts';
import { answerBrokenRequest } from '../http/broken-request.ts';
import { plainApp, underHttpRules } from '../http/edge.ts';
import { adminRoutes } from './admin.ts';
import { sendLogout } from './auth-and-sign/logout.ts';
import { failure } from './auth-and-sign/reply.ts';
import { authAndSignRoutes } from './auth-and-sign/routes.ts';
import { makeServiceKeys } from './auth-and-sign/service-keys.ts';
import { makeWorld, type World } from './auth-and-sign/world.ts';
import { toPem } from './jpki/certificate.ts';
import { makeRegistry } from './jpki/registry.ts';
import { jpkiRoutes } from './jpki/routes.ts';
import type { Simulator, SimulatorOptions } from './options.ts';
import { SILENT } from './silent.ts';
import { makeTimeStampAuthority } from './tsa/authority.ts';
import { tsaRoutes } from './tsa/routes.ts';
import { verifyPage } from './verify-page.ts';

/**
 * Starts the pretended world on one port: the OpenID Provider and signing API, the app's page, JPKI and a TSA.
 * People, cards, certificates and service keys depend on `seed` and the clock's year only.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const registry = makeRegistry(options.seed, options.now());
  const tsa = makeTimeStampAuthority(options.seed, options.now());
  const keys = await makeServiceKeys(options.seed);
  const server = createServer();
  server.on('clientError', answerBrokenRequest);
  const host = options.host ?? '127.0.0.1';
  const port = await listen(server, host, options.port ?? 0);
  const url = options.publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const world = makeWorld(options, url, registry, keys);
  server.on('request', application(world, options, tsa));
  return {
    url,
    issuer: world.issuer,
    people: registry.cards.map(({ resident }) => publicPart(resident)),
    trustAnchorPem: toPem(registry.authorities.sign.certificate),
    trustAnchorPems: [registry.authorities.sign, registry.authorities.previousSign].map((ca) =>
      toPem(ca.certificate),
    ),
    tsaTrustAnchorPem: toPem(tsa.rootCertificate),
    crlUrl: `${url}/simulator/jpki/crl`,
    ocspUrl: `${url}/simulator/jpki/ocsp`,
    tsaUrl: `${url}/simulator/tsa`,
    faults: world.faults,
    get journal() {
      return world.journal.entries();
    },
    registerClient: (client) => world.register(client),
    logout: (request) => sendLogout(world, request),
    close: () => close(server),
  };
}

function application(
  world: World,
  options: SimulatorOptions,
  tsa: ReturnType<typeof makeTimeStampAuthority>,
): Express {
  const app = plainApp();
  // Its clock, not the machine's: who asks compares it with his own.
  app.use((_request, response, next) => {
    response.setHeader('date', new Date(world.now()).toUTCString());
    next();
  });
  return underHttpRules(app, SILENT, (routes) => {
    authAndSignRoutes(routes, world);
    jpkiRoutes(routes, world);
    tsaRoutes(routes, world, tsa);
    adminRoutes(routes, world, options.adminAccess ?? 'loopback');
    routes.use(verifyPage(world));
    routes.use(systemError);
  });
}

/** その他システムエラー where the service's own paths fail: a body that cannot be read, a fault of ours; no stack trace. */
const systemError: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (response.headersSent || !request.path.startsWith('/api/') || error instanceof JitsuinError)
    return next(error);
  const signing = request.path.startsWith('/api/sign-transactions');
  const { status, headers, body } = failure(signing ? 'start-12' : 'token-16');
  response.status(status).set(headers).end(body);
};

function publicPart({
  id,
  name,
  address,
  birthdate,
  gender,
  card,
}: Simulator['people'][number]): Simulator['people'][number] {
  return { id, name, address, birthdate, gender, card };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address: AddressInfo | string | null = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
