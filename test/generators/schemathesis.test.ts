import { spawn } from 'node:child_process';
import { createServer, type RequestOptions, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiRole } from '../../src/contracts/operations/operation.ts';
import { type ApiWorld, startApiWorld } from '../support/api-worlds.ts';
import { have, tool } from './generated.ts';

/** Where it stands as Authorization, the tenant's own credential goes out. */
const STAND_IN = 'Bearer of-the-tenant';
const ROLES: readonly ApiRole[] = ['sp', 'gov', 'pf'];
/** Cases drawn for each operation beside those of the phase "coverage"; `JITSUIN_FUZZ_API` asks for more. */
const EXAMPLES = process.env['JITSUIN_FUZZ_API'] ?? '5';
/**
 * Left out: `positive_data_acceptance` and `missing_required_header` expect 2xx for whatever has the right form, and 4xx
 * only for what has not: a document that is no XML, or an id of nobody, has the form.
 */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'use_after_free',
  'ensure_resource_availability',
].join(',');

describe.runIf(have('schemathesis', tool('venv/bin/st'))).each(ROLES)(
  'schemathesis at %s',
  { timeout: 900_000 },
  (role) => {
    let world: ApiWorld;
    let front: Server;
    beforeAll(async () => {
      world = await startApiWorld(role);
      const { hostname, port } = new URL(world.url);
      // a platform operator's tenant signs each request anew, which no option of a fuzzer can do
      front = createServer(async (coming, going) => {
        const headers = [...coming.rawHeaders];
        const bearer = headers.indexOf(STAND_IN);
        if (bearer >= 0) headers[bearer] = await world.mine();
        const { method = 'GET', url: path = '/' } = coming;
        const options: RequestOptions = { hostname, port, method, path, headers };
        const asked = request(options, (answer) => {
          going.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
          answer.pipe(going);
        });
        asked.once('error', () => going.destroy());
        coming.pipe(asked);
      }).listen(0, '127.0.0.1');
      await new Promise((listening) => front.once('listening', listening));
    });
    afterAll(async () => {
      front?.closeAllConnections();
      front?.close();
      await world?.close();
    });

    it('finds no answer that the document does not have', async () => {
      const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
      const options = [
        'run',
        `${url}/openapi.json`,
        '--url',
        url,
        '--header',
        `Authorization: ${STAND_IN}`,
        '--checks',
        CHECKS, // 503 is what it says here: these worlds have no worker
        '--exclude-path',
        '/readyz',
        '--seed',
        '20261130',
      ];
      const limits = [
        '--max-examples',
        EXAMPLES,
        '--request-timeout',
        '20',
        '--no-color',
        '--phases',
        'examples,coverage,fuzzing',
      ];
      const { status, said } = await run(tool('venv/bin/st'), [...options, ...limits]);
      process.stderr.write(`${role}: ${said.slice(said.lastIndexOf('SUMMARY'))}\n`);
      expect(`${status}\n${status === 0 ? '' : failuresIn(said)}`).toBe('0\n');
    });
  },
);

/** What was wrong with which call; the rest of the report says how it was drawn. */
function failuresIn(said: string): string {
  return said.slice(said.indexOf('= FAILURES'), said.lastIndexOf('SUMMARY')).slice(0, 20_000);
}

function run(
  command: string,
  args: readonly string[],
): Promise<{ readonly status: number | null; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, COLUMNS: '160' } });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece: Buffer) => {
        said += piece.toString();
      });
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, said }));
  });
}
