import { type IRouter, json as jsonBody, type RequestHandler } from 'express';
import type { z } from 'zod';
import { asJitsuinError } from '../core/errors.ts';
import { faultSchema, logoutSchema, revocationSchema } from './admin-schemas.ts';
import { ERROR_ROWS } from './auth-and-sign/error-rows.ts';
import { ANSWER_FAULTS, SIMULATED_ENDPOINTS, TRANSPORT_FAULTS } from './auth-and-sign/faults.ts';
import { sendLogout } from './auth-and-sign/logout.ts';
import { STYLE } from './auth-and-sign/page.ts';
import type { World } from './auth-and-sign/world.ts';
import { consoleRoutes, show } from './console/routes.ts';
import { toPem } from './jpki/certificate.ts';
import type { IssuedCard } from './jpki/registry.ts';
import { simulatorDocument } from './openapi.ts';
import { clientJsonSchema, readClient } from './register-client.ts';

/** Marked on every answer: nothing below `/simulator/` exists at the real service. */
const MARK = { 'x-simulator': 'not-part-of-the-service', 'cache-control': 'no-store' };

/** What other processes use to set the scene: clients, faults, people, cards, logout. */
export function adminRoutes(router: IRouter, world: World, access: 'loopback' | 'any'): void {
  router.get('/simulator/style.css', (_request, response) => {
    response.type('text/css').send(STYLE);
  });
  router.get('/', guard(access), (_request, response) => show(response, world));
  router.use('/simulator', guard(access), jsonBody({ limit: '256kb' }));
  consoleRoutes(router, world);
  describe(router, world);
  control(router, world);
}

const CLOSED = {
  error: 'loopback_only',
  error_description:
    'JITSUIN_SIMULATOR_CONTROLS=anyone opens people, clock and faults to all who reach this port.',
};

function guard(access: 'loopback' | 'any'): RequestHandler {
  return (request, response, next) => {
    response.set(MARK);
    const address = request.socket.remoteAddress ?? '';
    const local = address === '::1' || /^(?:::ffff:)?127\./.test(address);
    if (access === 'any' || local) next();
    else response.status(403).json(CLOSED);
  };
}

function describe(router: IRouter, world: World): void {
  const { sign, previousSign } = world.registry.authorities;
  router.get('/simulator/people', (_request, response) => {
    response.json(
      world.registry.cards.map(({ resident }) => ({
        id: resident.id,
        name: resident.name,
        card: resident.card,
        triesLeft: world.cards.get(resident.id)?.triesLeft,
      })),
    );
  });
  router.get('/simulator/clients', (_request, response) => {
    response.json([...world.clients.values()]);
  });
  router.get('/simulator/client.schema.json', (_request, response) => {
    response.type('application/schema+json').send(JSON.stringify(clientJsonSchema(), undefined, 2));
  });
  router.get('/simulator/openapi.json', (_request, response) => {
    response.json(simulatorDocument(world.url));
  });
  router.get('/simulator/requests', (_request, response) => {
    response.json(world.journal.entries());
  });
  router.get('/simulator/faults', (_request, response) => {
    response.json({
      endpoints: SIMULATED_ENDPOINTS,
      transport: TRANSPORT_FAULTS,
      answer: ANSWER_FAULTS,
      rows: ERROR_ROWS,
      pending: world.faults.pending(),
    });
  });
  router.get('/simulator/trust-anchors.pem', (_request, response) => {
    response.type('application/x-pem-file').send(toPem(sign.certificate) + toPem(previousSign.certificate));
  });
}

function control(router: IRouter, world: World): void {
  router.post('/simulator/clients', (request, response) => {
    const read = readClient(request.body);
    if ('refusal' in read) {
      const { at, message } = read.refusal;
      return void response.status(400).json({ error: message.en, at });
    }
    world.register(read.client);
    response.status(201).json({ clientId: read.client.clientId, issuer: world.issuer });
  });
  router.delete('/simulator/clients/:id', (request, response) => {
    response.status(world.unregister(request.params.id) ? 204 : 404).end();
  });
  router.post('/simulator/faults', (request, response) => {
    const parsed = faultSchema.safeParse(request.body);
    if (!parsed.success) return void response.status(400).json(problem(parsed.error));
    const { endpoint, name, ...options } = parsed.data;
    try {
      world.faults.next(endpoint, name, options);
      response.status(201).json({ pending: world.faults.pending() });
    } catch (thrown) {
      response.status(400).json({ error: asJitsuinError(thrown).message });
    }
  });
  router.delete('/simulator/faults', (_request, response) => {
    world.faults.clear();
    response.status(204).end();
  });
  router.post('/simulator/logout', async (request, response) => {
    const parsed = logoutSchema.safeParse(request.body);
    if (!parsed.success) return void response.status(400).json(problem(parsed.error));
    response.json({ deliveries: await sendLogout(world, parsed.data) });
  });
  cardControl(router, world);
}

function cardControl(router: IRouter, world: World): void {
  router.post('/simulator/cards/:id/unlock', (request, response) => {
    const card = world.cards.get(request.params.id);
    card?.unlock();
    response.status(card === undefined ? 404 : 204).end();
  });
  router.post('/simulator/cards/:id/revoke', (request, response) => {
    const parsed = revocationSchema.safeParse(request.body ?? {});
    const card = cardOf(world, request.params.id);
    if (!parsed.success) return void response.status(400).json(problem(parsed.error));
    if (card === undefined) return void response.status(404).end();
    world.registry.revoke(card.signCertificate, { revokedAt: world.now(), reason: parsed.data.reason });
    response.status(204).end();
  });
  router.post('/simulator/cards/:id/restore', (request, response) => {
    const card = cardOf(world, request.params.id);
    if (card !== undefined) world.registry.restore(card.signCertificate);
    response.status(card === undefined ? 404 : 204).end();
  });
}

function cardOf(world: World, id: string): IssuedCard | undefined {
  return world.cards.get(id)?.issued;
}

function problem(error: z.ZodError): { readonly error: string; readonly at: string } {
  const issue = error.issues[0];
  return { error: issue?.message ?? 'invalid', at: issue?.path.join('.') ?? '' };
}
