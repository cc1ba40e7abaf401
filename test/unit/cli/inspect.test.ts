import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { command as inspect } from '../../../src/cli/inspect.ts';
import { APPLICATION } from '../../support/xmldsig/documents.ts';
import { replaceOnce, signDocument } from '../../support/xmldsig/signing.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-inspect-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(name: string, content: string | Uint8Array, ...options: string[]) {
  const path = join(folder, name);
  writeFileSync(path, content);
  let out = '';
  const stdout = (text: string) => {
    out += text;
  };
  const status = await inspect.run([path, ...options], {
    ...{ stdout, stderr: stdout, isTty: false, env: {} },
    signal: new AbortController().signal,
  });
  return { status, out };
}

async function inspected(document: string) {
  const { status, out } = await run('document.xml', document, '--json');
  expect(status).toBe(0);
  const [file] = (JSON.parse(out) as { files: { inspection: Found }[] }).files;
  if (file === undefined) throw new Error('nothing was inspected');
  return file.inspection;
}

interface Found {
  readonly signatures: readonly {
    readonly path: readonly string[];
    readonly layout: string;
    readonly valueLength?: number;
    readonly references: readonly {
      readonly target: string;
      readonly name?: string;
      readonly found?: number;
    }[];
    readonly certificates: readonly { readonly subject: string }[];
  }[];
  readonly otherSignatures: readonly { readonly namespace: string }[];
  readonly forms: readonly { readonly name: string; readonly fits: boolean; readonly difference?: string }[];
}

const fitting = ({ forms }: Found) => forms.filter(({ fits }) => fits).map(({ name }) => name);
const DSIG = 'http://www.w3.org/2000/09/xmldsig#';

describe('jitsuin inspect', () => {
  it.each(['enveloped', 'guideline'] as const)(
    'names form %s, its Reference and its certificate',
    async (profile) => {
      const found = await inspected(signDocument(APPLICATION, profile));
      expect(fitting(found)).toEqual(profile === 'enveloped' ? ['enveloped', 'w3c-enveloped'] : [profile]);
      expect(found.signatures).toHaveLength(1);
      expect(found.signatures[0]).toMatchObject({ layout: 'enveloped', valueLength: 256 });
      expect(found.signatures[0]?.certificates[0]?.subject).toContain('SIMULATED signer');
    },
  );

  it('says of a forged value what it says of a right one: nothing is judged', async () => {
    const signed = signDocument(APPLICATION, 'enveloped');
    const forged = replaceOnce(signed, /(SignatureValue>)[^<]{4}/, (_, tag) => `${tag}AAAA`);
    expect(fitting(await inspected(forged))).toEqual(['enveloped', 'w3c-enveloped']);
    const { out } = await run('forged.xml', forged);
    expect(out).toContain('Nothing was judged');
    expect(out).not.toMatch(/PASSED|FAILED|valid/);
  });

  it('names what each form has otherwise where none fits', async () => {
    const signed = signDocument(APPLICATION, 'enveloped');
    const extra = replaceOnce(signed, /<\/(\w+:)?SignedInfo>/, (end, p) => `<${p}Reference/>${end}`);
    const found = await inspected(extra);
    expect(fitting(found)).toEqual([]);
    expect(found.forms.every(({ difference }) => (difference ?? '') !== '')).toBe(true);
  });

  it('tells enveloping, detached, an ID that several have, and a Signature of another namespace', async () => {
    const signature = (inside: string, uri: string) =>
      `<Signature xmlns="${DSIG}"><SignedInfo><Reference URI="${uri}"/></SignedInfo>${inside}</Signature>`;
    const enveloping = await inspected(signature('<Object Id="a">x</Object>', '#a'));
    expect(enveloping.signatures[0]).toMatchObject({ layout: 'enveloping' });
    const detached = await inspected(signature('', 'plan.pdf'));
    expect(detached.signatures[0]).toMatchObject({ layout: 'detached' });
    expect(detached.signatures[0]?.references[0]).toMatchObject({ target: 'file', name: 'plan.pdf' });
    const twice = await inspected(`<r><b Id="a"/><c ID="a"/>${signature('', '#a')}</r>`);
    expect(twice.signatures[0]?.references[0]).toMatchObject({ target: 'element', name: 'b', found: 2 });
    const other = await inspected('<r><s:Signature xmlns:s="urn:example:seal"/></r>');
    expect(other.signatures).toEqual([]);
    expect(other.otherSignatures).toEqual([{ localName: 'Signature', namespace: 'urn:example:seal' }]);
  });

  it('says 1 and what it is of a file that is no XML, and nothing that moves a cursor', async () => {
    expect(await run('a.pdf', '%PDF-1.7')).toMatchObject({
      status: 1,
      out: expect.stringContaining('a PDF'),
    });
    expect(await run('a.xml', '<r>')).toMatchObject({ status: 1, out: expect.stringContaining('xml.') });
    const { out } = await run('b.xml', '<r><!--\u202e--><a\u0301/></r>');
    expect(out).not.toContain('\u202e');
  });
});
