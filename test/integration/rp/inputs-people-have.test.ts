import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { ERROR_ADVICE } from '../../../src/core/error-advice.ts';
import type { ErrorCode } from '../../../src/core/errors.ts';
import { type RpWorld, startRpWorld, submit } from './world.ts';

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const declared = (encoding: string, hex: string): Uint8Array =>
  Buffer.concat([Buffer.from(`<?xml version="1.0" encoding="${encoding}"?>`), Buffer.from(hex, 'hex')]);

interface Input {
  readonly octets: string | Uint8Array;
  readonly profile?: 'by-id';
  readonly code: ErrorCode;
  /** Of the commands; wrong input is 2. */
  readonly status?: 1;
  /** What the message must tell, so that it helps. */
  readonly told: RegExp;
}

/** Inputs that people really have, each with the answer that helps. */
const INPUTS: Readonly<Record<string, Input>> = {
  'declared Shift_JIS': {
    octets: declared('Shift_JIS', '3c723e905c90bf3c2f723e'),
    code: 'xml.encoding',
    told: /Shift_JIS.*iconv.*detached/s,
  },
  'declared EUC-JP': {
    octets: declared('EUC-JP', '3c723ebfbdc0c13c2f723e'),
    code: 'xml.encoding',
    told: /EUC-JP.*iconv.*detached/s,
  },
  'declared ISO-2022-JP': {
    octets: declared('ISO-2022-JP', '3c723e1b24423f3d1b28423c2f723e'),
    code: 'xml.encoding',
    told: /ISO-2022-JP.*iconv.*detached/s,
  },
  'UTF-16 with a byte order mark': {
    octets: Buffer.from('\ufeff<?xml version="1.0" encoding="UTF-16"?><r/>', 'utf16le'),
    code: 'xml.encoding',
    told: /UTF-16.*iconv.*detached/s,
  },
  'encoding="UTF8"': { octets: declared('UTF8', '3c722f3e'), code: 'xml.encoding', told: /"UTF-8"/ },
  'a full-width element name': {
    octets: '<届出><ＡＢＣ/></届出>',
    code: 'c14n.disputed-construct',
    status: 1,
    told: /ＡＢＣ.*"ABC"/s,
  },
  'an empty placeholder Signature': {
    octets: `<届出><Signature xmlns="${DSIG}"/></届出>`,
    code: 'xmldsig.already-signed',
    told: /placeholder.*Remove it/s,
  },
  'an Id spelled otherwise': {
    octets: '<届出><申請 ID="a">x</申請></届出>',
    profile: 'by-id',
    code: 'xmldsig.signed-element',
    told: /"ID".*must be "Id"/s,
  },
  'an enveloping signature': {
    octets: `<Signature xmlns="${DSIG}"><SignedInfo/><Object>x</Object></Signature>`,
    code: 'xmldsig.already-signed',
    told: /enveloping signature/,
  },
  'a detached signature': {
    octets: `<Signature xmlns="${DSIG}"><SignedInfo/></Signature>`,
    code: 'xmldsig.already-signed',
    told: /detached signature/,
  },
  'a namespace name that libxml2 refuses': {
    octets: '<届出 xmlns:x="urn:a b"><x:氏名/></届出>',
    code: 'c14n.disputed-construct',
    status: 1,
    told: /RFC 3986/,
  },
  'more elements deep than are read': {
    octets: `${'<a>'.repeat(2000)}${'</a>'.repeat(2000)}`,
    code: 'xml.limit',
    told: /nested too deeply/,
  },
  'a document type': { octets: '<!DOCTYPE r><r/>', code: 'xml.dtd', told: /./ },
};

/** What is signed, although it looks like one of those. */
const TAKEN: Readonly<Record<string, string>> = {
  'an element called Signature of another namespace':
    '<届出><Signature xmlns="urn:x">署名欄</Signature></届出>',
  'CRLF, a byte order mark and CDATA': '\ufeff<届出>\r\n<![CDATA[x]]></届出>',
};

describe('inputs that people have are told alike by prepare, demo and the API', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-inputs-'));
  let world: RpWorld;
  beforeAll(async () => {
    world = await startRpWorld('gov');
  });
  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(...args: string[]): Promise<{ status: number; told: string }> {
    let told = '';
    const say = (text: string) => {
      told += text;
    };
    const io = {
      stdout: say,
      stderr: say,
      isTty: false,
      env: { LANG: 'en_US.UTF-8' },
      signal: new AbortController().signal,
    };
    return { status: await main(args, io), told };
  }

  function file(octets: string | Uint8Array): string {
    const path = join(folder, `${crypto.randomUUID()}.xml`);
    writeFileSync(path, octets);
    return path;
  }

  it.each(Object.entries(INPUTS))(
    '%s',
    async (_what, { octets, profile, code, status: wanted = 2, told }) => {
      const path = file(octets);
      const option = profile === undefined ? [] : ['--profile', profile];
      const prepared = await run('prepare', path, ...option);
      const demo = await run('demo', path, '--out', join(folder, 'out'), ...option);
      for (const { status, told: said } of [prepared, demo]) {
        expect([status, said.includes(code)]).toEqual([wanted, true]);
        expect(said).toMatch(told);
        expect(said.replace(/\s+/g, ' ')).toContain(ERROR_ADVICE[code][1].replace(/\s+/g, ' '));
      }
      const query = profile === undefined ? '' : `?profile=${profile}`;
      const answer = await submit(world, octets, { query });
      const problem = (await answer.json()) as { code: string; detail?: string };
      expect([problem.code, answer.status >= 400 && answer.status < 500]).toEqual([code, true]);
      expect(problem.detail).toMatch(told);
    },
  );

  it.each(Object.entries(TAKEN))('%s: signed like any other', async (_what, octets) => {
    expect((await run('prepare', file(octets))).status).toBe(0);
    expect((await submit(world, octets)).status).toBe(201);
  });

  it('above a limit the limit and its variable are told', async () => {
    const answer = await submit(world, `<r>${'x'.repeat(6 * 1024 * 1024)}</r>`);
    const problem = (await answer.json()) as { code: string; detail?: string };
    expect([answer.status, problem.code]).toEqual([413, 'http.body-size']);
    expect(problem.detail).toMatch(/\d.*JITSUIN_BODY_LIMIT/s);
  });
});
