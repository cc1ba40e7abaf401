import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notRunUnless } from '../../support/not-run.ts';
import type { Engine } from './engine.ts';

const FIREFOX = '/usr/bin/firefox-esr';

/** True when there is Firefox, which speaks WebDriver BiDi itself. Otherwise one loud line. */
export function firefoxAvailable(): boolean {
  if (existsSync(FIREFOX)) return true;
  notRunUnless('JITSUIN_REQUIRE_BROWSER', 'walks in Firefox', 'apt-get install firefox-esr');
  return false;
}

/** The part of the WebSocket that a client of BiDi needs; Node 20 has none, playwright-core brings one. */
interface Socket {
  on(event: 'message' | 'open' | 'error', listener: (data: unknown) => void): void;
  send(text: string): void;
  close(): void;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
  readonly message?: string;
}

export async function openFirefox(): Promise<Engine> {
  const profile = mkdtempSync(join(tmpdir(), 'jitsuin-firefox-'));
  const flags = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0'];
  const child = spawn(FIREFOX, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  const end = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const address = await addressOf(child.stderr);
    return await session(await connected(`${address}/session`), end);
  } catch (thrown) {
    await end();
    throw thrown;
  }
}

function addressOf(stderr: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const address = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    stderr.on('end', () => reject(new Error(`Firefox did not start: ${said.slice(0, 500)}`)));
  });
}

function connected(address: string): Promise<Socket> {
  const { ws: WebSocket } = createRequire(import.meta.url)('playwright-core/lib/utilsBundle') as {
    ws: new (url: string) => Socket;
  };
  const socket = new WebSocket(address);
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(socket));
    socket.on('error', reject);
  });
}

async function session(socket: Socket, end: () => Promise<void>): Promise<Engine> {
  const command = commandsOver(socket);
  await command('session.new', { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } });
  const { contexts } = (await command('browsingContext.getTree', {})) as { contexts: { context: string }[] };
  const context = contexts[0]?.context ?? '';
  return {
    goto: async (url) => void (await command('browsingContext.navigate', { context, url, wait: 'complete' })),
    evaluate: async (expression) => {
      const { result } = (await command('script.evaluate', {
        expression: `JSON.stringify(${expression})`,
        target: { context },
        awaitPromise: false,
      })) as { result?: { value?: string } };
      return JSON.parse(result?.value ?? 'null');
    },
    close: async () => {
      socket.close();
      await end();
    },
  };
}

function commandsOver(socket: Socket): (method: string, params: object) => Promise<unknown> {
  const waiting = new Map<number, (answer: Answer) => void>();
  let id = 0;
  socket.on('message', (data) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
  });
  return (method, params) =>
    new Promise((resolve, reject) => {
      id += 1;
      waiting.set(id, ({ result, error, message }) => {
        if (error === undefined) resolve(result);
        else reject(new Error(`${method}: ${error} ${message ?? ''}`));
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
}
