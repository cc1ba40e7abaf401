/** The page of who is logged in; the start page of a login that asks for no other. */
export const ACCOUNT_PATH = '/account';

const OWN_PAGES: readonly RegExp[] = [
  /^\/account(?:\/passkeys)?$/,
  /^\/applications\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/(?:sign|complete)$/,
];

/**
 * Where a login may lead: only to a page of our own that is on this list, compared as it stands, without decoding
 * anything. Everything else leads to the start page.
 */
export function ownReturnPath(asked: unknown): string {
  if (typeof asked !== 'string') return ACCOUNT_PATH;
  return OWN_PAGES.some((page) => page.test(asked)) ? asked : ACCOUNT_PATH;
}
