import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { notRunUnless } from '../support/not-run.ts';
import { allBlocks, root } from './support/blocks.ts';

interface Script {
  readonly place: string;
  readonly shell: 'sh' | 'bash';
  readonly text: string;
}

/** Every file under version control, or about to be, that says it is a shell's, whatever its name. */
function files(): readonly Script[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .map((path) => ({ place: path, text: readFileSync(join(root, path), 'utf8') }))
    .flatMap(({ place, text }) => {
      const [, shell] = /^#!.*?\b(sh|bash)\b/.exec(text) ?? [];
      if (shell === undefined && !place.endsWith('.sh')) return [];
      return [{ place, shell: shell === 'sh' ? ('sh' as const) : ('bash' as const), text }];
    });
}

/** What runs in a shell inside another file: instructions of the Dockerfile, commands of the chart's pods. */
function inner(): readonly Script[] {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const runs = [...dockerfile.matchAll(/^RUN (?:--mount=\S+ \\?\s*)?((?:.*\\\n)*.*)$/gm)];
  const names = readFileSync(join(root, 'samples/helm/jitsuin/templates/_names.tpl'), 'utf8');
  const commands = [...names.matchAll(/command: \[sh, -c, "(.*)"\]/g)];
  return [
    ...runs.map(([, text = ''], index) => ({ place: `Dockerfile RUN ${index}`, shell: 'sh' as const, text })),
    ...commands.map(([, text = '']) => ({ place: 'the chart’s pods', shell: 'sh' as const, text })),
  ];
}

/** A person types these: names that stand for something are in angle brackets or end in …, which no shell reads. */
const typed = (): readonly Script[] =>
  allBlocks('sh').map(({ file, line, text }) => ({
    place: `${file}:${line}`,
    shell: 'bash',
    text: text.replaceAll('…', 'x'),
  }));

const scripts = [...files(), ...inner(), ...typed()];
const parses = ({ shell, text }: Pick<Script, 'shell' | 'text'>) =>
  spawnSync(shell, ['-n'], { input: text, encoding: 'utf8' });
/** A document's commands may leave variables to the reader, and go where only some steps lead. */
const LENIENT = ['--severity=warning', '--exclude=SC2154,SC2164,SC2034'];
const judge = ({ shell, text }: Pick<Script, 'shell' | 'text'>, lenient: boolean) =>
  spawnSync('shellcheck', [`--shell=${shell}`, ...(lenient ? LENIENT : []), '-'], {
    input: text,
    encoding: 'utf8',
  });
const available = spawnSync('shellcheck', ['--version']).status === 0;
if (!available)
  notRunUnless('JITSUIN_REQUIRE_SHELLCHECK', 'shellcheck on every script', 'apt-get install shellcheck');

describe('what ships for a shell', () => {
  it('is found: scripts with and without an ending, the images’ and the pods’ commands, the guides’', () => {
    const places = scripts.map(({ place }) => place);
    for (const place of ['.ci/run', 'scripts/servers.sh', 'scripts/engine.sh', 'the chart’s pods'])
      expect(places).toContain(place);
    expect(places.filter((place) => place.startsWith('Dockerfile RUN')).length).toBe(
      readFileSync(join(root, 'Dockerfile'), 'utf8').match(/^RUN /gm)?.length,
    );
    expect(places.filter((place) => place.startsWith('samples/guides/')).length).toBeGreaterThan(5);
  });

  it.each(scripts)('$place parses', (script) => {
    const { status, stderr } = parses(script);
    expect([status, stderr]).toEqual([0, '']);
  });

  it.skipIf(!available).each(scripts)('shellcheck finds nothing in $place', (script) => {
    const { status, stdout } = judge(script, script.place.includes('.md:'));
    expect([status, stdout]).toEqual([0, '']);
  });

  it.skipIf(!available)('is really judged: both find what is wrong', () => {
    expect(parses({ shell: 'bash', text: 'if true; then\n' }).status).not.toBe(0);
    expect(judge({ shell: 'sh', text: 'rm -rf $1/x\n' }, false).stdout).toContain('SC2086');
    expect(judge({ shell: 'bash', text: 'for f in $(ls); do rm "$g"; done; [ $x = ]\n' }, true).status).toBe(
      1,
    );
  });
});
