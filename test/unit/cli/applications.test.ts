import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { documentsOf } from '../../../src/cli/applications/batch-list.ts';
import { openBatchTable, refusedRow } from '../../../src/cli/applications/batch-table.ts';
import { parseCsv } from '../../../src/cli/applications/csv.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-list-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'in/below'), { recursive: true });
for (const name of ['a.xml', 'b.XML', 'note.txt', 'below/c.xml'])
  writeFileSync(join(folder, 'in', name), '<a/>');
const list = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const idsOf = async (source: string, defaults = {}) =>
  (await documentsOf(source, defaults, join(folder, 'out.csv'))).map(({ external_id }) => external_id);

describe('parseCsv', () => {
  it.each([
    [
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      '\uFEFFa,b\nc,',
      [
        ['a', 'b'],
        ['c', ''],
      ],
    ],
    [
      '"a,\r\nb","say ""yes"""\n\nc,d',
      [
        ['a,\r\nb', 'say "yes"'],
        ['c', 'd'],
      ],
    ],
    ['', []],
  ])('%j', (text, records) => {
    expect(parseCsv(text)).toEqual(records);
  });

  it('refuses a quotation mark where none may stand, and names the line', () => {
    expect(() => parseCsv('a,b\nc,d"e\n')).toThrow(/line 2/);
  });
});

describe('what a batch is made of', () => {
  it('a folder: every XML file in and below it, by its path; with profile detached every file', async () => {
    expect(await idsOf(join(folder, 'in'))).toEqual(['a', 'b', 'below/c']);
    expect(await idsOf(join(folder, 'in'), { profile: 'detached' })).toEqual([
      ...['a.xml', 'b.XML', 'below/c.xml', 'note.txt'],
    ]);
  });

  it('a list: what a row does not say is said by the options; form is another name of profile', async () => {
    const file = list(
      'list.csv',
      'external_id,file,form,return_to\nx,in/a.xml,by-id,\ny,in/b.XML,,https://a.example/\n',
    );
    expect(
      await documentsOf(file, { profile: 'guideline', return_to: 'https://b.example/' }, ''),
    ).toMatchObject([
      { external_id: 'x', profile: 'by-id', return_to: 'https://b.example/', file: join(folder, 'in/a.xml') },
      { external_id: 'y', profile: 'guideline', return_to: 'https://a.example/' },
    ]);
  });

  it('a list: a receiver’s form takes the place of the profile of the options, and files stand beside the list', async () => {
    const file = list(
      'forms.csv',
      'external_id,file,form,files\nx,in/a.xml,egov-standard,in/note.txt|in/b.XML\n',
    );
    const [document] = await documentsOf(file, { profile: 'guideline' }, '');
    expect(document).toMatchObject({
      form: 'egov-standard',
      beside: [join(folder, 'in/note.txt'), join(folder, 'in/b.XML')],
    });
    expect(document).not.toHaveProperty('profile');
    expect((await document?.files?.())?.map(({ name }) => name)).toEqual(['note.txt', 'b.XML']);
  });

  it.each([
    [
      'a column that there is not',
      'external_id,file,colour\n',
      /profile, form, files, mode, name, element, return_to/,
    ],
    ['no column for files', 'external_id\nx\n', /external_id and file/],
    ['a file that is not there', 'external_id,file\nx,none.xml\n', /record 1: there is no file .*none\.xml/],
    ['a name twice', 'external_id,file\nx,in/a.xml\nx,in/b.XML\n', /record 2: .*"x" stands at record 1/],
    ['no name', 'external_id,file\n,in/a.xml\n', /record 1: external_id is missing/],
    ['a profile that there is not', 'external_id,file,profile\nx,in/a.xml,xml\n', /record 1: profile/],
    ['a name that is too long', `external_id,file\n${'x'.repeat(65)},in/a.xml\n`, /record 1: external_id/],
    ['not UTF-8', new Uint8Array([0x93, 0xfa, 0x96, 0x7b, 0x0a]), /UTF-8/],
    ['nothing', '', /external_id and file/],
    [
      'files without a form',
      'external_id,file,files\nx,in/a.xml,in/note.txt\n',
      /record 1: files go with a form/,
    ],
  ])('refuses before anything is sent: %s', async (_name, content, message) => {
    await expect(documentsOf(list('wrong.csv', content), {}, '')).rejects.toThrow(message);
  });
});

describe('the table of a batch', () => {
  const path = join(folder, 'table.csv');
  it('the last line of a name counts, half a line that a kill left is none, and tidy leaves one of each', async () => {
    const table = await openBatchTable(path);
    await table.put(refusedRow('x,1', 'a.xml', 'h', 'xml.syntax'));
    await table.put({ ...refusedRow('x,1', 'a.xml', 'h', ''), id: 'i-1', state: 'opened' });
    writeFileSync(path, 'y,not-', { flag: 'a' });
    const again = await openBatchTable(path);
    expect([...again.rows.values()]).toMatchObject([{ external_id: 'x,1', id: 'i-1', state: 'opened' }]);
    await again.tidy();
    expect((await openBatchTable(path)).rows.size).toBe(1);
  });

  it('another file of that name is not written over', async () => {
    const other = list('other.csv', 'name,address\nsomebody,somewhere\n');
    await expect(openBatchTable(other)).rejects.toThrow(/no table of a batch/);
  });
});
