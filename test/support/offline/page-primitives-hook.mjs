import { usesThePages } from './pages-crypto-for.mjs';

const page = new URL('./node-crypto-of-the-page.ts', import.meta.url).href;

export function resolve(specifier, context, next) {
  const { parentURL = '' } = context;
  if (specifier === 'node:crypto' && usesThePages(parentURL)) return next(page, context);
  return next(specifier, context);
}
