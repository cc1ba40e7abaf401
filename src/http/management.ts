import type { Log } from '../ports/log.ts';
import { plainApp, underHttpRules } from './edge.ts';
import { health, type ReadinessProbes } from './health.ts';
import { type Listening, listen } from './listen.ts';

/** What `GET /metrics` gives: the text and its media type. */
interface MetricsPage {
  readonly contentType: string;
  metrics(): Promise<string>;
}

const DRAIN = 1_000;

/** `/livez`, `/readyz` and `/metrics` on a port of their own, which no tenant and no citizen reaches. */
export async function listenForManagement(
  place: { readonly host: string; readonly port: number },
  page: MetricsPage,
  { probes, log }: { readonly probes: ReadinessProbes; readonly log: Log },
): Promise<Listening> {
  const app = underHttpRules(plainApp(), log, (routes) => {
    health(routes, probes, 'operator');
    routes.get('/metrics', async (_request, response) => {
      response.setHeader('Content-Type', page.contentType);
      response.end(await page.metrics());
    });
  });
  const listening = await listen(app, { ...place, variable: 'JITSUIN_MANAGEMENT_PORT' });
  return { ...listening, close: (deadline = DRAIN) => listening.close(deadline) };
}
