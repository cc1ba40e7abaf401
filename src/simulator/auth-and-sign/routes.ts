import { type IRouter, type RequestHandler, text, urlencoded } from 'express';
import { authorization, FORM_PATH } from './authorization.ts';
import { citizenForm } from './citizen-form.ts';
import { discovery, jwks } from './discovery.ts';
import type { SimulatedEndpoint } from './faults.ts';
import { formOf, parameter } from './parameters.ts';
import { type Answer, endpoint, plain } from './reply.ts';
import { result } from './result.ts';
import { start } from './start.ts';
import { token } from './token.ts';
import { userinfo } from './userinfo.ts';
import { REALM_PATH, type World } from './world.ts';

/** The service's paths (facts 1.1). */
export function authAndSignRoutes(router: IRouter, world: World): void {
  const protocol = `${REALM_PATH}/protocol/openid-connect`;
  const at = (name: SimulatedEndpoint, answer: Answer) => endpoint(name, world, answer);
  const form = urlencoded({ extended: false, limit: '64kb' });
  router.get(`${REALM_PATH}/.well-known/openid-configuration`, at('discovery', discovery(world)));
  router.get(`${protocol}/certs`, at('jwks', jwks(world)));
  router.get(`${protocol}/auth`, at('authorization', authorization(world)));
  router.post(`${protocol}/auth`, form, at('authorization', authorization(world)));
  router.post(FORM_PATH, form, plain(citizenForm(world)));
  router.post(`${protocol}/token`, form, at('token', token(world)));
  router.get(`${protocol}/userinfo`, at('userinfo', userinfo(world)));
  router.post(`${protocol}/userinfo`, form, bearerInBody, at('userinfo', userinfo(world)));
  const body = text({ type: () => true, limit: '64kb' });
  router.post('/api/sign-transactions', body, at('start', start(world)));
  router.get('/api/sign-transactions/:id/result', at('result', result(world)));
}

/** RFC 6750 section 2.2; in both places it is in none, as a client must not send it twice. */
const bearerInBody: RequestHandler = (request, _response, next) => {
  const token = parameter(formOf(request), 'access_token');
  if (token !== undefined) {
    const twice = request.headers.authorization !== undefined;
    request.headers.authorization = twice ? 'sent in the header and in the body' : `Bearer ${token}`;
  }
  next();
};
