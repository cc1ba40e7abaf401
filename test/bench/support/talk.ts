import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program in a process of its own that says one line at its start and then answers each line with a line. */
export interface Talk {
  readonly greeting: string;
  /** Throws when the program has ended. */
  ask(line: string): Promise<string>;
  stop(): void;
}

export async function startTalk(name: string, program: string, words: readonly string[]): Promise<Talk> {
  const child = spawn(program, [...words], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const next = await lines.next();
    if (next.done === true) throw new Error(`${name} gives no answer`);
    return next.value;
  };
  return {
    greeting: await answer(),
    ask(line) {
      child.stdin.write(`${line}\n`);
      return answer();
    },
    stop: () => child.stdin.end(),
  };
}
