import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { SP_PROGRAM } from '../../src/cli/sp-program.ts';
import { serverReachable, TEST_DATABASE_URL, TEST_REDIS_URL } from '../support/servers.ts';
import { allBlocks, type Block, blocksOf, root } from './support/blocks.ts';
import { runScenario } from './support/scenario.ts';

if (!existsSync(join(root, 'dist/src/cli/main.js'))) throw new Error('run "npm run build" first');
const blocks = allBlocks('sh');
/** Commands of npm that are no script of ours. */
const OF_NPM_ITSELF = ['ci', 'init', 'install', 'prune', 'run'];
const isRun = ({ mark }: Block) => /^run=[a-z]+$/.test(mark);
/** Run by the tests in test/containers, which take them from the page by this name. */
const inContainers = ({ mark }: Block) => /^containers=([a-z-]+)$/.exec(mark)?.[1];
const scenarios = [...new Set(blocks.filter(isRun).map(({ file, mark }) => `${file} ${mark}`))]
  .map((name) => {
    const [file = '', mark = ''] = name.split(' ');
    return {
      file,
      mark,
      text: blocksOf(file)
        .filter((block) => block.mark === mark)
        .map(({ text }) => text)
        .join(''),
    };
  })
  .filter(({ file }) => !file.endsWith('.ja.md'));
const servers =
  (await serverReachable(TEST_DATABASE_URL, 'the guide to PostgreSQL')) &&
  (await serverReachable(TEST_REDIS_URL, 'the guide to Redis'));

/** Each `npx jitsuin …` and `npx jitsuin-sp …` of a script, its continued lines joined. */
function jitsuinCommands(text: string) {
  const joined = text.replaceAll('\\\n', ' ');
  return [...joined.matchAll(/npx (jitsuin|jitsuin-sp) ([^\n|&;)]*)/g)].map(
    ([, program = '', rest = '']) => ({
      commands: program === 'jitsuin-sp' ? SP_PROGRAM.commands : COMMANDS,
      line: rest.replace(/#.*/, '').trim(),
    }),
  );
}

describe('the commands in the documents', () => {
  it('are marked: run, run in containers, or only shown', () => {
    expect(blocks.length).toBeGreaterThan(10);
    const unmarked = blocks.filter(
      (block) => !isRun(block) && inContainers(block) === undefined && block.mark !== 'shown',
    );
    expect(unmarked.map(({ file, line }) => `${file}:${line}`)).toEqual([]);
  });

  it('are run where their mark says: a test in containers takes each by its name', () => {
    const named = [...new Set(blocks.map(inContainers).filter((name) => name !== undefined))];
    expect(named.length).toBeGreaterThan(5);
    const folder = join(root, 'test/containers');
    const tests = readdirSync(folder)
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('');
    const taken = [...tests.matchAll(/(?:guide|commands)\('([a-z-]+)'/g)].map(([, name]) => name);
    expect(named.filter((name) => !taken.includes(name))).toEqual([]);
  });

  it.each(blocks.map((block) => [`${block.file}:${block.line}`, block] as const))(
    '%s: every command and option is one that there is',
    async (_place, { text }) => {
      for (const { commands, line } of jitsuinCommands(text)) {
        const entry = commands.find(({ name }) => line === name || line.startsWith(`${name} `));
        expect(entry, line).toBeDefined();
        const command = await entry?.load();
        for (const [option] of line.matchAll(/(?<=\s)--[a-z-]+/g)) {
          if (option === '--help' || option === '--env-file') continue;
          expect(Object.keys(command?.declared.options ?? {}), `${option} of ${line}`).toContain(
            option.slice(2),
          );
        }
      }
      const scripts = Object.keys(
        (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }).scripts,
      );
      for (const [, script = ''] of text.matchAll(/npm (?:run )?([a-z:]+)/g)) {
        if (!OF_NPM_ITSELF.includes(script)) expect(scripts).toContain(script);
      }
    },
  );

  it('are the same in both READMEs', () => {
    const bare = (file: string) =>
      blocksOf(file)
        .filter(({ language }) => language === 'sh')
        .map(({ mark, text }) => `${mark}\n${text.replaceAll(/ +#.*$/gm, '')}`);
    expect(bare('README.ja.md')).toEqual(bare('README.md'));
  });

  it.each(scenarios.filter(({ mark }) => mark !== 'run=outgrown'))(
    '$file $mark: run as they stand',
    async ({ text }) => {
      const { status, output, loose } = await runScenario(text);
      expect(status, output).toBe(0);
      expect(loose).toEqual([]);
    },
    200_000,
  );

  describe.skipIf(!servers)('on PostgreSQL', () => {
    const database = `docs_${process.pid}`;
    const sql = async (statement: string) => {
      const client = new pg.Client({ connectionString: TEST_DATABASE_URL });
      await client.connect();
      await client.query(statement).finally(() => client.end());
    };
    beforeAll(() => sql(`create database ${database}`));
    afterAll(() => sql(`drop database if exists ${database} with (force)`));

    it.each(scenarios.filter(({ mark }) => mark === 'run=outgrown'))(
      '$file $mark: run as they stand',
      async ({ text }) => {
        const url = new URL(TEST_DATABASE_URL);
        url.pathname = `/${database}`;
        const { status, output, loose } = await runScenario(text, {
          DATABASE_URL: url.href,
          REDIS_URL: TEST_REDIS_URL,
        });
        expect(status, output).toBe(0);
        expect(loose).toEqual([]);
      },
      200_000,
    );
  });
});
