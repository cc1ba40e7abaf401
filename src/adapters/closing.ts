type Close = () => void | Promise<void>;

/** What a process has opened, to be closed in the reverse order. */
export interface Closing {
  add(close: Close): void;
  /** Closes everything once, the newest first; the first failure is thrown after all have been tried. */
  close(): Promise<void>;
}

export function createClosing(): Closing {
  const open: Close[] = [];
  return {
    add: (close) => void open.push(close),
    close: async () => {
      const failures: unknown[] = [];
      for (let close = open.pop(); close !== undefined; close = open.pop()) {
        try {
          await close();
        } catch (thrown) {
          failures.push(thrown);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Runs `start`; where it fails, what it had opened is closed before the failure goes on. */
export async function closingOnFailure<T>(closing: Closing, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (thrown) {
    await closing.close();
    throw thrown;
  }
}
