import { createHash, createPublicKey, verify as cryptoVerify, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type * as Verify from '../../../src/verifier/xmldsig/verify.ts';
import { libxml2Wasm, type Verification, xmlCrypto, xmldsigJs } from './xmldsig-peers.ts';

export type NodeSubject = 'jitsuin' | 'floor' | 'libxml2-wasm' | 'xml-crypto' | 'xmldsigjs';

/** `verify-in-node.ts NAME KEY.pem OWN.js`: a process that answers each line `COUNT FILE` with seconds of processor time. */
async function main([name = '', keyFile = '', own = '']: readonly string[]): Promise<void> {
  const key = createPublicKey(readFileSync(keyFile));
  const verification = await SUBJECTS[name as NodeSubject](key, own);
  console.log(versionOf(name));
  for await (const line of createInterface({ input: process.stdin })) {
    const [count = '', file = ''] = line.split(' ');
    const octets = readFileSync(file);
    const begin = process.cpuUsage();
    for (let n = 0; n < Number(count); n += 1) {
      // Awaiting a plain value would cost the fast ones a turn of the loop each.
      const valid = verification(octets);
      if (!(typeof valid === 'boolean' ? valid : await valid)) throw new Error(`${name} does not verify`);
    }
    const { user, system } = process.cpuUsage(begin);
    console.log(String((user + system) / 1e6));
  }
}

const SUBJECTS: Readonly<
  Record<NodeSubject, (key: KeyObject, own: string) => Verification | Promise<Verification>>
> = {
  jitsuin,
  floor,
  'libxml2-wasm': libxml2Wasm,
  'xml-crypto': xmlCrypto,
  xmldsigjs: xmldsigJs,
};

async function jitsuin(publicKey: KeyObject, own: string): Promise<Verification> {
  const { verifyXmlSignature } = (await import(pathToFileURL(own).href)) as typeof Verify;
  const options = {
    profile: 'enveloped',
    key: { kind: 'key', publicKey },
    validationTime: 0 as EpochMillis,
  } as const;
  return (octets) => verifyXmlSignature(octets, options).report.indication === 'TOTAL-PASSED';
}

/** What no verification can be faster than: one RSA operation and one pass of SHA-256 over as many octets. */
async function floor(publicKey: KeyObject): Promise<Verification> {
  const value = Buffer.alloc(256, 1);
  return (octets) => {
    const [signedInfo, signed] = [
      octets.subarray(0, 900),
      octets.subarray(0, Math.max(octets.length - 2200, 0)),
    ];
    cryptoVerify('sha256', signedInfo, publicKey, value);
    return createHash('sha256').update(signed).digest().length === 32;
  };
}

function versionOf(name: string): string {
  if (name === 'jitsuin' || name === 'floor') return `${name} on Node ${process.version}`;
  const { version } = createRequire(import.meta.url)(`${packageRoot(name)}/package.json`) as {
    version: string;
  };
  return `${name} ${version}`;
}

function packageRoot(name: string): string {
  // the compiled program lies below node_modules, so the way up from itself says nothing
  return join(process.cwd(), 'node_modules', name);
}

await main(process.argv.slice(2));
