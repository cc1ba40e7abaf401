import type { EventEmitter } from 'node:events';
import type { Express, Response } from 'express';

/** Between two looks: soon at first, then twice as long each time; ms. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 1_000;
/** Requests of one process that may wait, and of one tenant: who finds no place is answered at once. */
const MOST = 500;
const MOST_OF_TENANT = 100;
/** Emitted by an application whose server stops. */
export const CLOSING = 'closing';

interface WaitingRoom {
  /**
   * What `look` gives, as soon as `isThere` says so of it; at the latest after `seconds`, when the caller has gone or
   * when the server stops: then as it is. @throws what `look` throws
   */
  until<Seen>(
    response: Response,
    wish: { readonly seconds: number; readonly tenant: string },
    look: () => Promise<Seen>,
    isThere: (seen: Seen) => boolean,
  ): Promise<Seen>;
}

/**
 * `?wait=`: answers that are held back until there is something to tell, so that nobody polls. A waiting request takes
 * nothing but its connection: neither a permit nor a slot of a job.
 */
export function waitingRoom(app: Express): WaitingRoom {
  const leaving = new Set<() => void>();
  const ofTenants = new Map<string, number>();
  let closing = false;
  const events: EventEmitter = app;
  events.on(CLOSING, () => {
    closing = true;
    for (const leave of leaving) leave();
  });

  function pause(response: Response, millis: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(leave, millis);
      function leave(): void {
        clearTimeout(timer);
        leaving.delete(leave);
        response.off('close', leave);
        resolve();
      }
      leaving.add(leave);
      response.once('close', leave);
    });
  }

  async function follow<Seen>(
    response: Response,
    seconds: number,
    look: () => Promise<Seen>,
    isThere: (seen: Seen) => boolean,
  ): Promise<Seen> {
    const until = performance.now() + seconds * 1_000;
    for (let next = FIRST_PAUSE; ; next = Math.min(2 * next, LONGEST_PAUSE)) {
      const seen = await look();
      const left = until - performance.now();
      if (isThere(seen) || left <= 0 || closing || response.destroyed) return seen;
      await pause(response, Math.min(next, left));
    }
  }

  return {
    until: async (response, { seconds, tenant }, look, isThere) => {
      const before = ofTenants.get(tenant) ?? 0;
      const all = [...ofTenants.values()].reduce((sum, each) => sum + each, 0);
      if (seconds === 0 || before >= MOST_OF_TENANT || all >= MOST) return look();
      ofTenants.set(tenant, before + 1);
      try {
        return await follow(response, seconds, look, isThere);
      } finally {
        const left = (ofTenants.get(tenant) ?? 1) - 1;
        if (left === 0) ofTenants.delete(tenant);
        else ofTenants.set(tenant, left);
      }
    },
  };
}
