import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import * as jpki from './openid.mjs';

const { attempt, session, options } = jpki.COOKIES;
const app = new Hono();
const shortly = ({ minutes }) => ({ ...options, maxAge: minutes * 60 });

app.use(async (context, next) => {
  await next();
  context.header('cache-control', 'no-store');
  context.header('content-security-policy', "default-src 'none'; form-action 'self'");
});
app.get('/', (context) => context.html(jpki.page(jpki.whoIs(getCookie(context, session.name)))));
app.get('/me', (context) => {
  const found = jpki.whoIs(getCookie(context, session.name));
  if (found === undefined) return context.json({ error: 'nobody is logged in' }, 401);
  return context.json({ sub: found.sub, ...found.person });
});
app.get('/login', async (context) => {
  const begun = await jpki.begin();
  setCookie(context, attempt.name, begun.cookie, shortly(attempt));
  return context.redirect(begun.url);
});
app.get('/callback', async (context) => {
  const ended = await jpki.finish(new URL(context.req.url).searchParams, getCookie(context, attempt.name));
  deleteCookie(context, attempt.name, options);
  if (ended.refused !== undefined) return context.json({ refused: ended.refused }, 403);
  setCookie(context, session.name, ended.cookie, shortly(session));
  return context.redirect('/');
});
app.post('/logout', (context) => {
  jpki.logOut(getCookie(context, session.name));
  deleteCookie(context, session.name, options);
  return context.redirect('/', 303);
});
app.post('/backchannel-logout', async (context) => {
  const { logout_token: token } = await context.req.parseBody();
  const good = await jpki.backChannelLogout(String(token ?? ''));
  return context.json(good ? {} : { error: 'invalid_request' }, good ? 200 : 400);
});

const port = Number(process.env.PORT ?? 3000);
serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => console.log(`listening on ${port}`));
