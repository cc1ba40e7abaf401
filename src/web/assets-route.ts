import { createRequire } from 'node:module';
import { join } from 'node:path';
import express, { type Express } from 'express';

const TOKENS = '@digital-go-jp/design-tokens/dist/tokens.css';

/**
 * Style sheets and the one script of the pages, from beside this file, and the Digital Agency's design tokens from
 * their package (MIT), all from our own origin; nothing else is served.
 */
export function assetsRoute(app: Express): void {
  const options = { index: false, redirect: false, fallthrough: true, cacheControl: false };
  const tokens = createRequire(import.meta.url).resolve(TOKENS);
  app.get('/assets/tokens.css', (_request, response) => response.sendFile(tokens, { cacheControl: false }));
  app.use('/assets', express.static(join(import.meta.dirname, 'assets'), options));
}
