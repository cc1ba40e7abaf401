import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { notRunUnless } from '../../support/not-run.ts';
import { freePorts } from '../../support/ports.ts';
import type { Engine } from './engine.ts';

const DRIVER = '/usr/bin/WebKitWebDriver';
const DISPLAY = '/usr/bin/Xvfb';

/** True when there is WebKit with its driver and a display. Otherwise one loud line. */
export function webkitAvailable(): boolean {
  if (existsSync(DRIVER) && existsSync(DISPLAY)) return true;
  notRunUnless('JITSUIN_REQUIRE_BROWSER', 'walks in WebKit', 'apt-get install webkit2gtk-driver xvfb');
  return false;
}

/** MiniBrowser under WebKitWebDriver, on a display of its own. */
export async function openWebkit(): Promise<Engine> {
  const number = 100 + (process.pid % 800);
  const display = spawn(DISPLAY, [`:${number}`, '-screen', '0', '1024x768x24', '-nolisten', 'tcp'], {
    stdio: 'ignore',
  });
  const [port = 0] = await freePorts(1);
  const driver = spawn(DRIVER, [`--port=${port}`], {
    stdio: 'ignore',
    env: {
      ...process.env,
      DISPLAY: `:${number}`,
      LIBGL_ALWAYS_SOFTWARE: '1',
      WEBKIT_DISABLE_COMPOSITING_MODE: '1',
    },
  });
  const end = () => [driver, display].forEach(kill);
  try {
    return await session(`http://127.0.0.1:${port}`, end);
  } catch (thrown) {
    end();
    throw thrown;
  }
}

async function session(driver: string, end: () => void): Promise<Engine> {
  const { sessionId } = (await eventually(() =>
    command(driver, 'POST', '/session', { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } }),
  )) as { sessionId: string };
  const path = `/session/${sessionId}`;
  return {
    goto: async (url) => void (await command(driver, 'POST', `${path}/url`, { url })),
    evaluate: (expression) =>
      command(driver, 'POST', `${path}/execute/sync`, { script: `return (${expression});`, args: [] }),
    close: async () => {
      await command(driver, 'DELETE', path).catch(() => undefined);
      end();
    },
  };
}

/** One command of WebDriver (W3C): its `value`. */
async function command(driver: string, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${driver}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const { value } = (await answer.json()) as { value: unknown };
  if (!answer.ok) throw new Error(`WebDriver ${path}: ${JSON.stringify(value).slice(0, 300)}`);
  return value;
}

/** The driver needs a moment before it listens. */
async function eventually<Result>(call: () => Promise<Result>, times = 40): Promise<Result> {
  try {
    return await call();
  } catch (thrown) {
    if (times === 0) throw thrown;
    await new Promise((resolve) => setTimeout(resolve, 250));
    return eventually(call, times - 1);
  }
}

function kill(child: ChildProcess): void {
  child.kill('SIGTERM');
}
