import { Worker } from 'node:worker_threads';
import { asJitsuinError, ERROR_CODES, type ErrorCode, JitsuinError } from '../../core/errors.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

interface BoundedThreadOptions {
  /** The thread's program; it serves by `serveThread`. */
  readonly entry: URL;
  /** Given to every thread at its start. */
  readonly data: unknown;
  /** Threads at once; what comes beside waits. */
  readonly threads: number;
  /** Milliseconds that one piece of work may take, the time its questions take not counted. */
  readonly millis: number;
  /** MiB of the heap of one thread. */
  readonly heap: number;
}

/** Answers what a piece of work asks of the outside while it runs. */
export type Answer = (question: unknown) => Promise<unknown>;

interface BoundedThreads {
  /**
   * @throws JitsuinError `judgement.too-costly` when its time or memory ran out, and whatever code the work failed
   * with
   */
  run(work: unknown, answer: Answer): Promise<unknown>;
  close(): Promise<void>;
}

interface Waiting {
  readonly work: unknown;
  readonly answer: Answer;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: JitsuinError) => void;
}

const TOO_COSTLY = () =>
  new JitsuinError('judgement.too-costly', 'It took more time or memory than one document may take.');

/**
 * Work on strangers' octets in threads of this process: a piece of work that does not end, or needs more memory
 * than it may have, ends its thread and nothing else. Threads are started when needed and do not keep the process
 * alive.
 */
export function openBoundedThreads(options: BoundedThreadOptions): BoundedThreads {
  const idle: Worker[] = [];
  const waiting: Waiting[] = [];
  const all = new Set<Worker>();
  let closed = false;

  const next = (): void => {
    while (waiting.length > 0 && (idle.length > 0 || all.size < options.threads)) {
      const worker = idle.pop() ?? start();
      const one = waiting.shift();
      if (one !== undefined) work(worker, one);
    }
  };
  const start = (): Worker => {
    const worker = newWorker(options);
    all.add(worker);
    worker.once('exit', () => {
      all.delete(worker);
      const at = idle.indexOf(worker);
      if (at >= 0) idle.splice(at, 1);
      next();
    });
    return worker;
  };
  const work = (worker: Worker, one: Waiting): void => {
    void runOn(worker, one, options.millis).then((kept) => {
      if (kept && !closed) idle.push(worker);
      next();
    });
  };
  return {
    run: (piece, answer) =>
      new Promise((resolve, reject) => {
        if (closed) reject(new JitsuinError('http.shutting-down', 'This process is stopping.'));
        else waiting.push({ work: piece, answer, resolve, reject });
        next();
      }),
    close: async () => {
      closed = true;
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

function newWorker({ entry, data, heap }: BoundedThreadOptions): Worker {
  const worker = new Worker(entry, {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: 32 },
  });
  worker.unref();
  worker.on('error', () => {}); // who waits is told by `exit`
  return worker;
}

/** One piece of work to its end; whether the thread can go on. */
function runOn(worker: Worker, one: Waiting, millis: number): Promise<boolean> {
  return new Promise((resolve) => {
    let left = millis;
    let since = Date.now();
    let open = 0;
    let timer = setTimeout(cut, left);
    worker.ref();
    let failure: unknown;
    const end = (kept: boolean): void => {
      clearTimeout(timer);
      worker.off('error', failed);
      worker.off('message', message);
      worker.off('exit', exit);
      worker.unref();
      resolve(kept);
    };
    const ask = async (number: number, question: unknown): Promise<void> => {
      if (open === 0) {
        clearTimeout(timer);
        left -= Date.now() - since;
      }
      open += 1;
      const reply = await answerTo(one.answer, number, question);
      open -= 1;
      if (open === 0) {
        since = Date.now();
        timer = setTimeout(cut, Math.max(1, left));
      }
      worker.postMessage(reply);
    };
    function cut(): void {
      void worker.terminate();
    }
    function failed(thrown: unknown): void {
      failure = thrown;
    }
    function exit(): void {
      one.reject(failure === undefined || isOutOfMemory(failure) ? TOO_COSTLY() : asJitsuinError(failure));
      end(false);
    }
    function message(from: FromThread): void {
      if (from.kind === 'question') {
        void ask(from.number, from.question);
        return;
      }
      if (from.kind === 'result') one.resolve(from.result);
      else one.reject(new JitsuinError(codeOf(from.code), from.message));
      end(true);
    }
    worker.on('message', message);
    worker.once('error', failed);
    worker.once('exit', exit);
    const to: ToThread = { kind: 'work', work: one.work };
    worker.postMessage(to);
  });
}

function isOutOfMemory(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

async function answerTo(answer: Answer, number: number, question: unknown): Promise<ToThread> {
  try {
    return { kind: 'answer', number, answer: await answer(question) };
  } catch (thrown) {
    const { code, message } = asJitsuinError(thrown);
    return { kind: 'refusal', number, code, message };
  }
}

export function codeOf(text: string): ErrorCode {
  return isCode(text) ? text : 'internal.unexpected';
}

function isCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}
