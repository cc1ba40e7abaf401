import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import type { SignatureWord, Signing, Started } from './bench.ts';

/** How the author's side is asked: an address, a command, or an address to post to. */
export const hookSchema = z.union([
  z.url(),
  z.strictObject({ command: z.array(z.string().min(1)).min(1) }),
  z.strictObject({ post: z.url(), headers: z.record(z.string(), z.string()).default({}) }),
]);

type Hook = z.infer<typeof hookSchema>;

const HOOK_MILLIS = MINUTE_MILLIS;
/** EX_TEMPFAIL of sysexits.h: not yet. */
const NOT_YET = 75;
const MOST_OCTETS = 64 * 1024 * 1024;

/** Signing as the plan file says it: how one is begun, and how one asks what became of it. */
export function signingBy(start: Hook, done: Hook, folder: string): Signing {
  return {
    async start() {
      if (typeof start === 'string') return { url: start, note: start };
      if ('command' in start) {
        const { status, said } = await ran(start.command, folder, {});
        return status === 0 ? startedBy(said) : undefined;
      }
      const { status, body } = await posted(start, '{}');
      return status >= 200 && status < 300 ? startedBy(body) : undefined;
    },
    async done(started, visitor) {
      if (typeof done === 'string') return word((await visitor.visit(done)).status);
      if ('post' in done) return word((await posted(done, started.note)).status);
      const { status } = await ran(done.command, folder, { RP_TEST_STARTED: started.note });
      if (status === 0) return 'taken';
      return status === NOT_YET ? 'waiting' : 'refused';
    },
  };
}

/** 202 says that it is not decided yet. */
function word(status: number): SignatureWord {
  if (status === 202) return 'waiting';
  return status >= 200 && status < 300 ? 'taken' : 'refused';
}

/** The address alone, or JSON with `url` and, where it is known, `sha256`. */
function startedBy(said: string): Started | undefined {
  const note = said.trim();
  if (!note.startsWith('{')) return URL.canParse(note) ? { url: note, note } : undefined;
  try {
    const { url, sha256 } = JSON.parse(note) as Record<string, unknown>;
    if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
    return defined({ url, note, sha256: typeof sha256 === 'string' ? sha256.toLowerCase() : undefined });
  } catch {
    return undefined;
  }
}

interface Ran {
  readonly status: number;
  readonly said: string;
}

/** No shell reads the command; what it says on standard error is its author's to see. */
function ran(
  [program = '', ...args]: readonly string[],
  cwd: string,
  more: Record<string, string>,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const options = { cwd, timeout: HOOK_MILLIS, env: Object.assign({}, process.env, more) };
    const child = execFile(program, args, options, (error, said) => {
      if (error !== null && typeof error.code !== 'number') return reject(error);
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, said });
    });
    child.stderr?.pipe(process.stderr);
  });
}

async function posted(
  { post, headers }: Extract<Hook, { post: string }>,
  body: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(post, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    signal: AbortSignal.timeout(HOOK_MILLIS),
  });
  return { status: response.status, body: await response.text() };
}

/** The text of all files under these paths, up to 64 MiB. */
export async function storedIn(paths: readonly string[]): Promise<string> {
  let text = '';
  for (const path of paths) {
    if ((await stat(path)).isDirectory()) {
      const inside = await readdir(path);
      text += await storedIn(inside.map((name) => join(path, name)));
    } else text += await readFile(path, 'latin1');
    if (text.length > MOST_OCTETS) break;
  }
  return text;
}
