import type { Express } from 'express';

/** A named thing that must work before this process may be given work. Rejects when it does not. */
export type ReadinessProbe = () => Promise<void>;

/** `GET /livez`: the process runs. `GET /readyz`: every probe passed; names only, never details. */
export function health(app: Express, probes: Readonly<Record<string, ReadinessProbe>>): void {
  app.get('/livez', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/readyz', async (_request, response) => {
    const checks = await Promise.all(
      Object.entries(probes).map(async ([name, probe]) => ({ name, ok: await passes(probe) })),
    );
    const ready = checks.every((check) => check.ok);
    response.status(ready ? 200 : 503).json({ status: ready ? 'ok' : 'not-ready', checks });
  });
}

async function passes(probe: ReadinessProbe): Promise<boolean> {
  try {
    await probe();
    return true;
  } catch {
    return false;
  }
}
