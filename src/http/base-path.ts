import type { CookieOptions, Request, RequestHandler, Response } from 'express';

/** What the pages' own addresses stand in; every inserted text is escaped, so that nothing else looks like one. */
const OWN_ADDRESS = /(\s(?:href|action|src|data-events)="|\scontent="0; url=)\/(?!\/)/g;
const OWN_COOKIE = /^(?:__Host-)?jitsuin-/;

/** The path of a public URL without a slash at its end: empty for most. */
export function basePathOf(publicUrl: string): string {
  return new URL(publicUrl).pathname.replace(/\/+$/, '');
}

/** The path by which a route of ours is registered: that of the URL below the public URL. */
export function routePath(url: string, publicUrl: string): string {
  return withoutBase(new URL(url).pathname, basePathOf(publicUrl));
}

/**
 * Lets the application lie under a path of its origin, behind proxies that take the path off and behind those that
 * do not: routes, pages and redirects are written as if it lay at the root, and this is the one place where the
 * path is taken off and put before. Cookies keep their `__Host-` names with the path's own ending, so that two of
 * us under one host keep apart.
 */
export function underBasePath(base: string): RequestHandler {
  const ending = `-${base.slice(1).replaceAll(/[^0-9A-Za-z]+/g, '-')}`;
  return (request, response, next) => {
    request.url = withoutBase(request.url, base);
    ownCookiesOnly(request, ending);
    prefixAddresses(response, base);
    nameCookies(response, ending);
    next();
  };
}

function withoutBase(path: string, base: string): string {
  if (path === base) return '/';
  if (path.startsWith(`${base}?`)) return `/${path.slice(base.length)}`;
  return path.startsWith(`${base}/`) ? path.slice(base.length) : path;
}

function prefixAddresses(response: Response, base: string): void {
  const location = response.location.bind(response);
  response.location = (url) => location(/^\/(?!\/)/.test(url) ? `${base}${url}` : url);
  const send = response.send.bind(response);
  response.send = (body) => {
    const page = typeof body === 'string' && String(response.get('Content-Type')).startsWith('text/html');
    return send(page ? String(body).replaceAll(OWN_ADDRESS, `$1${base}/`) : body);
  };
}

function nameCookies(response: Response, ending: string): void {
  const cookie = response.cookie.bind(response);
  response.cookie = (name: string, value: unknown, options: CookieOptions = {}) =>
    cookie(OWN_COOKIE.test(name) ? `${name}${ending}` : name, value, options);
}

function ownCookiesOnly(request: Request, ending: string): void {
  const given = request.headers.cookie;
  if (given === undefined) return;
  request.headers.cookie = given
    .split(';')
    .map((pair) => pair.trim())
    .flatMap((pair) => {
      const [name = '', ...value] = pair.split('=');
      if (!OWN_COOKIE.test(name)) return [pair];
      return name.endsWith(ending) ? [[name.slice(0, -ending.length), ...value].join('=')] : [];
    })
    .join('; ');
}
