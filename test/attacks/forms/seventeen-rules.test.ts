import crypto, { createHash, sign } from 'node:crypto';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { expect, it } from 'vitest';
import type { SignatureValue } from '../../../src/core/brand.ts';
import { fromUtf8, toUtf8 } from '../../../src/core/encoding.ts';
import { formCatalogue } from '../../../src/core/forms/catalogue.ts';
import { fileNameFault, nameOfUri, sameNames } from '../../../src/core/forms/file-names.ts';
import type { Form } from '../../../src/core/forms/form.ts';
import { prepareForm } from '../../../src/core/forms/prepare-form.ts';
import { readForm } from '../../../src/core/forms/read-form.ts';
import { SHIPPED_FORM_FILES } from '../../../src/core/forms/shipped.ts';
import { conclude } from '../../../src/core/report.ts';
import { makeEvidence } from '../../../src/verifier/evidence/make-evidence.ts';
import { reasonOf } from '../../../src/verifier/forms/co-signers.ts';
import { completeForm } from '../../../src/verifier/forms/complete-form.ts';
import { verifyForm } from '../../../src/verifier/forms/verify-form.ts';
import { shippedPolicies } from '../../../src/verifier/policy/shipped.ts';
import { policyOf } from '../../../src/verifier/policy/validation-policy.ts';
import { startValidation } from '../../../src/verifier/validate.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import {
  called,
  cut,
  honest,
  NAMES,
  put,
  type Specimen,
  said,
  signedAnew,
  specimenOf,
} from '../../support/xmldsig/form-attacks.ts';
import { formNamed, givenFile, judgeSample } from '../../support/xmldsig/forms.ts';
import { testRoot, testSigner } from '../../support/xmldsig/signers.ts';
import { AT } from '../../support/xmldsig/signing.ts';

const EGOV = formNamed('egov-standard');
const signed = specimenOf(EGOV);
const { text, files } = signed;
const OTHER = 'INDETERMINATE xmldsig.other-form';
const verdict = (changed: string, given = files, specimen: Specimen = signed) =>
  said(specimen, changed, given).verdict;
const beside = (markup: string) => text.replace('</その他>', `${markup}</その他>`);
const sha256 = (octets: Uint8Array | string) => createHash('sha256').update(octets).digest('hex');
const changedValue = (where: string) =>
  where.replace(/(SignatureValue>)(.)/, (_, tag, c) => `${tag}${c === 'A' ? 'B' : 'A'}`);

/** One file more and one signer more at will: what a verification costs, counted and never timed. */
function costOf(
  names: number,
  signers: number,
  length: number,
): { readonly hashed: number; readonly verified: number } {
  const list = Array.from({ length: names }, (_, at) => givenFile(`f${at}.xml`, `${at}`));
  const document = text
    .replace(/<署名情報>[\s\S]*<\/署名情報>/, '<署名情報></署名情報>')
    .replace('模擬', '模'.repeat(length / 3))
    .replace(
      /(<申請書ファイル名称>[^<]*<\/申請書ファイル名称>)+/,
      list.map(({ name }) => `<申請書ファイル名称>${name}</申請書ファイル名称>`).join(''),
    );
  let octets = toUtf8(document);
  for (let each = 0; each < signers; each += 1) {
    const { skeleton, signedInfoOctets } = prepareForm({ form: EGOV, document: octets, files: list, at: AT });
    const { privateKey, certificateDer } = keys(each);
    const value = sign('sha256', signedInfoOctets, privateKey) as Uint8Array as SignatureValue;
    const subject = { form: EGOV, document: skeleton, documentName: 'a.xml', files: list };
    octets = completeForm(subject, value, parseCertificate(certificateDer)).document ?? new Uint8Array();
  }
  const { createHash: hash, verify } = crypto;
  const counted = { hashed: 0, verified: 0 };
  crypto.createHash = ((...words: Parameters<typeof hash>) => {
    const made = hash(...words);
    const update = made.update.bind(made);
    made.update = ((data: Uint8Array) => {
      counted.hashed += data.length;
      return update(data);
    }) as typeof made.update;
    return made;
  }) as typeof hash;
  crypto.verify = ((...words: Parameters<typeof verify>) => {
    counted.verified += 1;
    return verify(...words);
  }) as typeof verify;
  syncBuiltinESMExports();
  try {
    const { covered } = verifyForm({
      form: EGOV,
      document: octets,
      documentName: 'a.xml',
      files: list,
      signers,
    });
    expect(covered).toHaveLength(names + 1);
    return counted;
  } finally {
    Object.assign(crypto, { createHash: hash, verify });
    syncBuiltinESMExports();
  }
}

/** Ten signers: two of the test's own, the rest with certificates that only have to be read. */
function keys(number: number): ReturnType<typeof testSigner> {
  return testSigner((['rsa', 'other-rsa'] as const)[number] ?? 'rsa');
}

/** Every way out of the process that a verifier could take, refused and counted while `act` runs. */
function withoutTheWorld(act: () => void): number {
  let taken = 0;
  const refuse = () => {
    taken += 1;
    throw new Error('the verifier reached outside');
  };
  const kept = { fetch: globalThis.fetch, connect: net.Socket.prototype.connect };
  const { readFileSync, openSync, open, readFile } = fs;
  globalThis.fetch = refuse;
  net.Socket.prototype.connect = refuse;
  Object.assign(fs, { readFileSync: refuse, openSync: refuse, open: refuse, readFile: refuse });
  syncBuiltinESMExports();
  try {
    act();
  } finally {
    globalThis.fetch = kept.fetch;
    net.Socket.prototype.connect = kept.connect;
    Object.assign(fs, { readFileSync, openSync, open, readFile });
    syncBuiltinESMExports();
  }
  return taken;
}

/** The form of e-Gov as an operator could write it wrongly. */
function unsafe(change: (form: Record<string, unknown>) => unknown): () => Form {
  const source = JSON.parse(Buffer.from(EGOV.source).toString());
  change(source);
  return () => readForm(toUtf8(JSON.stringify(source)));
}

function policy() {
  const general = shippedPolicies().find(({ called: name }) => name === 'general');
  if (general === undefined) throw new Error('There is no general policy.');
  return policyOf(general, 'EITHER');
}

/** The rules of section 9 of the facts on receivers, each with what shows it. */
const RULES: Readonly<Record<number, readonly [rule: string, shown: () => void]>> = {
  1: [
    'the caller names the form; no other one is tried after a mismatch',
    () => {
      const names = [...formCatalogue().keys()];
      for (const own of formCatalogue().values()) {
        const specimen = specimenOf(own);
        for (const form of formCatalogue().values()) {
          if (form === own) continue;
          const validation = verifyForm({ ...specimen, form });
          expect(validation.form.name).toBe(form.name);
          const twins = [own.name, form.name].every((name) => /^(?:egov|w3c|enveloped)/.test(name));
          if (!twins)
            expect([own.name, form.name, validation.covered]).toEqual([own.name, form.name, undefined]);
        }
      }
      expect(names.length).toBe(SHIPPED_FORM_FILES.length);
    },
  ],
  2: [
    'elements are found by path, and what has the name of a place stands nowhere else',
    () => {
      expect(verdict(beside('<備考/>'))).toBe('TOTAL-PASSED');
      for (const evil of [
        '<構成情報/>',
        '<構成情報 ID="other"/>',
        '<x><構成情報/></x>',
        '<構成情報 xmlns="urn:x"/>',
      ])
        expect(verdict(beside(evil))).toBe(OTHER);
      expect(verdict(text.replace('<構成情報', '<構成情報/><構成情報'))).toBe(OTHER);
      const deeper = text.replace(/<構成情報[\s\S]*<\/構成情報>/, (one) => `<その他>${one}</その他>`);
      expect(verdict(deeper)).toBe(OTHER);
    },
  ],
  3: [
    'the ID occurs once, in whatever spelling of the attribute',
    () => {
      for (const name of ['Id', 'ID', 'id', 'xml:id']) {
        expect(verdict(beside(`<x ${name}="構成情報"/>`))).toBe(OTHER);
        expect(verdict(beside(`<x ${name}="other"/>`))).toBe('TOTAL-PASSED');
        if (name !== 'ID')
          expect(verdict(honest(signed, text.replace(' ID="', ` ${name}="構成情報" ID="`), files))).toBe(
            OTHER,
          );
      }
      const [signature = ''] = /<Signature [^>]*>/.exec(text) ?? [];
      const id = /Id="(\d+)"/.exec(signature)?.[1] ?? '';
      expect(verdict(beside(`<x id="${id}"/>`))).toBe(OTHER);
    },
  ],
  4: [
    'the URI of a Reference is compared as a text, and never followed',
    () => {
      const uri = `#${encodeURIComponent('構成情報')}`;
      for (const other of [
        '#構成情報',
        uri.toLowerCase(),
        `#xpointer(id('構成情報'))`,
        `${uri}%20`,
        '',
        'a.xml',
      ])
        expect(verdict(signedAnew(text.replace(uri, other)))).toBe(OTHER);
      expect(nameOfUri('%E7%94%B3.xml')).toBe('申.xml');
      for (const wrong of ['%C0%AE%C0%AE', '%E7%94', '%', '%zz', '%25%32', '%ED%A0%80', '%2e%2e', '%2F'])
        expect([wrong, nameOfUri(wrong)]).toEqual([wrong, wrong === '%25%32' ? '%2' : undefined]);
    },
  ],
  5: [
    'files come from the caller by their exact names, and no name is a path or looks like another',
    () => {
      const name = NAMES[0];
      const renamed = (to: string) =>
        [
          honest(
            signed,
            text.replace(name, to).replace(encodeURIComponent(name), encodeURIComponent(to)),
            files.map((file) => (file.name === name ? { ...file, name: to } : file)),
          ),
          files.map((file) => (file.name === name ? { ...file, name: to } : file)),
        ] as const;
      expect(verdict(...renamed('other.xml'))).toBe('TOTAL-PASSED');
      const bad = [
        'a/b',
        'a\\b',
        'a:b',
        'a?',
        'a#',
        '.a',
        'a.',
        ' a',
        'a ',
        'a\u0085',
        'a\u202e',
        'a'.repeat(256),
      ];
      for (const each of bad) {
        expect([each, fileNameFault(each) !== undefined]).toEqual([each, true]);
        expect([each, verdict(...renamed(each))]).toEqual([each, OTHER]);
      }
      const [first, second] = files;
      if (first === undefined || second === undefined) throw new Error('two files');
      expect(
        verdict(text, [
          {
            ...first,
            name: first.name.normalize('NFD') === first.name ? `${first.name}x` : first.name.normalize('NFD'),
          },
          second,
        ]),
      ).toBe('INDETERMINATE xmldsig.file');
      for (const twins of [
        ['が', 'か\u3099'],
        ['A.xml', 'a.XML'],
        ['ß', 'ẞ'],
      ])
        expect(sameNames(twins)).toBeDefined();
      expect(verdict(...renamed(NAMES[1].toUpperCase()))).toBe(OTHER);
    },
  ],
  6: [
    'nothing is asked of the network or the disk, whatever a URI says',
    () => {
      const taken = withoutTheWorld(() => {
        for (const uri of [
          'https://example.jp/a',
          'file:///etc/passwd',
          '//host/a',
          'ldap://h/',
          'http://169.254.169.254/',
        ])
          for (const [at] of called(text, 'Reference').entries()) {
            const references = called(text, 'Reference');
            const reference = references[at];
            if (reference === undefined) continue;
            const by = cut(text, reference).replace(/URI="[^"]*"/, `URI="${uri}"`);
            expect(verdict(signedAnew(put(text, [reference.start, reference.end, by])))).toBe(OTHER);
          }
        expect(verdict(text)).toBe('TOTAL-PASSED');
        expect(verdict(text, [])).toBe('INDETERMINATE xmldsig.file');
      });
      expect(taken).toBe(0);
    },
  ],
  7: [
    'the References and what the form derives are the same set, both ways and in number',
    () => {
      const references = called(text, 'Reference');
      for (const { start, end } of references)
        expect(verdict(signedAnew(put(text, [start, end, ''])))).toMatch(/^INDETERMINATE xmldsig\./);
      const last = references.at(-1);
      if (last === undefined) throw new Error('no Reference');
      const more = cut(text, last).replace(/URI="[^"]*"/, 'URI="more.xml"');
      const given = [...files, { ...(files.at(-1) ?? givenFile('x', '')), name: 'more.xml' }];
      expect(verdict(signedAnew(put(text, [last.end, last.end, more])), given)).toBe(OTHER);
      expect(verdict(signedAnew(put(text, [last.end, last.end, cut(text, last)])))).toBe(OTHER);
      const name = '<申請書ファイル名称>third.xml</申請書ファイル名称></申請書属性情報>';
      const unnamed = honest(signed, text.replace('</申請書属性情報>', name), files);
      expect(verdict(unnamed, [...files, givenFile('third.xml', 'x')])).toBe(OTHER);
    },
  ],
  8: [
    'names of files are read from the octets that were verified, not from the document beside them',
    () => {
      // A comment is in no canonical octets: there the name is whole, in the document it is two texts.
      const [name] = NAMES;
      const inside = text.replace(name, `${name.slice(0, 2)}<!-- x -->${name.slice(2)}`);
      const { verdict: indication, unsigned } = said(signed, inside);
      expect([indication, unsigned.some(({ kind }) => kind === 'comment')]).toEqual(['TOTAL-PASSED', true]);
      const changed = text.replace(name, 'other.xml');
      expect(verdict(changed)).toBe('TOTAL-FAILED xmldsig.digest');
    },
  ],
  9: [
    'every Signature is judged, their number and References are as the form and the caller say',
    () => {
      const both = specimenOf(EGOV, ['rsa', 'other-rsa']);
      const asked = { ...both, signers: 2 };
      expect(said(asked, both.text).verdict).toBe('TOTAL-PASSED');
      const [one, two] = called(both.text, 'Signature');
      if (one === undefined || two === undefined) throw new Error('two Signatures');
      for (const each of [one, two]) {
        const wrong = put(both.text, [each.start, each.end, changedValue(cut(both.text, each))]);
        expect(said(asked, wrong).verdict).toBe('TOTAL-FAILED xmldsig.signature');
        expect(said(asked, put(both.text, [each.start, each.end, ''])).verdict).toBe(OTHER);
      }
      expect(said({ ...both, signers: 1 }, both.text).verdict).toBe(OTHER);
      const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
      for (const bare of [`<Signature xmlns="${DSIG}"/>`, `<d:Signature xmlns:d="${DSIG}"/>`, '<Signature/>'])
        expect(said(asked, both.text.replace('</その他>', `${bare}</その他>`)).verdict).toBe(OTHER);
      for (const place of ['</構成情報>', '<様式ID>', '</その他>', '</DataRoot>'])
        expect(said(asked, both.text.replace(place, `${cut(both.text, one)}${place}`)).verdict).toMatch(
          /^INDETERMINATE/,
        );
    },
  ],
  10: [
    'transforms out of the list, in order, without parameters; no Object, no Manifest',
    () => {
      const [first = ''] = /<Transform [^>]*>(?:<\/Transform>)?/.exec(text) ?? [];
      const transform = (uri: string, inside = '') => `<Transform Algorithm="${uri}">${inside}</Transform>`;
      for (const by of [
        transform('http://www.w3.org/TR/1999/REC-xpath-19991116', '<x>true()</x>'),
        transform('http://www.w3.org/TR/1999/REC-xslt-19991116'),
        transform('http://www.w3.org/2000/09/xmldsig#base64'),
        transform('http://www.w3.org/2002/06/xmldsig-filter2'),
        transform('http://www.w3.org/2001/10/xml-exc-c14n#'),
        transform('http://www.w3.org/TR/2001/REC-xml-c14n-20010315', '<x/>'),
        first + first,
      ])
        expect(verdict(signedAnew(text.replace(first, by)))).toBe('INDETERMINATE xmldsig.policy');
      expect(verdict(signedAnew(text.replace(`<Transforms>${first}</Transforms>`, '')))).toBe(
        'INDETERMINATE xmldsig.policy',
      );
      const typed = text.replace(
        '<Reference ',
        '<Reference Type="http://www.w3.org/2000/09/xmldsig#Manifest" ',
      );
      expect(verdict(signedAnew(typed))).toBe(OTHER);
      expect(verdict(text.replace('</KeyInfo>', '</KeyInfo><Object/>'))).toBe(OTHER);
    },
  ],
  11: [
    'limits → well-formed → form → SignatureValue → elements → files; each target is digested once',
    () => {
      const all = changedValue(text).replace('模擬', '悪意').replace('<様式ID>', '<evil/><様式ID>');
      const limited = { ...signed, limits: { size: 10 } };
      expect(said(limited, `${all}<`).verdict).toMatch(/ xml\.(?:size|limit)/);
      expect(verdict(`${all}<`)).toMatch(/ xml\.not-well-formed/);
      expect(verdict(all)).toBe(OTHER);
      expect(verdict(all.replace('<evil/>', ''))).toBe('TOTAL-FAILED xmldsig.signature');
      const wrongFiles = files.map((file) => givenFile(file.name, 'x'));
      const both = verifyForm({
        ...signed,
        document: toUtf8(text.replace('模擬', '悪意')),
        files: wrongFiles,
      });
      expect(reasonOf(both)?.detail).toMatch(/Element "構成情報"/);
      expect(verdict(text, wrongFiles)).toBe('TOTAL-FAILED xmldsig.digest');
      const [one] = called(text, 'Signature');
      const [reference] = called(text, 'Reference');
      if (one === undefined || reference === undefined) throw new Error('no Signature');
      expect(verdict(put(text, [one.end, one.end, cut(text, one).repeat(10)]))).toBe(OTHER);
      const many = signedAnew(put(text, [reference.end, reference.end, cut(text, reference).repeat(64)]));
      expect(said(signed, many).verdict).toBe(OTHER);
      const capped = verifyForm({
        ...signed,
        document: toUtf8(put(text, [one.end, one.end, cut(text, one).repeat(10)])),
      });
      expect(reasonOf(capped)?.detail).toMatch(/11 Signatures; at most 10 are read/);
      expect(reasonOf(verifyForm({ ...signed, document: toUtf8(many) }))?.detail).toMatch(
        /at most 64 are read/,
      );
      // by counts: what is signed is 200 kB, so whoever digests it once more for a signer is found out
      const large = 200_000;
      const [few, wide, pair] = [costOf(1, 1, large), costOf(50, 1, large), costOf(50, 2, large)];
      expect([few.verified, wide.verified, pair.verified]).toEqual([1, 1, 2]);
      expect(few.hashed).toBeGreaterThan(large);
      expect(wide.hashed - few.hashed).toBeLessThan(49 * 600);
      expect(pair.hashed - wide.hashed).toBeLessThan(large / 4);
    },
  ],
  12: [
    'what is reported is exactly what was digested, and what was not is listed',
    () => {
      const commented = text
        .replace('模擬　太郎', '模擬　<!-- x -->太郎')
        .replace('<様式ID>', '<!-- y --><様式ID>');
      const more = givenFile('more.pdf', 'x');
      const { validation } = judgeSample({ ...signed, document: toUtf8(commented), files: [...files, more] });
      const { covered = [], unsigned, uncoveredFiles } = validation;
      expect(covered.map(({ kind, name, length }) => [kind, name, length > 0])).toEqual([
        ['element', '構成情報', true],
        ...files.map(({ name }) => ['file', name, true]),
      ]);
      for (const { octets, sha256: told, length, kind, name } of covered) {
        const file = files.find((one) => kind === 'file' && one.name === name);
        const expected =
          octets === undefined ? Buffer.from(file?.digests.sha256 ?? []).toString('hex') : sha256(octets);
        expect([told, length]).toEqual([expected, octets?.length ?? file?.length]);
      }
      expect(fromUtf8(covered[0]?.octets ?? new Uint8Array())).toMatch(
        /^<構成情報 ID="構成情報">.*模擬　太郎/s,
      );
      expect(unsigned.filter(({ kind }) => kind === 'comment')).toHaveLength(2);
      expect(unsigned.filter(({ kind }) => kind === 'element').map(({ name }) => name)).toEqual(
        EGOV.unsigned.elements,
      );
      expect(uncoveredFiles).toEqual(['more.pdf']);
    },
  ],
  13: [
    'another form is open, a changed digest or value is wrong, a missing file is SIGNED_DATA_NOT_FOUND',
    () => {
      const found = (changed: string, given = files) => {
        const { signers } = verifyForm({ ...signed, document: toUtf8(changed), files: given });
        const { indication, subIndication } = conclude(
          signers.flatMap(({ checks }) => checks),
          AT,
        );
        return [indication, subIndication];
      };
      expect(found(text.replace('<様式ID>', '<evil/><様式ID>'))[0]).toBe('INDETERMINATE');
      expect(found(text, [])).toEqual(['INDETERMINATE', 'SIGNED_DATA_NOT_FOUND']);
      expect(found(text.replace('模擬', '悪意'))).toEqual(['TOTAL-FAILED', 'HASH_FAILURE']);
      expect(
        found(
          text,
          files.map(({ name }) => givenFile(name, 'x')),
        ),
      ).toEqual(['TOTAL-FAILED', 'HASH_FAILURE']);
      expect(found(changedValue(text))).toEqual(['TOTAL-FAILED', 'SIG_CRYPTO_FAILURE']);
    },
  ],
  14: [
    'a form file that could pass without covering something is refused',
    () => {
      const refused = /The form file cannot be used/;
      const config = { element: 'config', uri: 'percent', transforms: [['c14n10']], digest: ['sha256'] };
      const named = { files: 'names', uri: 'percent', transforms: [[]], digest: ['sha256'] };
      expect(unsafe(() => undefined)).not.toThrow();
      for (const change of [
        (form) => Object.assign(form, { references: [] }),
        (form) => Object.assign(form, { references: [named] }),
        (form) => Object.assign(form, { references: [{ ...named, files: 'caller', count: [0, 5] }] }),
        (form) => Object.assign(form['unsigned'] as object, { elements: ['構成情報'] }),
        (form) => Object.assign(form['unsigned'] as object, { elements: ['*'] }),
        (form) => Object.assign((form['places'] as Record<string, object>)['names'] ?? {}, { count: [1] }),
        (form) =>
          Object.assign((form['places'] as Record<string, object>)['names'] ?? {}, {
            path: ['DataRoot', 'その他', '申請書ファイル名称'],
          }),
        (form) => Object.assign(form, { algorithm: ['rsa-sha1'] }),
        (form) => Object.assign(form, { c14n: ['none'] }),
        (form) => Object.assign(form, { keyInfo: 'any' }),
        (form) => Object.assign(form, { references: [{ ...config, digest: ['sha1'] }, named] }),
        (form) => Object.assign(form, { references: [{ ...config, transforms: [['xslt']] }, named] }),
      ] satisfies readonly ((form: Record<string, unknown>) => unknown)[])
        expect(unsafe(change)).toThrow(refused);
    },
  ],
  15: [
    'signing writes exactly the form and verifies its own output; the second signer changes nothing of the first',
    () => {
      for (const form of formCatalogue().values())
        expect([form.name, said(specimenOf(form), specimenOf(form).text).verdict]).toEqual([
          form.name,
          'TOTAL-PASSED',
        ]);
      const both = specimenOf(EGOV, ['rsa', 'other-rsa']).text;
      const at = called(text, 'Signature')[0]?.end ?? 0;
      const [before, after] = [Buffer.from(text).subarray(0, at), Buffer.from(text).subarray(at)];
      expect(Buffer.from(both).subarray(0, at).equals(before)).toBe(true);
      expect(both.endsWith(after.toString())).toBe(true);
      const { skeleton } = prepareForm({ form: EGOV, document: toUtf8(bareOf(text)), files, at: AT });
      const wrong = new Uint8Array(256) as SignatureValue;
      const subject = { form: EGOV, document: skeleton, documentName: 'a.xml', files };
      const completed = completeForm(subject, wrong, parseCertificate(testSigner('rsa').certificateDer));
      expect(completed.document).toBeUndefined();
    },
  ],
  16: [
    'the card signs SignedInfo once: data is one DigestInfo, whatever the number of files and signers',
    () => {
      const PREFIX = '3031300d060960864801650304020105000420';
      const first = prepareForm({ form: EGOV, document: toUtf8(bareOf(text)), files, at: AT });
      const second = prepareForm({ form: EGOV, document: toUtf8(text), files, at: AT });
      for (const { data, signedInfoOctets } of [first, second]) {
        const octets = Buffer.from(data, 'base64');
        expect([octets.length, octets.toString('hex')]).toEqual([51, PREFIX + sha256(signedInfoOctets)]);
        expect(fromUtf8(signedInfoOctets).match(/<Reference /g)).toHaveLength(files.length + 1);
      }
      expect(second.data).toBe(first.data);
    },
  ],
  17: [
    'evidence keeps the form file, SignedInfo, and each file’s name, length and SHA-256',
    () => {
      const { skeleton, signedInfoOctets, data } = prepareForm({
        form: EGOV,
        document: toUtf8(bareOf(text)),
        files,
        at: AT,
      });
      const { privateKey, certificateDer } = testSigner('rsa');
      const signatureValue = sign('sha256', signedInfoOctets, privateKey) as Uint8Array as SignatureValue;
      const attached = NAMES.map((name) => ({ name, octets: toUtf8(`content of ${name}`) }));
      const subject = {
        kind: 'form',
        form: EGOV,
        skeleton,
        files: attached,
        certificate: certificateDer,
        signatureValue,
      } as const;
      const trustAnchors = [parseCertificate(testRoot().certificateDer)];
      const request = { subject, mode: 'digest-info', data, trustAnchors, at: AT, policy: policy() } as const;
      const started = startValidation(request);
      const revocation = started.kind === 'decided' ? [] : started.needs.map(() => ({ crls: [], ocsp: [] }));
      const outcome = started.kind === 'decided' ? started.outcome : started.finish(revocation);
      const { octets } = makeEvidence({
        id: 'a',
        request,
        outcome,
        data: revocation,
        instantSource: 'x',
        validatorVersion: '0',
      });
      const record = JSON.parse(fromUtf8(octets)) as {
        form: unknown;
        files: unknown;
        parts: { name: string; octets: string; sha256: string }[];
      };
      const { name, version, basis, sha256: hash } = EGOV;
      expect(record.form).toEqual({ name, version, basis, sha256: hash });
      expect(record.files).toEqual(
        attached.map((file) => ({
          name: file.name,
          length: file.octets.length,
          sha256: sha256(file.octets),
        })),
      );
      const part = (wanted: string) => record.parts.find((one) => one.name === wanted);
      expect(part('form-file')?.sha256).toBe(hash);
      expect(part('signed-info')?.sha256).toBe(sha256(signedInfoOctets));
      expect(attached.map((_, at) => part(`file:${at}`)?.sha256)).toEqual(
        attached.map((file) => sha256(file.octets)),
      );
    },
  ],
};

function bareOf(document: string): string {
  return document.replace(/<署名情報>[\s\S]*<\/署名情報>/, '<署名情報></署名情報>');
}

it('every rule of the section has a row', () => {
  expect(Object.keys(RULES).map(Number)).toEqual(Array.from({ length: 17 }, (_, index) => index + 1));
});

it.each(Object.entries(RULES).map(([number, [rule, shown]]) => ({ number, rule, shown })))(
  'rule $number: $rule',
  ({ shown }) => {
    expect.hasAssertions();
    shown();
  },
);
