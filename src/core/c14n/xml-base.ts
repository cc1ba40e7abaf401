import type { ParsedElement } from '../xml/element.ts';
import { XML_NAMESPACE_NAME } from '../xml/names.ts';

interface UriReference {
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
  readonly path: string;
  readonly query: string | undefined;
}

/** RFC 3986 appendix B. */
const URI_REFERENCE = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?$/s;

/**
 * The `xml:base` of the apex of a subtree whose ancestors are left out (C14N 1.1 section 2.4): the values of the
 * ancestors and its own joined, outermost first. Undefined when no ancestor has one, so that its own stays as it is.
 */
export function joinedBase(element: ParsedElement): string | undefined {
  const [outermost, ...rest] = element
    .ancestors()
    .map((ancestor) => ancestor.attribute('base', XML_NAMESPACE_NAME))
    .filter((value) => value !== undefined);
  if (outermost === undefined) return undefined;
  const own = element.attribute('base', XML_NAMESPACE_NAME);
  return [...rest, ...(own === undefined ? [] : [own])].reduce(joinUriReferences, outermost);
}

/**
 * join-URI-References (C14N 1.1 section 2.4 and appendix A): RFC 3986 section 5.2 for a base that may itself be
 * relative, keeping leading `..` segments, dropping fragments and repeated slashes.
 */
export function joinUriReferences(base: string, reference: string): string {
  // A reference that ends in ".." or "." names a directory; so does a base.
  const b = parse(/(?:^|\/)\.\.?$/.test(base) ? `${base}/` : base);
  const r = parse(reference);
  if (r.scheme !== undefined) return format({ ...r, path: removeDotSegments(r.path) });
  if (r.authority !== undefined) return format({ ...r, scheme: b.scheme, path: removeDotSegments(r.path) });
  if (r.path === '') return format({ ...b, path: removeDotSegments(b.path), query: r.query ?? b.query });
  const path = r.path.startsWith('/') ? r.path : merge(b, r.path);
  return format({ ...b, path: removeDotSegments(path), query: r.query });
}

function parse(text: string): UriReference {
  const parts = URI_REFERENCE.exec(text) ?? [];
  return { scheme: parts[1], authority: parts[2], path: parts[3] ?? '', query: parts[4] };
}

function merge(base: UriReference, path: string): string {
  if (base.authority !== undefined && base.path === '') return `/${path}`;
  return base.path.slice(0, base.path.lastIndexOf('/') + 1) + path;
}

function removeDotSegments(path: string): string {
  const absolute = path.startsWith('/');
  const segments = path
    .split('/')
    .filter((segment, index, all) => segment !== '' || index === all.length - 1);
  const kept: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === '.') {
      if (last) kept.push('');
    } else if (segment === '..') {
      if (kept.length > 0 && kept.at(-1) !== '..') {
        kept.pop();
        if (last) kept.push('');
      } else if (!absolute) kept.push(...(last ? ['..', ''] : ['..']));
      else if (last) kept.push('');
    } else kept.push(segment);
  }
  return (absolute ? '/' : '') + kept.join('/');
}

function format({ scheme, authority, path, query }: UriReference): string {
  const head = (scheme === undefined ? '' : `${scheme}:`) + (authority === undefined ? '' : `//${authority}`);
  return head + path + (query === undefined ? '' : `?${query}`);
}
