import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTlog } from '../../../src/adapters/transparency/open-tlog.ts';
import type { Command, CommandIo } from '../../../src/cli/command.ts';
import { logKeygen } from '../../../src/cli/log/keygen.ts';
import { logVerify } from '../../../src/cli/log/verify.ts';
import { witness } from '../../../src/cli/log/witness.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { LogItem, PublicLog } from '../../../src/ports/public-log.ts';
import { startSample, toolAvailable } from '../samples/sample-process.ts';

const GO = '/usr/bin/go';
const SIZE = 258;
const NOW = Date.now() as EpochMillis;
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-foreign-'));
const abort = new AbortController();
const said = { out: '', err: '' };
let serving: Promise<number>;
let keys: { log: string; witness: string };
let witnessUrl = '';
const receipt = (n: number): LogItem => ({ kind: 'receipt', id: `id-${n}`, content: `receipt ${n}` });

async function run(command: Command, ...args: string[]): Promise<{ status: number; out: string }> {
  let out = '';
  const io = {
    stdout: (text: string) => {
      out += text;
    },
    stderr: () => undefined,
    env: {},
    isTty: false,
  };
  const status = await command.run(args, { ...io, signal: abort.signal } as CommandIo);
  return { status, out };
}

beforeAll(async () => {
  const log = await run(logKeygen, '--name', 'log.example.jp/jitsuin', '--out', join(folder, 'log.json'));
  const own = await run(logKeygen, '--name', 'w.example', '--witness', '--out', join(folder, 'witness.json'));
  keys = { log: log.out.trim(), witness: own.out.trim() };
  let heard = (): void => undefined;
  const listening = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const io = {
    stdout: (text: string) => {
      said.out += text;
      heard();
    },
    stderr: (text: string) => {
      said.err += text;
    },
    env: {},
    isTty: false,
    signal: abort.signal,
  } as CommandIo;
  const place = ['--dir', join(folder, 'memory'), '--key', join(folder, 'witness.json'), '--port', '0'];
  serving = witness.run([...place, '--log', keys.log], io);
  await listening;
  witnessUrl = said.out.split('\n')[1] ?? '';
  const witnesses = JSON.stringify([{ url: witnessUrl, key: keys.witness }]);
  writeFileSync(join(folder, 'witnesses.json'), witnesses);
});
afterAll(async () => {
  abort.abort();
  await serving;
  rmSync(folder, { recursive: true, force: true });
});

async function open(tlogDir: string): Promise<PublicLog> {
  const opened = await openTlog({
    tlogDir,
    tlogKeyFile: join(folder, 'log.json'),
    tlogWitnessesFile: join(folder, 'witnesses.json'),
    tlogLeastBatch: 4,
    loopbackHttp: 'allowed',
  });
  if (opened === undefined) throw new Error('not open');
  return opened.log;
}

describe.skipIf(!toolAvailable(GO, 'go', 'apt-get install golang-go'))('a public log', () => {
  it('is proved by golang.org/x/mod, and refused when a tile or the head was changed', async () => {
    const place = join(folder, 'tlog');
    const log = await open(place);
    for (let n = 0; n < SIZE; n += 1) await log.append(NOW, [receipt(n)], { until: NOW });
    expect(await log.witness()).toEqual({ signed: 1, of: 1 });
    const program = join(folder, 'foreign');
    const source = fileURLToPath(new URL('./foreign', import.meta.url));
    const env = { ...process.env, GOCACHE: join(folder, 'go-cache'), GOFLAGS: '-mod=mod' };
    const built = await startSample(GO, ['build', '-o', program, '.'], env, source).ended();
    expect(built.status, built.output).toBe(0);
    const verify = (at: string) =>
      startSample(
        program,
        [join(at, 'public'), keys.log, keys.witness, '0', '255', '256', '257'],
        env,
      ).ended();
    expect(await verify(place)).toEqual({ status: 0, output: `PROVED ${SIZE}\n` });
    for (const name of ['tile/0/000', 'tile/1/000.p/1', 'tile/entries/000', 'checkpoint']) {
      const changed = join(folder, 'changed');
      cpSync(place, changed, { recursive: true });
      const path = join(changed, 'public', name);
      const octets = readFileSync(path);
      octets.writeUInt8(octets.readUInt8(30) ^ 1, 30);
      writeFileSync(path, octets);
      expect((await verify(changed)).status, name).not.toBe(0);
      rmSync(changed, { recursive: true });
    }
  }, 300_000);
});

describe('jitsuin log verify', () => {
  it('judges a receipt offline, and the witness that served it refuses a split view', async () => {
    const place = join(folder, 'tlog');
    rmSync(place, { recursive: true, force: true });
    // the witness of the test above remembers: this log is another history
    const forked = await open(place);
    await forked.append(NOW, [receipt(1)], { until: NOW });
    const outcome = await forked.witness().catch((thrown: unknown) => thrown);
    const remembers = said.err.includes('shrunken');
    if (remembers) expect(outcome).toMatchObject({ code: 'tlog.broken' });
    const proof = join(folder, 'proof.json');
    const file = join(folder, 'receipt.jws');
    writeFileSync(proof, JSON.stringify(await forked.proof(receipt(1))));
    writeFileSync(file, 'receipt 1\n');
    const args = [file, '--proof', proof, '--log', keys.log];
    expect((await run(logVerify, ...args)).status).toBe(0);
    const seen = await run(logVerify, ...args, '--witness', keys.witness);
    expect(seen.status).toBe(remembers ? 1 : 0);
    writeFileSync(file, JSON.stringify({ id: 'id-1', receipt: 'receipt 2' }));
    expect((await run(logVerify, ...args)).status).toBe(1);
    expect((await run(logVerify, ...args, '--json')).out).toContain('"in_log":false');
    writeFileSync(proof, '{}');
    await expect(run(logVerify, ...args)).rejects.toMatchObject({ code: 'tlog.invalid' });
  });
});
