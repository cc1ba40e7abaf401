import { createRequire } from 'node:module';
import { join } from 'node:path';
import express, { type Express } from 'express';

const TOKENS = '@digital-go-jp/design-tokens/dist/tokens.css';

/**
 * Style sheets and the one script of the pages, from beside this file, and the Digital Agency's design tokens from
 * their package (MIT), all from our own origin; nothing else is served.
 */
export function assetsRoute(app: Express): void {
  // small files, whole or not at all: a range is ignored (RFC 9110 section 14.2)
  const whole = { cacheControl: false, acceptRanges: false };
  const options = Object.assign({ index: false, redirect: false, fallthrough: true }, whole);
  const tokens = createRequire(import.meta.url).resolve(TOKENS);
  app.get('/assets/tokens.css', (_request, response) => response.sendFile(tokens, whole));
  app.use('/assets', express.static(join(import.meta.dirname, 'assets'), options));
}
