import { parentPort } from 'node:worker_threads';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { codeOf } from './bounded-threads.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

/** Asks the process outside; only while a piece of work runs. */
export type Ask = (question: unknown) => Promise<unknown>;

interface Asked {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: JitsuinError) => void;
}

/** The inside of a bounded thread: does one piece of work after the other. */
export function serveThread(work: (work: unknown, ask: Ask) => Promise<unknown>): void {
  const open = new Map<number, Asked>();
  let numbers = 0;
  const say = (message: FromThread): void => parentPort?.postMessage(message);
  const ask: Ask = (question) =>
    new Promise((resolve, reject) => {
      numbers += 1;
      open.set(numbers, { resolve, reject });
      say({ kind: 'question', number: numbers, question });
    });
  const settle = (message: Exclude<ToThread, { kind: 'work' }>): void => {
    const asked = open.get(message.number);
    open.delete(message.number);
    if (message.kind === 'answer') asked?.resolve(message.answer);
    else asked?.reject(new JitsuinError(codeOf(message.code), message.message));
  };
  parentPort?.on('message', async (message: ToThread) => {
    if (message.kind !== 'work') return settle(message);
    try {
      say({ kind: 'result', result: await work(message.work, ask) });
    } catch (thrown) {
      const { code, message: text } = asJitsuinError(thrown);
      say({ kind: 'failure', code, message: text });
    }
  });
}
