/**
 * `peak.mjs FILE parsed|streamed OWN`: canonicalizes a file by the compiled modules below OWN, and prints one line of JSON. Run
 * apart and as plain JavaScript, so that the memory is that of Node and of what is measured.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [file, way, own] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(own, path)).href);
const { C14N_1_0 } = await load('core/c14n/algorithms.js');
const { canonicalize } = await load('core/c14n/canonicalize.js');
const { canonicalizeOctets } = await load('core/c14n/stream.js');
const { Sha256Sink } = await load('core/digest/sha256.js');
const { parseXml } = await load('core/xml/parse.js');

const peakMebibytes = () => process.resourceUsage().maxRSS / 1024;
const octets = readFileSync(file);
const beforeMebibytes = peakMebibytes();
const begin = process.cpuUsage();
const sink = new Sha256Sink();
if (way === 'streamed') canonicalizeOctets(octets, { algorithm: C14N_1_0 }, sink);
else canonicalize(parseXml(octets), { kind: 'document' }, { algorithm: C14N_1_0 }, sink);
const { user, system } = process.cpuUsage(begin);
console.log(
  JSON.stringify({
    digest: Buffer.from(sink.digest()).toString('hex'),
    milliseconds: (user + system) / 1000,
    beforeMebibytes,
    peakMebibytes: peakMebibytes(),
  }),
);
