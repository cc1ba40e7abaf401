/**
 * Whether a tenant's citizens may be led to this URL: one of the registered ones, or a path below one (same scheme,
 * host and port; the registered query, no fragment, nothing that another reader could take for a way up).
 */
export function isRegisteredReturn(registered: readonly string[], given: string): boolean {
  if (registered.includes(given)) return true;
  if (!URL.canParse(given) || /[\\\s#]|\?$|%2e|%2f|%5c/i.test(given)) return false;
  const url = new URL(given);
  // as written: no dot segments and no user were normalized away
  if (url.href !== given || url.username !== '' || url.password !== '') return false;
  return registered.some((text) => isBelow(new URL(text), url));
}

function isBelow(base: URL, url: URL): boolean {
  const folder = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
  return url.origin === base.origin && url.search === base.search && url.pathname.startsWith(folder);
}
