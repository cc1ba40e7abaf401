import type { Express } from 'express';
import { defined } from '../../core/defined.ts';
import type { EvidenceStore } from '../../ports/evidence-store.ts';
import { verifyRoutes } from '../../web/verify/routes.ts';
import { createRelyingPartyApp, type RelyingPartyParts } from '../relying-party/app.ts';
import { evidenceRoutes } from './routes/evidence.ts';

interface GovParts extends RelyingPartyParts {
  readonly evidence: EvidenceStore;
}

/**
 * Every route of an agency: what relying parties share, the signed document with report and evidence, anyone's
 * `/verify`.
 */
export function createGovApp(parts: GovParts): Express {
  return createRelyingPartyApp('gov', parts, (app) => {
    evidenceRoutes(app, parts);
    const { judge, offlinePage, log, bodyLimit, unpack } = parts;
    if (judge !== undefined) verifyRoutes(app, defined({ judge, offlinePage, log, bodyLimit, unpack }));
  });
}
