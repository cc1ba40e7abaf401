import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleTable } from '../../../src/web/console/routes.ts';
import { type ConsoleKit, consoleKit, RECORD_ID, type Visitor } from '../../support/console-kit.ts';

/** Words of developers that no office uses; what the console says instead stands in src/decisions/console.md. */
const REFUSED =
  /ジョブ|(?<![A-Za-z_])ID(?![A-Za-z_])|チェーン|イベント|稼働状況|ステータス|有効化|無効化|オクテット|テナント|レコード|エンドポイント|エクスポート|オペレータ|キュー|リトライ|ペイロード/;
const root = resolve(import.meta.dirname, '../../..');

/** What is read in Japanese: without English, code, addresses and what people wrote. */
const japaneseOf = (page: string) =>
  page
    .replace(/<(span|p|li|h\d)[^>]* lang="en">.*?<\/\1>/gs, '')
    .replace(/<code[^>]*>.*?<\/code>/gs, '')
    .replace(/<option[^>]*>([^<]*?) \/ [^<]*<\/option>/g, '$1')
    .replace(/<[^>]+>/g, ' ');

describe('the words of the console', () => {
  let kit: ConsoleKit;
  let administrator: Visitor;
  beforeAll(async () => {
    kit = await consoleKit();
    administrator = await kit.visitor('administrator');
  });
  afterAll(() => kit.close());

  it('every page says what an office says', async () => {
    const paths = consoleTable(kit.console)
      .filter(({ method, path }) => method === 'get' && !/report|\.csv|logo/.test(path))
      .map(({ path }) => path.replace(':id', RECORD_ID).replace(':tenant', 'tenant-a'));
    expect(paths.length).toBeGreaterThan(12);
    const found: string[] = [];
    for (const path of [...paths, '/console/login', '/console/enrol']) {
      const words = japaneseOf(await (await kit.get(path, administrator)).text());
      const refused = REFUSED.exec(words);
      if (refused !== null) found.push(`${path}: …${words.slice(refused.index - 12, refused.index + 20)}…`);
    }
    expect(found).toEqual([]);
  });

  it('no sentence in the source says otherwise, whichever page shows it', () => {
    const folders = [
      'src/web/console',
      ...['sp', 'gov', 'pf', 'relying-party'].map((r) => `src/roles/${r}/console`),
    ];
    const found = folders.flatMap((folder) =>
      readdirSync(join(root, folder)).flatMap((file) =>
        [...readFileSync(join(root, folder, file), 'utf8').matchAll(/\bja:\s*['`]([^'`]*)['`]/g)]
          .map(([, ja = '']) => ja)
          .filter((ja) => REFUSED.test(ja))
          .map((ja) => `${file}: ${ja}`),
      ),
    );
    expect(found).toEqual([]);
  });

  it('is really looked at', () => {
    expect(REFUSED.test('失敗したジョブ')).toBe(true);
    expect(REFUSED.test('申請のID')).toBe(true);
    expect(REFUSED.test('client_id と JITSUIN_ID')).toBe(false);
    expect(japaneseOf('<p lang="en">イベント</p><code>ID</code>番号')).toBe('番号');
  });

  it('times carry the zone', async () => {
    const page = await (await kit.get(`/console/records/${RECORD_ID}`, administrator)).text();
    const times = [...page.matchAll(/<time datetime="[^"]+Z">([^<]+)<\/time>/g)].map(([, text]) => text);
    expect(times.length).toBeGreaterThan(1);
    for (const text of times) expect(text).toMatch(/^\d{4}\/\d{2}\/\d{2} \d{2}:\d{2}:\d{2} JST$/);
  });
});
