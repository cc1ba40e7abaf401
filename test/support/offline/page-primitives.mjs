// `node --import` this: src/core and src/verifier hash and verify with what the page has, as the programs of test/vectors and vitest run.
import { register } from 'node:module';

register('./page-primitives-hook.mjs', import.meta.url);
