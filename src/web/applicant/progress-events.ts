import type { Response } from 'express';
import { JitsuinError } from '../../core/errors.ts';
import type { ApplicationState } from '../../core/sign-transaction/application.ts';

const POLL_MILLIS = 700;
/** A stream is short; the browser opens the next one. A stopping server waits no longer than this. */
const STREAM_MILLIS = 8000;
const RECONNECT_MILLIS = 1000;
const MOST_STREAMS = 500;
/** Of one browser: some tabs. */
const MOST_OF_BROWSER = 6;

let open = 0;
const openOfBrowser = new Map<string, number>();

/** The state of an application as it is now; undefined when it is gone. Reads nothing else of it. */
type ReadState = () => Promise<ApplicationState | undefined>;

/**
 * Server-sent events (HTML Standard section 9.2) that tell the state's name and nothing else. Who finds no place
 * falls back to loading the page again.
 * @throws JitsuinError `http.rate` when this process serves all that it may
 */
export async function progressEvents(read: ReadState, browser: string, response: Response): Promise<void> {
  const ofBrowser = openOfBrowser.get(browser) ?? 0;
  if (open >= MOST_STREAMS || ofBrowser >= MOST_OF_BROWSER)
    throw new JitsuinError('http.rate', 'Too many pages are being followed.');
  response.status(200).setHeader('Content-Type', 'text/event-stream');
  response.setHeader('X-Accel-Buffering', 'no');
  response.write(`retry: ${RECONNECT_MILLIS}\n\n`);
  open += 1;
  openOfBrowser.set(browser, ofBrowser + 1);
  try {
    await follow(read, response);
  } finally {
    open -= 1;
    const left = (openOfBrowser.get(browser) ?? 1) - 1;
    if (left === 0) openOfBrowser.delete(browser);
    else openOfBrowser.set(browser, left);
    response.end();
  }
}

async function follow(read: ReadState, response: Response): Promise<void> {
  let told = '';
  const rounds = Math.ceil(STREAM_MILLIS / POLL_MILLIS);
  for (let round = 0; round < rounds && !response.destroyed; round += 1) {
    const state = await read();
    if (state === undefined) return;
    if (state !== told) response.write(`event: state\ndata: ${state}\n\n`);
    told = state;
    await pause(response);
  }
}

/** Ends at once when the browser has gone. */
function pause(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, POLL_MILLIS);
    function done(): void {
      clearTimeout(timer);
      response.off('close', done);
      resolve();
    }
    response.once('close', done);
  });
}
