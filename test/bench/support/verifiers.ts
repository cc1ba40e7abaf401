import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { compiledFile, compiledProgram } from './compiled.ts';
import { startTalk } from './talk.ts';
import type { NodeSubject } from './verify-in-node.ts';

/** A verifier in a process of its own, with the key loaded: no heap, compiled code or collector but its own. */
export interface Verifier {
  readonly name: string;
  readonly version: string;
  /** Milliseconds of processor time for one verification, over `count` of this file. Throws when it does not verify. */
  measure(file: string, count: number): Promise<number>;
  stop(): void;
}

/** One of the libraries that run in Node, jitsuin among them. */
export function startInNode(name: NodeSubject, key: string): Promise<Verifier> {
  const own = compiledFile('verifier/xmldsig/verify');
  return start(name, process.execPath, [compiledProgram('verify-in-node'), name, key, own]);
}

/** libxmlsec1 in C, compiled here; undefined, with one line said, without a compiler or its headers. */
export async function startXmlsec(folder: string, key: string): Promise<Verifier | undefined> {
  const program = join(folder, 'xmlsec-verify');
  try {
    const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'xmlsec1-openssl'], { stdio: 'pipe' });
    const source = join(import.meta.dirname, 'xmlsec-verify.c');
    const words = flags.toString().trim().split(/\s+/);
    execFileSync('cc', ['-O2', '-w', '-o', program, source, ...words], { stdio: 'pipe' });
  } catch {
    console.log('libxmlsec1 in C was NOT measured: no compiler or no xmlsec1 headers here.');
    return undefined;
  }
  return start('libxmlsec1 in C', program, [key]);
}

/** javax.xml.crypto; undefined, with one line said, without a JDK. */
export async function startJava(folder: string, key: string): Promise<Verifier | undefined> {
  try {
    execFileSync('javac', ['-d', folder, join(import.meta.dirname, 'XmlDsigVerify.java')], { stdio: 'pipe' });
  } catch {
    console.log('javax.xml.crypto was NOT measured: no JDK here.');
    return undefined;
  }
  return start('javax.xml.crypto', 'java', ['-cp', folder, 'XmlDsigVerify', key]);
}

/** The process says its version, then answers each line `COUNT FILE` with seconds of processor time. */
async function start(name: string, program: string, words: readonly string[]): Promise<Verifier> {
  const talk = await startTalk(name, program, words);
  return {
    name,
    version: talk.greeting,
    async measure(file, count) {
      return (Number(await talk.ask(`${count} ${file}`)) * 1000) / count;
    },
    stop: () => talk.stop(),
  };
}
