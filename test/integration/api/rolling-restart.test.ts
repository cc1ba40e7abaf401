import { spawn } from 'node:child_process';
import {
  Agent,
  createServer,
  request as forward,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOCUMENT } from '../../support/api-worlds.ts';
import { freePorts } from '../../support/ports.ts';
import { api, type RpWorld, startRpWorld, submit } from '../rp/world.ts';

const PER_SECOND = 20;

/**
 * Before the nodes, with connections kept open. What HTTP lets it send again goes to the next node: a refused connection, and a
 * kept one that was closed meanwhile. Anything else is 502.
 */
function balancer(ports: readonly number[]): Server {
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const pass = (
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
    node: number,
    more: number,
  ) => {
    const { method = 'GET', url: path = '/', headers } = request;
    const out = forward({
      agent,
      host: '127.0.0.1',
      port: ports[node % ports.length],
      method,
      path,
      headers,
    });
    out.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    out.on('error', (error: NodeJS.ErrnoException) => {
      if ((error.code === 'ECONNREFUSED' || out.reusedSocket) && more > 0)
        pass(request, body, response, node + 1, more - 1);
      else response.writeHead(502).end(error.code);
    });
    out.end(body);
  };
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      turn += 1;
      pass(request, Buffer.concat(chunks), response, turn, ports.length);
    });
  });
}

interface Node {
  /** SIGTERM; gives the exit status, undefined when it had to be killed. */
  stop(): Promise<number | undefined>;
}

/** `jitsuin serve --role sp` as an operator starts it, with a timer that nothing clears. */
async function startNode(world: RpWorld, port: number): Promise<Node> {
  const entry = resolve(import.meta.dirname, '../../../src/cli/main.ts');
  const left = `data:text/javascript,setInterval(()=>0,${2 ** 30})`;
  const child = spawn(
    process.execPath,
    ['--import', left, '--import', 'tsx', entry, 'serve', '--role', 'sp'],
    {
      env: { ...process.env, ...world.env('sp'), JITSUIN_PORT: String(port) },
      stdio: 'ignore',
    },
  );
  const exited = new Promise<number | undefined>((done) =>
    child.once('exit', (status) => done(status ?? undefined)),
  );
  const alive = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await alive())) await new Promise((again) => setTimeout(again, 100));
  return {
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 31_000);
      const status = await exited;
      clearTimeout(timer);
      return status;
    },
  };
}

let world: RpWorld;
let entrance: Server;
let nodes: Node[];
const ports = await freePorts(2);
beforeAll(async () => {
  world = await startRpWorld('sp', { env: { JITSUIN_TENANT_RATE: '1000' } });
  nodes = await Promise.all(ports.map((port) => startNode(world, port)));
  entrance = balancer(ports);
  await new Promise<void>((listening) => entrance.listen(0, '127.0.0.1', listening));
}, 120_000);
afterAll(async () => {
  entrance.close();
  entrance.closeAllConnections();
  await Promise.all(nodes.map((node) => node.stop()));
  await world.close();
}, 60_000);

describe(`a rolling restart of two nodes under ${PER_SECOND} requests a second (Q17)`, () => {
  it('loses no request, and every process ends by itself', { timeout: 180_000 }, async () => {
    const { port } = entrance.address() as AddressInfo;
    const through = { ...world, url: `http://127.0.0.1:${port}` };
    const told = async (answer: Response) =>
      answer.ok ? answer.status : `${answer.status} ${await answer.text()}`;
    const ask = (n: number) =>
      (n % 2 === 0 ? api(through, '/v1/applications?limit=5') : submit(through, DOCUMENT)).then(told, String);
    let restarting = true;
    const restarts = (async () => {
      for (const [index, node] of nodes.entries()) {
        expect(await node.stop()).toBe(0);
        nodes[index] = await startNode(world, ports[index] ?? 0);
      }
    })().finally(() => {
      restarting = false;
    });
    const answers: Promise<string | number>[] = [];
    for (let n = 0; restarting; n += 1) {
      answers.push(ask(n));
      await new Promise((next) => setTimeout(next, 1000 / PER_SECOND));
    }
    await restarts;
    expect(new Set(await Promise.all(answers))).toEqual(new Set([200, 201]));
  });
});
