import type { Log } from '../ports/log.ts';

/** The simulator tells of itself on its page and by `observed`, not by a log. */
export const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };
