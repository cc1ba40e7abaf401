import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainDigest } from '../../src/verifier/explain/explain.ts';
import type { CaseNote, Suite } from './suite.ts';

/** Beginning of a file's name → the cause of its digest, and that of its value; undefined for what agrees. */
const CAUSES: Readonly<Record<string, { readonly digest?: string; readonly value?: string }>> = {
  'dg-00': {},
  'dg-01': { digest: 'space-around-signature' },
  'dg-01b': { digest: 'space-around-signature' },
  'dg-03': { digest: 'file-before-signature' },
  'dg-09': { digest: 'characters-cp932' },
  'dg-12': { digest: 'without-default-namespace' },
  'dg-13': { digest: 'gt-not-escaped' },
  'dg-16': { digest: 'attributes-unsorted' },
  'dg-17': { digest: 'empty-tags-kept' },
  'sv-01': { value: 'hashed-twice' },
  'sv-02': { value: 'inherited-namespaces' },
  'sv-04': { value: 'no-digest-info' },
  'sv-06': { value: 'digest-info-hashed' },
};

/** Documents with one fault each between the document and the card: its cause is named, and nothing where none is. */
export const explainSuite: Suite = {
  name: 'explain',
  folder: 'explain',
  run(directory) {
    const failed: CaseNote[] = [];
    const listed: CaseNote[] = [];
    const files = readdirSync(directory).filter((name) => name.endsWith('.xml'));
    for (const file of files) {
      const wanted = CAUSES[/^[a-z]+-[0-9]+b?/.exec(file)?.[0] ?? ''];
      if (wanted === undefined) {
        listed.push({ case: file, reason: 'no cause is known for this name' });
        continue;
      }
      const { cause, value } = explainDigest(readFileSync(join(directory, file)), { profile: 'enveloped' });
      const digest = cause?.name === 'profile' ? undefined : (cause?.name ?? 'no cause');
      const signed = value?.agrees === true ? undefined : (value?.cause?.name ?? 'no cause');
      if (digest !== wanted.digest) failed.push({ case: file, reason: `digest: ${digest ?? 'agrees'}` });
      else if (signed !== wanted.value) failed.push({ case: file, reason: `value: ${signed ?? 'agrees'}` });
    }
    return { passed: files.length - failed.length - listed.length, failed, listed };
  },
};
