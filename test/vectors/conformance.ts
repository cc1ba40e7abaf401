/**
 * `npm run conformance -- --suites DIR [--only NAME,…] [--verbose]`: runs published vectors where they lie. Exit status
 * 0 when every case in scope passed, 1 when one did not, 2 for wrong use or missing vectors.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { c14nSuite } from './c14n.ts';
import { explainSuite } from './explain.ts';
import { indicationsSuite } from './indications.ts';
import { limboSuite } from './limbo.ts';
import { pkitsSuite } from './pkits.ts';
import { receiversSuite } from './receivers.ts';
import type { Suite } from './suite.ts';
import { trustGraphsSuite } from './trust-graphs.ts';
import { wycheproofSuite } from './wycheproof.ts';

const SUITES: readonly Suite[] = [
  c14nSuite,
  pkitsSuite,
  limboSuite,
  trustGraphsSuite,
  wycheproofSuite,
  indicationsSuite,
  receiversSuite,
  explainSuite,
];

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      suites: { type: 'string' },
      only: { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  });
  if (values.suites === undefined) return wrongUse('--suites DIR is missing.');
  const wanted = values.only?.split(',') ?? SUITES.map(({ name }) => name);
  const chosen = SUITES.filter(({ name }) => wanted.includes(name));
  if (chosen.length !== wanted.length)
    return wrongUse(`Suites: ${SUITES.map(({ name }) => name).join(', ')}.`);
  let failures = 0;
  for (const suite of chosen) {
    const directory = join(values.suites, suite.folder);
    if (!existsSync(directory)) return wrongUse(`No vectors at ${directory}.`);
    const { passed, failed, listed } = await suite.run(directory);
    failures += failed.length;
    console.log(`${suite.name}: ${passed} passed, ${failed.length} failed, ${listed.length} listed`);
    for (const { case: name, reason } of failed) console.log(`  FAILED ${name}: ${reason}`);
    if (values.verbose)
      for (const { case: name, reason } of listed) console.log(`  listed ${name}: ${reason}`);
  }
  return failures === 0 ? 0 : 1;
}

function wrongUse(message: string): number {
  console.error(message);
  return 2;
}

process.exitCode = await main();
