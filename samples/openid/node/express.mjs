import express from 'express';
import * as jpki from './openid.mjs';

const { attempt, session, options } = jpki.COOKIES;
const app = express();
const form = express.urlencoded({ extended: false, limit: '64kb' });
const cookie = (request, name) =>
  new RegExp(`(?:^|; )${name}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1];
const shortly = ({ minutes }) => ({ ...options, maxAge: minutes * 60_000 });

app.use((_request, response, next) => {
  response
    .set('cache-control', 'no-store')
    .set('content-security-policy', "default-src 'none'; form-action 'self'");
  next();
});
app.get('/', (request, response) => {
  response.send(jpki.page(jpki.whoIs(cookie(request, session.name))));
});
app.get('/me', (request, response) => {
  const found = jpki.whoIs(cookie(request, session.name));
  if (found === undefined) response.status(401).json({ error: 'nobody is logged in' });
  else response.json({ sub: found.sub, ...found.person });
});
app.get('/login', async (_request, response) => {
  const begun = await jpki.begin();
  response.cookie(attempt.name, begun.cookie, shortly(attempt)).redirect(begun.url);
});
app.get('/callback', async (request, response) => {
  const query = new URL(request.originalUrl, 'http://any.invalid').searchParams;
  const ended = await jpki.finish(query, cookie(request, attempt.name));
  response.clearCookie(attempt.name, options);
  if (ended.refused !== undefined) response.status(403).json({ refused: ended.refused });
  else response.cookie(session.name, ended.cookie, shortly(session)).redirect('/');
});
app.post('/logout', (request, response) => {
  jpki.logOut(cookie(request, session.name));
  response.clearCookie(session.name, options).redirect(303, '/');
});
app.post('/backchannel-logout', form, async (request, response) => {
  const good = await jpki.backChannelLogout(String(request.body?.logout_token ?? ''));
  response.status(good ? 200 : 400).json(good ? {} : { error: 'invalid_request' });
});

const port = Number(process.env.PORT ?? 3000);
app.listen(port, '127.0.0.1', () => console.log(`listening on ${port}`));
