import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readTlogKey } from '../../adapters/transparency/tlog-key.ts';
import {
  type OpenWitness,
  openWitness,
  type WitnessReply,
} from '../../adapters/transparency/witness-folder.ts';
import { asJitsuinError } from '../../core/errors.ts';
import { readVerifier, verifierText } from '../../core/transparency/signed-note.ts';
import { type Command, UsageError } from '../command.ts';
import { declareCommand } from '../declare-command.ts';

const MOST_OCTETS = 65_536;

export const witness: Command = declareCommand({
  name: 'witness',
  about: `Watches public logs for a tenant or an auditor (C2SP tlog-witness): signs a head only when it goes on from the
one that it signed before, refuses everything else, and forgets nothing. What a log's own key signed twice, a tree that
shrank or another one of the same size, is kept in DIR/alarms as proof, and told on standard error.

DIR is its memory: keep it on a disk of its own, and never put it back from a backup. Before it stands what does TLS.`,
  options: {
    dir: { type: 'string', value: 'DIR', needed: true, means: 'its memory' },
    key: { type: 'string', value: 'FILE', needed: true, means: 'its key (jitsuin log keygen --witness)' },
    log: {
      type: 'string',
      value: 'KEY',
      multiple: true,
      needed: true,
      means: 'public key of a log that it watches',
    },
    host: { type: 'string', value: 'ADDRESS', default: '127.0.0.1', means: 'where it listens' },
    port: { type: 'string', value: 'PORT', default: '7980', means: '0 takes a free one' },
  },
  async run({ dir, key, log, host, port }, _operands, io) {
    const logs = log.map(readVerifier);
    if (logs.some(({ type }) => type !== 'log')) throw new UsageError('--log is not the key of a log.');
    if (!/^[0-9]{1,5}$/.test(port)) throw new UsageError(`--port ${port} is no port.`);
    const { signer } = await readTlogKey(key, 'witness');
    const alarm = (origin: string, what: string) =>
      io.stderr(`${JSON.stringify({ level: 'error', event: 'witness.alarm', origin, what })}\n`);
    const open = openWitness({ folder: dir, signer, logs, now: Date.now, alarm });
    const server = createServer(async (request, response) => {
      const { status, type, body } = await answer(open, request, io.stderr);
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    server.requestTimeout = 10_000;
    try {
      server.listen(Number(port), host);
      await once(server, 'listening');
      const { port: taken } = server.address() as AddressInfo;
      io.stdout(`${verifierText(signer)}\nhttp://${host}:${taken}\n`);
      if (!io.signal.aborted) await once(io.signal, 'abort');
      return 0;
    } finally {
      server.closeAllConnections();
      server.close();
      open.close();
    }
  },
});

async function answer(
  open: OpenWitness,
  request: IncomingMessage,
  tell: (text: string) => void,
): Promise<WitnessReply> {
  const type = 'text/plain; charset=utf-8';
  if (request.method !== 'POST' || request.url !== '/add-checkpoint')
    return { status: 404, type, body: 'not here\n' };
  try {
    const chunks: Buffer[] = [];
    let octets = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      octets += chunk.length;
      if (octets > MOST_OCTETS) return { status: 400, type, body: 'too long\n' };
      chunks.push(chunk);
    }
    // one after the other, and on the disk before the answer: nothing in between is waited for
    return open.addCheckpoint(Buffer.concat(chunks).toString('utf8'));
  } catch (thrown) {
    const { code } = asJitsuinError(thrown);
    tell(`${JSON.stringify({ level: 'error', event: 'witness.failed', code })}\n`);
    return { status: 500, type, body: 'failed\n' };
  }
}
