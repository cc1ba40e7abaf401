/**
 * Callers of their own process (the authority of the ingress comes by NODE_EXTRA_CA_CERTS): `load.ts URL API-KEY CALLERS`. Each sends
 * one application after the other until standard input ends, and every end is a line of JSON.
 */
import { resolve } from 'node:path';
import { Show } from '../../../src/cli/demo/show.ts';
import { walk } from '../../../src/cli/demo/walk.ts';

const [, , rpUrl = '', apiKey = '', callers = '1'] = process.argv;
const file = resolve(import.meta.dirname, '../../../samples/applications/rare-kanji-notification.xml');
const quiet = new Show(
  {
    stdout: () => undefined,
    stderr: () => undefined,
    isTty: false,
    env: {},
    signal: new AbortController().signal,
  },
  false,
);
let going = true;
process.stdin.resume();
process.stdin.once('end', () => {
  going = false;
});

async function one(): Promise<object> {
  let accepted = false;
  const submitted = () => {
    accepted = true;
  };
  try {
    const { id, state, verdict } = await walk(
      {
        file,
        rpUrl,
        apiKey,
        profile: 'enveloped',
        mode: 'digest-info',
        person: 'taro',
        outcome: 'sign',
        submitted,
      },
      quiet,
    );
    return { id, end: `${state} ${verdict?.indication ?? ''}` };
  } catch (thrown) {
    const { message, cause } = thrown as Error;
    return { accepted, error: `${message} ${cause instanceof Error ? cause.message : ''}` };
  }
}

await Promise.all(
  Array.from({ length: Number(callers) }, async () => {
    do process.stdout.write(`${JSON.stringify(await one())}\n`);
    while (going);
  }),
);
