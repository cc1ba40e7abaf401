import type { Express } from 'express';
import { createRelyingPartyApp, type RelyingPartyParts } from '../relying-party/app.ts';
import { receiptRoute } from './routes/receipt.ts';

/** Every route of an sp: what relying parties share, and the receipt. */
export function createSpApp(parts: RelyingPartyParts): Express {
  return createRelyingPartyApp('sp', parts, (app) => receiptRoute(app, parts));
}
