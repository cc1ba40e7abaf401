import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { DOMImplementation, DOMParser, XMLSerializer } from '@xmldom/xmldom';
import { XmlDocument } from 'libxml2-wasm';
import { C14nCanonicalization } from 'xml-crypto/lib/c14n-canonicalization.js';
import type * as XmlDsigJs from 'xmldsigjs';
import { C14N_1_0, EXC_C14N } from '../../../src/core/c14n/algorithms.ts';
import type * as Canonicalize from '../../../src/core/c14n/canonicalize.ts';
import type * as Stream from '../../../src/core/c14n/stream.ts';
import type * as Digest from '../../../src/core/digest/sha256.ts';
import type * as Parse from '../../../src/core/xml/parse.ts';

/** Parses, canonicalizes (C14N 1.0 unless its name says otherwise) and hashes; returns the digest in hexadecimal. */
type Subject = (octets: Buffer) => string | Promise<string>;

const hex = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const require = createRequire(import.meta.url);

async function ours(own: string) {
  const load = (path: string): Promise<unknown> => import(pathToFileURL(join(own, path)).href);
  const { parseXml } = (await load('core/xml/parse.js')) as typeof Parse;
  const { canonicalize } = (await load('core/c14n/canonicalize.js')) as typeof Canonicalize;
  const { canonicalizeOctets } = (await load('core/c14n/stream.js')) as typeof Stream;
  const { Sha256Sink } = (await load('core/digest/sha256.js')) as typeof Digest;
  const hashed = (write: (sink: InstanceType<typeof Sha256Sink>) => void): string => {
    const sink = new Sha256Sink();
    write(sink);
    return Buffer.from(sink.digest()).toString('hex');
  };
  const parsed =
    (algorithm: typeof C14N_1_0 | typeof EXC_C14N): Subject =>
    (octets) =>
      hashed((sink) => canonicalize(parseXml(octets), { kind: 'document' }, { algorithm }, sink));
  const streamed: Subject = (octets) =>
    hashed((sink) => canonicalizeOctets(octets, { algorithm: C14N_1_0 }, sink));
  return { parsed, streamed };
}

function libxml2Wasm(octets: Buffer): string {
  const document = XmlDocument.fromBuffer(octets);
  const digest = hex(document.canonicalizeToString());
  document.dispose();
  return digest;
}

function xmlCrypto(): Subject {
  const parserOfXmlCrypto = createRequire(require.resolve('xml-crypto'))('@xmldom/xmldom') as {
    readonly DOMParser: new () => { parseFromString(text: string, type: string): never };
  };
  const canonicalizer = new C14nCanonicalization();
  return (octets) => {
    const document: { readonly documentElement: never } = new parserOfXmlCrypto.DOMParser().parseFromString(
      octets.toString(),
      'text/xml',
    );
    return hex(canonicalizer.process(document.documentElement, {}).toString());
  };
}

function xmldsigJs(): Subject {
  const xmldsigjs = require('xmldsigjs') as typeof XmlDsigJs;
  const requireAsXmldsigjs = createRequire(require.resolve('xmldsigjs'));
  const xmlCore = requireAsXmldsigjs('xml-core') as { setNodeDependencies(dependencies: object): void };
  const xpath = requireAsXmldsigjs('xpath') as object;
  xmlCore.setNodeDependencies({ DOMParser, DOMImplementation, XMLSerializer, xpath });
  return (octets) => {
    const document = xmldsigjs.Parse(octets.toString());
    return hex(new xmldsigjs.XmlCanonicalizer(false, false).Canonicalize(document) as string);
  };
}

function xmlC14nExclusive(): Subject {
  const registry = (
    require('xml-c14n') as () => {
      createCanonicaliser(uri: string): {
        canonicalise(node: unknown, done: (error: unknown, text: string) => void): void;
      };
    }
  )();
  return (octets) => {
    const document = new DOMParser().parseFromString(octets.toString(), 'text/xml');
    return new Promise((resolve, reject) => {
      registry.createCanonicaliser(EXC_C14N).canonicalise(document.documentElement, (error, text) => {
        if (error === null || error === undefined) resolve(hex(text));
        else reject(error);
      });
    });
  };
}

const SUBJECTS: Readonly<Record<string, (own: string) => Subject | Promise<Subject>>> = {
  jitsuin: async (own) => (await ours(own)).parsed(C14N_1_0),
  'jitsuin, streamed': async (own) => (await ours(own)).streamed,
  'jitsuin, exclusive': async (own) => (await ours(own)).parsed(EXC_C14N),
  'libxml2-wasm': () => libxml2Wasm,
  'xml-crypto': xmlCrypto,
  xmldsigjs: xmldsigJs,
  'xml-c14n (exclusive)': xmlC14nExclusive,
};

/** `xml-in-node.ts NAME OWN`: answers each line `COUNT FILE` with milliseconds of processor time for one, and the digest. */
async function main([name = '', own = '']: readonly string[]): Promise<void> {
  const subject = await SUBJECTS[name]?.(own);
  if (subject === undefined) throw new Error(`No subject is called ${name}.`);
  console.log(name);
  for await (const line of createInterface({ input: process.stdin })) {
    const [count = '', file = ''] = line.split(' ');
    const octets = readFileSync(file);
    let digest: string | Promise<string> = '';
    const begin = process.cpuUsage();
    for (let n = 0; n < Number(count); n += 1) {
      digest = subject(octets);
      if (typeof digest !== 'string') await digest;
    }
    const { user, system } = process.cpuUsage(begin);
    console.log(`${(user + system) / 1000 / Number(count)} ${await digest}`);
  }
}

await main(process.argv.slice(2));
