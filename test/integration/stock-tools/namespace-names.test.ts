import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { namespaceConstruct } from '../../../src/core/c14n/disputed.ts';
import { isRelative } from '../../../src/core/c14n/namespace-names.ts';
import { notRunUnless } from '../../support/not-run.ts';

const xmllint = spawnSync('xmllint', ['--version']).status === 0;
if (!xmllint)
  notRunUnless('JITSUIN_REQUIRE_PEERS', 'namespace names against libxml2', 'apt-get install libxml2-utils');

const CHARACTERS = [
  ...Array.from({ length: 0x7f - 0x20 }, (_, index) => String.fromCharCode(0x20 + index)),
  ...['\t', '\n', '\r', '\x7f', '\x80', 'あ', '%41', '//', '::', ':/', '%4'],
];
const POSITIONS = [
  ...['@urn:x', 'u@n:x', 'urn:@', 'urn:x@y', 'urn:x@', 'x:@/b', 'http:@'],
  ...[
    'http://@',
    'http://h@h/a',
    'http://u@u@h/a'.replace('@h', '\u0000h'),
    'http://h:8@0/a',
    'http://h:@',
    'http://h:@/',
  ],
  ...['http://h/a@b', 'http://h/a@', 'http://h/a?q@b', 'http://h/a#q@b', 'http://[::1@]/', 'http://[@]:80/'],
];
const PORTS = ['', '0', '00080', '65536', '2147483647', '2147483648', '99999999999'];
const NAMES = [
  ...POSITIONS.flatMap((position) =>
    CHARACTERS.map((character) => position.replace('@', () => character).replace('\u0000', '@')),
  ),
  ...PORTS.flatMap((port) => [
    `http://h:${port}`,
    `http://h:${port}/a`,
    `http://h:${port}?q`,
    `http://h:${port}#f`,
  ]),
];

/** The names of which libxml2 canonicalizes a document. */
function takenByLibxml2(names: readonly string[]): ReadonlySet<string> {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-names-'));
  try {
    const escaped = (name: string) =>
      name.replace(/[&<"\t\n\r]/g, (character) => `&#${character.codePointAt(0)};`);
    const files = names.map((name, index) => {
      const path = join(folder, `${index}.xml`);
      writeFileSync(path, `<r n="${index}" xmlns:p="${escaped(name)}"/>`);
      return path;
    });
    const { stdout } = spawnSync('xmllint', ['--c14n', ...files], { maxBuffer: 64 * 1024 * 1024 });
    const numbers = [...stdout.toString().matchAll(/ n="([0-9]+)"><\/r>/g)].map(([, number]) =>
      Number(number),
    );
    return new Set(numbers.map((number) => names[number] ?? ''));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const refusedBeforeSigning = (name: string) => isRelative(name) || namespaceConstruct(name) !== undefined;

describe.runIf(xmllint)('namespace names, over characters and positions', () => {
  const taken = takenByLibxml2(NAMES);

  it('libxml2 takes some and refuses some, so that the comparison means something', () => {
    expect(taken.size).toBeGreaterThan(500);
    expect(NAMES.length - taken.size).toBeGreaterThan(300);
  });

  it('nothing is signed that libxml2 refuses to canonicalize', () => {
    expect(NAMES.filter((name) => !refusedBeforeSigning(name) && !taken.has(name))).toEqual([]);
  });

  it('what libxml2 takes and RFC 3986 allows is signed', () => {
    // Brackets are for IPv6 addresses only (section 3.2.2); & < " are not escaped by libxml2 in namespace names.
    const over = NAMES.filter((name) => refusedBeforeSigning(name) && taken.has(name));
    expect(over.filter((name) => !/[[\]&<"]/.test(name))).toEqual([]);
  });
});
