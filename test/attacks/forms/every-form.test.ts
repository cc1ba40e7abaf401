import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { formCatalogue } from '../../../src/core/forms/catalogue.ts';
import type { Form } from '../../../src/core/forms/form.ts';
import type { XmlElement } from '../../../src/core/xml/model.ts';
import {
  called,
  cut,
  elementsOf,
  honest,
  isSignaturePart,
  NAMES,
  put,
  rootOf,
  type Specimen,
  said,
  signedAnew,
  specimenOf,
  targetIn,
} from '../../support/xmldsig/form-attacks.ts';
import { givenFile } from '../../support/xmldsig/forms.ts';
import { formsTable } from '../../support/xmldsig/forms-table.ts';
import { testSigner } from '../../support/xmldsig/signers.ts';

/** The attacks of catalogue section 3.1 and 3.2 as each form file has them: nothing here knows a form by its name. */
const FORMS = [...formCatalogue().values()];
const IDS = ['Id', 'ID', 'id', 'xml:id'];
const OPEN = /^INDETERMINATE xmldsig\./;
const REFUSED = /^(?:INDETERMINATE|TOTAL-FAILED) (?:xml|xmldsig|base64|certificate)\./;

/** Attacks on each form that were refused, or told as not signed. */
const counted = new Map<string, number>();
const count = ({ form }: Specimen) => counted.set(form.name, (counted.get(form.name) ?? 0) + 1);

/** Octet offsets where markup can be put: at the beginning and the end of every element, and beside it. */
function placesIn(text: string, within: (element: XmlElement) => boolean = () => true): number[] {
  const found = elementsOf(text)
    .filter(within)
    .flatMap(({ start, end, contentStart, contentEnd, emptyTag, parent }) => [
      ...(emptyTag ? [] : [contentStart, contentEnd]),
      ...(parent === undefined ? [] : [start, end]),
    ]);
  return [...new Set(found)];
}

/** Whatever passes must have told that what was put in at `at` is not signed. */
function expectTold(specimen: Specimen, text: string, at: number, kind: string): void {
  const { verdict, unsigned, handedOut } = said(specimen, text);
  count(specimen);
  if (verdict !== 'TOTAL-PASSED') {
    expect(verdict).toMatch(REFUSED);
    expect(handedOut).toBe(false);
    return;
  }
  const around = elementsOf(text).filter(({ start, end }) => start <= at && at < end);
  const told = unsigned.some(
    (part) =>
      (part.kind === kind && part.offset >= at - 1) ||
      (part.kind === 'element' && around.some(({ start }) => start === part.offset)),
  );
  expect([text.slice(Math.max(0, at - 40), at + 60), told]).toEqual([expect.anything(), true]);
}

function refused(specimen: Specimen, text: string, files = specimen.files): string {
  const { verdict, handedOut } = said(specimen, text, files);
  count(specimen);
  if (text === specimen.text) throw new Error('an attack that changes nothing');
  expect([verdict, handedOut]).toEqual([expect.stringMatching(REFUSED), false]);
  return verdict;
}

/** As `refused`, of a document whose arithmetic is right. */
function another(specimen: Specimen, text: string, files = specimen.files): void {
  if (text === specimen.text) throw new Error('an attack that changes nothing');
  const { verdict, handedOut } = said(specimen, text, files);
  count(specimen);
  expect([verdict, handedOut]).toEqual([expect.stringMatching(OPEN), false]);
}

const targets = (form: Form) => form.references.filter(({ kind }) => kind === 'element');
const namedByCaller = (form: Form) =>
  form.references.some((rule) => rule.kind === 'files' && rule.names.from === 'caller');
const inner = (form: Form) => form.references.filter(({ kind }) => kind !== 'files').length;

describe.each(FORMS)('form $name', (form) => {
  const specimen = specimenOf(form);
  const { text, files } = specimen;
  const [signature] = called(text, 'Signature');
  if (signature === undefined) throw new Error('no Signature');

  it('passes as it was signed, again, and when it is digested and signed anew', () => {
    expect(said(specimen, text).verdict).toBe('TOTAL-PASSED');
    expect(said(specimen, signedAnew(text)).verdict).toBe('TOTAL-PASSED');
    expect(said(specimen, honest(specimen, text, files)).verdict).toBe('TOTAL-PASSED');
  });

  it('wrapping: what was signed, moved to every place, with another in its stead', () => {
    for (const rule of targets(form)) {
      if (rule.kind !== 'element') continue;
      const target = targetIn(rootOf(text), form, rule.place);
      if (target.parent === undefined) continue; // the next test
      const original = cut(text, target);
      const { name = 'Id', value = '' } = form.places.get(rule.place)?.id ?? {};
      const id = target.attribute(name) ?? value;
      const evils = [
        original.replace('模擬', '悪意'),
        original.replace('模擬', '悪意').replace(` ${name}="${id}"`, ''),
        original.replace('模擬', '悪意').replace(`"${id}"`, '"other"'),
      ];
      for (const evil of new Set(evils)) {
        refused(specimen, put(text, [target.start, target.end, evil]));
        refused(specimen, put(text, [target.start, target.end, evil.replace(/(<[^>]*>)/, `$1${original}`)]));
        const outside = (element: XmlElement) => element.end <= target.start || element.start >= target.end;
        for (const at of placesIn(text, (element) => outside(element) || element.parent === undefined))
          if (at <= target.start || at >= target.end) {
            refused(specimen, put(text, [target.start, target.end, evil], [at, at, original]));
            refused(specimen, put(text, [target.start, target.end, evil], [at, at, `<x>${original}</x>`]));
          }
        // and the reverse: the signed one stays, the other stands beside it
        for (const at of placesIn(text)) {
          if (at > target.start && at < target.end) refused(specimen, put(text, [at, at, evil]));
          else expectTold(specimen, put(text, [at, at, evil]), at, 'element');
        }
      }
    }
  });

  it('wrapping: another document around what was signed, or in its stead', () => {
    const [root] = elementsOf(text);
    if (root === undefined) throw new Error('no root');
    const whole = cut(text, root);
    const tag = /^<([^\s>/]+)/.exec(whole)?.[1] ?? '';
    const shell = (inside: string) => `${whole.slice(0, whole.indexOf('>') + 1)}${inside}</${tag}>`;
    refused(specimen, `<x>${whole}</x>`);
    refused(specimen, shell(whole));
    refused(specimen, shell(`<x>${whole}</x>`));
    const evil = whole.replace('模擬', '悪意');
    if (evil === whole) return;
    refused(specimen, evil);
    for (const at of placesIn(evil)) refused(specimen, put(evil, [at, at, whole]));
  });

  it('an ID twice, in any spelling and in any place', () => {
    const ids = elementsOf(text).flatMap(({ attributes }) =>
      attributes.filter(({ name }) => IDS.includes(name)),
    );
    for (const { value } of ids)
      for (const name of IDS) {
        for (const at of placesIn(text))
          expectTold(specimen, put(text, [at, at, `<x ${name}="${value}"/>`]), at, 'element');
        for (const element of elementsOf(text)) {
          if (element.attributes.length > 0) continue;
          const at =
            element.start +
            1 +
            element.localName.length +
            (element.prefix === '' ? 0 : element.prefix.length + 1);
          refused(specimen, put(text, [at, at, ` ${name}="${value}"`]));
        }
      }
    for (const rule of targets(form)) {
      const id = rule.kind === 'element' ? form.places.get(rule.place)?.id : undefined;
      if (id === undefined || rule.kind !== 'element') continue;
      for (const name of IDS.filter((other) => other !== id.name)) {
        const target = targetIn(rootOf(text), form, rule.place);
        const own = target.attribute(id.name) ?? '';
        const twice = cut(text, target).replace(` ${id.name}=`, ` ${name}="${own}" ${id.name}=`);
        const elsewhere = cut(text, target).replace(` ${id.name}=`, ` ${name}=`);
        for (const by of [twice, elsewhere])
          another(specimen, honest(specimen, put(text, [target.start, target.end, by]), files));
      }
    }
  });

  it('a Reference missing, more, doubled, swapped, to nothing, to everything', () => {
    const references = called(text, 'Reference');
    for (const [index, reference] of references.entries()) {
      const own = cut(text, reference);
      const missing = signedAnew(put(text, [reference.start, reference.end, '']));
      if (index < inner(form) || !namedByCaller(form)) another(specimen, missing);
      else
        expect(said(specimen, missing)).toMatchObject({
          verdict: 'TOTAL-PASSED',
          uncoveredFiles: [NAMES[index - inner(form)]],
        });
      another(specimen, signedAnew(put(text, [reference.end, reference.end, own])));
      for (const uri of [
        '#other',
        'more.xml',
        '',
        '#',
        'https://example.jp/a',
        '#xpointer(/)',
        "#xpointer(id('R-1'))",
      ]) {
        const to = own.replace(/(URI="[^"]*")?>/, `URI="${uri}">`).replace('ReferenceURI', 'Reference URI');
        const more = [...files, givenFile('more.xml', 'x')];
        refused(specimen, signedAnew(put(text, [reference.end, reference.end, to])), more);
        if (to !== own) refused(specimen, signedAnew(put(text, [reference.start, reference.end, to])), more);
      }
      for (const other of references.slice(index + 1)) {
        const swapped = put(
          text,
          [reference.start, reference.end, cut(text, other)],
          [other.start, other.end, own],
        );
        // the order of files is the signer's to choose: both are covered all the same
        if (index < inner(form)) another(specimen, signedAnew(swapped));
        else expect(said(specimen, signedAnew(swapped)).verdict).toBe('TOTAL-PASSED');
      }
    }
    const none = put(text, ...references.map(({ start, end }) => [start, end, ''] as const));
    another(specimen, signedAnew(none));
    const [only] = references;
    const many = cut(text, only as XmlElement).repeat(65);
    another(specimen, signedAnew(put(text, [only?.end ?? 0, only?.end ?? 0, many])));
  });

  it('percent-encoding in every wrong way', () => {
    const allowed = (uri: string) =>
      form.references.some((rule) => rule.kind === 'files' && rule.uri.includes('raw')) && !uri.includes('%');
    for (const reference of called(text, 'Reference')) {
      const uri = reference.attribute('URI');
      if (uri === undefined || uri === '') continue;
      const [sign = '', name = ''] = uri.startsWith('#') ? ['#', uri.slice(1)] : ['', uri];
      const plain = decodeURIComponent(name);
      const hex = (octets: Uint8Array) =>
        [...octets].map((octet) => `%${octet.toString(16).padStart(2, '0')}`).join('');
      const wrong = [
        name.toLowerCase(),
        name.replaceAll('%', '%25'),
        plain,
        hex(toUtf8(plain)),
        hex(toUtf8(plain)).toUpperCase(),
        hex(Buffer.from(plain, 'utf16le')),
        hex(Buffer.from(plain, 'latin1')),
        `${name}%`,
        `${name}%4`,
        `${name}%zz`,
        `${name}%00`,
        `${name}%C0%AE`,
        `${name}%ED%A0%80`,
        `${name}%20`,
        `%E2%80%AE${name}`,
        `./${name}`,
        `%2E%2F${name}`,
        `../${name}`,
        `%2e%2e%2f${name}`,
        `file:${name}`,
        `file:///${name}`,
        `${name}#x`,
        `${name}?x`,
        ` ${name}`,
        `${name} `,
        name.replaceAll('%20', '+'),
        encodeURIComponent(plain.normalize('NFD')),
        encodeURI(plain),
      ];
      for (const other of new Set(wrong)) {
        const spelt = sign + other;
        if (spelt === uri || (allowed(other) && decodeURIComponent(other) === plain)) continue;
        const by = cut(text, reference).replace(`URI="${uri}"`, `URI="${spelt.replaceAll('&', '&amp;')}"`);
        another(specimen, signedAnew(put(text, [reference.start, reference.end, by])));
      }
    }
  });

  it('files swapped, changed, renamed, left out', () => {
    for (const [index, { name, length }] of files.entries()) {
      const others = files.filter((_, at) => at !== index);
      const changed = [...others, givenFile(name, 'x'.repeat(length))];
      expect(said(specimen, text, changed).verdict).toBe('TOTAL-FAILED xmldsig.digest');
      expect(said(specimen, text, others).verdict).toBe('INDETERMINATE xmldsig.file');
      const renamed = [...others, Object.assign({}, files[index], { name: `x${name}` })];
      expect(said(specimen, text, renamed)).toMatchObject({
        verdict: 'INDETERMINATE xmldsig.file',
        handedOut: false,
      });
    }
    const [one, two] = files;
    if (one === undefined || two === undefined) return;
    const swapped = [Object.assign({}, one, { name: two.name }), Object.assign({}, two, { name: one.name })];
    expect(said(specimen, text, swapped).verdict).toBe('TOTAL-FAILED xmldsig.digest');
  });

  it('names that leave the folder, or look like another', () => {
    const [first] = files;
    if (first === undefined) return;
    const escaped = (name: string) => name.replaceAll('&', '&amp;');
    const names = [
      '../a',
      '/etc/passwd',
      'a/../b',
      'C:\\a',
      'a\\b',
      'a:b',
      '..',
      '.',
      '.a',
      'a.',
      ' a',
      'a ',
      '',
      'a\u202eb',
    ];
    for (const name of [...names, 'a\u2067b', 'a?b', 'a#b', 'a\u0085b', 'a'.repeat(256)])
      for (const uri of new Set([encodeURIComponent(name), name])) {
        const changed = text
          .replaceAll(escaped(first.name), escaped(name))
          .replaceAll(encodeURIComponent(first.name), escaped(uri));
        const given = files.map((file) => (file === first ? Object.assign({}, file, { name }) : file));
        another(specimen, honest(specimen, changed, given), given);
      }
  });

  it('the Signature in every other place, and once more', () => {
    const own = cut(text, signature);
    const nothing = put(text, [signature.start, signature.end, '']);
    const level = (at: number) => at === signature.start || at === signature.end;
    for (const at of placesIn(
      text,
      ({ end, start }) => end <= signature.start || start >= signature.end || start < signature.start,
    )) {
      if (at > signature.start && at < signature.end) continue;
      refused(specimen, put(text, [at, at, own]));
      const moved = put(text, [signature.start, signature.end, ''], [at, at, own]);
      if (!level(at) && moved !== text) refused(specimen, moved);
    }
    for (const { contentStart, contentEnd } of elementsOf(text).filter(isSignaturePart))
      for (const at of [contentStart, contentEnd]) refused(specimen, put(text, [at, at, own]));
    refused(specimen, nothing === '' ? '<x/>' : nothing);
  });

  it('a comment, an instruction, CDATA or an element inside of a value of the Signature', () => {
    for (const element of elementsOf(text).filter(isSignaturePart)) {
      const at = [
        element.contentStart,
        Math.floor((element.contentStart + element.contentEnd) / 2),
        element.contentEnd,
      ];
      const leaf = element.childElements().length === 0 && element.contentEnd > element.contentStart;
      for (const where of leaf ? at : [element.contentStart])
        for (const markup of ['<!--x-->', '<?x y?>', '<x/>', ...(leaf ? ['<![CDATA[]]>'] : [])]) {
          if (element.emptyTag) continue;
          refused(specimen, put(text, [where, where, markup]));
        }
    }
  });

  it('what nobody signed, in every place: refused, or told', () => {
    const outside = (at: number) => at <= signature.start || at >= signature.end;
    for (const at of placesIn(text).filter(outside)) {
      expectTold(specimen, put(text, [at, at, '<evil/>']), at, 'element');
      expectTold(specimen, put(text, [at, at, '<!-- evil -->']), at, 'comment');
      expectTold(specimen, put(text, [at, at, '<?evil x?>']), at, 'processing-instruction');
      expectTold(specimen, put(text, [at, at, 'evil']), at, 'text');
    }
    if (form.unsigned.files || files.length === 0) {
      const more = said(specimen, text, [...files, givenFile('more.pdf', 'x')]);
      if (more.verdict === 'TOTAL-PASSED' && form.unsigned.files)
        expect(more.uncoveredFiles).toEqual(['more.pdf']);
    }
  });

  it('another key, another signer’s certificate, a changed value', () => {
    const [certificate] = called(text, 'X509Certificate');
    const [value] = called(text, 'SignatureValue');
    if (certificate === undefined || value === undefined) throw new Error('no certificate');
    const foreign = Buffer.from(testSigner('other-rsa').certificateDer).toString('base64');
    refused(specimen, signedAnew(text, ['other-rsa']));
    if (!isProfile(form))
      refused(specimen, put(text, [certificate.contentStart, certificate.contentEnd, foreign]));
    refused(specimen, put(text, [value.contentStart, value.contentStart + 4, 'AAAA']));
    refused(specimen, put(text, [value.contentStart, value.contentEnd, '']));
    another(specimen, put(text, [certificate.start, certificate.end, '']));
    const twice = cut(text, certificate).replace(/>[^<]*</, `>${foreign}<`);
    another(specimen, put(text, [certificate.end, certificate.end, twice]));
  });

  if (form.signers.max > 1)
    describe('several signers', () => {
      const both = Object.assign({}, specimenOf(form, ['rsa', 'other-rsa']), { signers: 2 });
      const [one, two] = called(both.text, 'Signature') as [XmlElement, XmlElement];

      it('one removed, doubled, foreign, in another order or wrong', () => {
        expect(said(both, both.text).verdict).toBe('TOTAL-PASSED');
        for (const each of [one, two]) {
          another(both, put(both.text, [each.start, each.end, '']));
          another(both, put(both.text, [each.end, each.end, cut(both.text, each)]));
          const id = each.attribute(form.signature.id?.name ?? 'Id') ?? '-';
          const renamed = cut(both.text, each).replace(id, id.replace(/.$/, '9'));
          const { signers: _asked, ...open } = both;
          another(open, put(both.text, [each.end, each.end, renamed]));
          const foreign = signedAnew(both.text, each === one ? ['p256', 'other-rsa'] : ['rsa', 'p256']);
          refused(both, foreign);
        }
        const turned = put(
          both.text,
          [one.start, one.end, cut(both.text, two)],
          [two.start, two.end, cut(both.text, one)],
        );
        expect(said(both, turned).verdict).toBe('TOTAL-PASSED');
      });

      it('the same Id for both, and a signer who signed something else', () => {
        const name = form.signature.id?.name;
        if (name !== undefined) {
          const [first = '', second = ''] = [one.attribute(name), two.attribute(name)];
          refused(both, both.text.replace(`"${second}"`, `"${first}"`));
        }
        for (const reference of called(both.text, 'Reference').slice(
          called(both.text, 'Reference').length / 2,
        )) {
          const less = signedAnew(put(both.text, [reference.start, reference.end, '']), ['rsa', 'other-rsa']);
          another(both, less);
        }
      });
    });
});

function isProfile(form: Form): boolean {
  return ['guideline', 'enveloped', 'by-id'].includes(form.name);
}

it('the page of the forms tells what is made, what we verify, and how many attacks were refused', () => {
  const rows = FORMS.map((form) => {
    const made = form.use === 'sign' ? 'yes' : 'no: its receiver signs';
    const verified = said(specimenOf(form), specimenOf(form).text).verdict === 'TOTAL-PASSED' ? 'yes' : 'NO';
    return { form: form.name, made, verified, attacks: counted.get(form.name) ?? 0 };
  });
  // attacks are those of this file: of one test alone there are fewer
  if (rows.some(({ attacks }) => attacks < 100)) return expect(counted.size).toBeLessThan(FORMS.length);
  expect(
    formsTable().map(({ form, made, verified, attacks }) => ({ form, made, verified, attacks })),
  ).toEqual(rows);
});
