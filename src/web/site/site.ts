import { AsyncLocalStorage } from 'node:async_hooks';
import type { Express } from 'express';
import { defined } from '../../core/defined.ts';
import type { Bilingual } from '../bilingual.ts';
import { APP, type AppFacts, type Organization, type SiteFile } from './site-file.ts';

/** What the citizen's pages say about the app, about for whom one signs, and about where one is. */
export interface Site {
  readonly app: AppFacts;
  readonly organization?: Organization;
  /** `test`: a badge says so on every page. */
  readonly environment: 'production' | 'test';
  readonly logo?: { readonly type: string; readonly octets: Uint8Array };
}

const DEFAULT: Site = { app: APP, environment: 'production' };
const current = new AsyncLocalStorage<Site>();

/** The site of the request that is being answered. */
export function site(): Site {
  return current.getStore() ?? DEFAULT;
}

export function siteOf(
  file: SiteFile | undefined,
  environment: Site['environment'],
  logo: Site['logo'],
): Site {
  const app: AppFacts = Object.assign({}, APP, file?.app);
  return defined({ app, organization: file?.organization, environment, logo });
}

/** Every page below knows its site; the logo and the key colours are served from our own origin. */
export function siteRoutes(app: Express, own: Site): void {
  app.use((_request, _response, next) => current.run(own, next));
  app.get('/assets/site.css', (_request, response) => {
    response.type('css').send(themeOf(own.organization?.colours));
  });
  app.get('/assets/logo', (_request, response) => {
    if (own.logo === undefined) response.status(404).end();
    else response.type(own.logo.type).send(Buffer.from(own.logo.octets));
  });
}

function themeOf(colours: Organization['colours']): string {
  if (colours === undefined) return '';
  const { light, dark } = colours;
  return `:root { --key: ${light}; --key-hover: ${light}; }
@media (prefers-color-scheme: dark) { :root { --key: ${dark}; --key-hover: ${dark}; } }
`;
}

/** The app's name, with the old one in brackets while people still know it. */
export function appName(): Bilingual {
  const { name, former } = site().app;
  if (former === undefined) return name;
  return { ja: '{name}({former})', en: '{name} ({former})', values: { name, former } };
}
