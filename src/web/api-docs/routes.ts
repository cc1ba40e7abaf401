import type { Express } from 'express';
import type { ApiRole } from '../../contracts/operations/operation.ts';
import { openApiDocument } from '../../http/openapi/document.ts';
import { docsPage } from './page.ts';

/**
 * `/openapi.json` and, for people, `/docs`: made once from the contracts. Where nothing is real, the page can call
 * the API. Style sheet and script are the caller's `assetsRoute`.
 */
export function apiDocsRoutes(
  app: Express,
  role: ApiRole,
  publicUrl: string,
  environment: 'sandbox' | 'test' | 'production',
): void {
  const document = openApiDocument(role, publicUrl);
  const json = JSON.stringify(document);
  const page = docsPage(document, environment === 'production' ? 'absent' : 'offered');
  app.get('/openapi.json', (_request, response) => {
    response.type('application/json').send(json);
  });
  app.get('/docs', (_request, response) => {
    response.type('html').send(page);
  });
}
