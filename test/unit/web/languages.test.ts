import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Request, Response } from 'express';
import { describe, expect, it } from 'vitest';
import { OUTCOMES } from '../../../src/core/outcomes.ts';
import type {
  Application,
  ApplicationState,
  Verdict,
} from '../../../src/core/sign-transaction/application.ts';
import { applicationMessage, STATE_MESSAGES } from '../../../src/core/sign-transaction/citizen-messages.ts';
import { UPSTREAM_ERROR_ROWS } from '../../../src/core/sign-transaction/upstream-errors.ts';
import { accountPage, loginEndedPage } from '../../../src/web/account/pages.ts';
import { completionPage } from '../../../src/web/applicant/completion-page.ts';
import { confirmationPage } from '../../../src/web/applicant/confirmation-page.ts';
import { documentPage, documentSection } from '../../../src/web/applicant/document-section.ts';
import { errorPage } from '../../../src/web/applicant/error-page.ts';
import { paperPage } from '../../../src/web/applicant/paper-page.ts';
import { waitingPage } from '../../../src/web/applicant/waiting-page.ts';
import { wayBackPage } from '../../../src/web/applicant/way-back-page.ts';
import { both } from '../../../src/web/bilingual.ts';
import { readCatalogue } from '../../../src/web/language/catalogue.ts';
import { EASY_READINGS } from '../../../src/web/language/catalogues/easy-japanese.ts';
import { CATALOGUES } from '../../../src/web/language/catalogues.ts';
import { LANGUAGES, type Language } from '../../../src/web/language/languages.ts';
import { readBy, readerOf } from '../../../src/web/language/reader.ts';
import { fakeWorld } from '../../support/fakes.ts';
import { received } from '../../support/flow.ts';

const TRANSLATED = Object.keys(CATALOGUES) as readonly (keyof typeof CATALOGUES)[];
const FOREIGN = ['en', 'zh', 'pt', 'vi'] as const;
const STATES = Object.keys(STATE_MESSAGES) as readonly ApplicationState[];
const KANA = /[\u3041-\u30fa]/u;

/** Where sentences for citizens are written: each is `{ ja: '…', en: '…' }`, values as `{name}`. */
const WRITTEN = [
  ...['src/web/leave-page.ts', 'src/web/passkey-form.ts', 'src/web/characters/revealed.ts'],
  ...['src/web/site/site-parts.ts', 'src/web/site/site.ts'],
  'src/core/sign-transaction/citizen-messages.ts',
  ...['src/web/applicant', 'src/web/account', 'src/core/sign-transaction/upstream-rows'].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  ),
];
const LITERAL = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`/g;
const PAIR = new RegExp(
  `\\bja:\\s*((?:${LITERAL.source})(?:\\s*\\+\\s*(?:${LITERAL.source}))*)\\s*,\\s*en:`,
  'g',
);

function sentencesIn(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(PAIR)].map(([, written = '']) =>
    (written.match(LITERAL) ?? []).map((part) => part.slice(1, -1)).join(''),
  );
}

const SENTENCES = new Set([
  ...WRITTEN.flatMap(sentencesIn),
  ...Object.values(OUTCOMES).flatMap(({ citizen }) => (citizen === undefined ? [] : [citizen.ja])),
  OUTCOMES.valid.sentence?.ja ?? '',
]);
const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
const numbers = (text: string) => (text.match(/\d+/g) ?? []).sort();

describe('catalogues', () => {
  it('more than two hundred sentences are found where they are written, none of them put together', () => {
    expect(SENTENCES.size).toBeGreaterThan(250);
    for (const sentence of SENTENCES) expect(sentence).not.toContain('${');
  });

  it.each(TRANSLATED)('%s: every sentence, and no other', (language) => {
    expect([...SENTENCES].filter((sentence) => !CATALOGUES[language].has(sentence))).toEqual([]);
    expect([...CATALOGUES[language].keys()].filter((sentence) => !SENTENCES.has(sentence))).toEqual([]);
  });

  it.each(TRANSLATED)('%s: the values and the numbers of each sentence', (language) => {
    for (const [sentence, translation] of CATALOGUES[language]) {
      expect(placeholders(translation), sentence).toEqual(placeholders(sentence));
      expect(numbers(translation), sentence).toEqual(numbers(sentence));
    }
  });

  it('やさしい日本語: every kanji has its reading', () => {
    const words = [...EASY_READINGS.keys()].sort((a, b) => b.length - a.length);
    const known = new RegExp(words.join('|'), 'gu');
    for (const translation of CATALOGUES.easy.values())
      expect(translation.replaceAll(known, '').match(/[一-龥々]/g), translation).toBeNull();
    for (const reading of EASY_READINGS.values()) expect(reading).toMatch(/^[ぁ-ん]+$/);
  });

  it('one that says a sentence twice, or not at all, is refused', () => {
    expect(() => readCatalogue('あ\n  a\nあ\n  b', ' ')).toThrow('twice');
    expect(() => readCatalogue('あ\nい\n  b', ' ')).toThrow('no translation');
    expect(readCatalogue('あ\n  a\n  b', ' ').get('あ')).toBe('a b');
  });
});

describe('a page in the language of its reader', () => {
  async function pagesOf(language: Language): Promise<readonly string[]> {
    const world = fakeWorld();
    const failure = { code: 'upstream.citizen', row: 'result-7' } as const;
    const verdict: Verdict = {
      indication: 'TOTAL-PASSED',
      signedOctetsSha256: 'f'.repeat(64),
      reference: 'r',
      decidedAt: world.clock.now(),
    };
    const records: Application[] = [];
    for (const state of STATES)
      records.push(
        await received(world, {
          displayName: 'document',
          state,
          ...(state === 'decided' ? { verdict } : { failure }),
        }),
      );
    const [first] = records;
    if (first === undefined) throw new Error('no record');
    const session = {
      idHash: 'h',
      csrf: 'c',
      createdAt: 0,
      login: { attributes: { name: 'Name', gender: '9' } },
    };
    return readBy({ language, address: '?' }, () => [
      ...records.map((record) => completionPage(record, 'full', { again: 'c' })),
      confirmationPage(first, 'c', { document: documentSection(first), login: session as never }),
      documentPage(first),
      paperPage(first, verdict),
      wayBackPage(first, 'https://sp.example'),
      waitingPage(first, { kind: 'waits', ahead: 3, seconds: 200 }),
      waitingPage(first, { kind: 'turn' }),
      errorPage('http.cookie', 'id', '/x'),
      accountPage(undefined, 'c', 'offered'),
      accountPage(session as never, 'c', 'offered'),
      loginEndedPage({ code: 'oidc.state' }),
    ]);
  }

  it.each(FOREIGN)('%s: no Japanese sentence is left, and the page says its language', async (language) => {
    for (const page of await pagesOf(language)) {
      const { tag } = LANGUAGES[language];
      expect(page).toContain(`<html lang="${tag}">`);
      const own = page
        .replaceAll(/<nav class="languages"[\s\S]*?<\/nav>/g, '')
        .replaceAll('JPKI暗証番号リセット', '');
      expect(
        own.match(KANA),
        own.slice(Math.max(0, own.search(KANA) - 80), own.search(KANA) + 40),
      ).toBeNull();
    }
  });

  it('some texts are in English for want of a translation: they say so, and only names are', async () => {
    for (const language of ['zh', 'pt', 'vi'] as const)
      for (const page of await pagesOf(language)) expect(page).not.toContain('<bdi lang="en">');
    const name = { ja: '模擬市役所', en: 'Simulated City' };
    expect(readBy({ language: 'pt' }, () => both(name)).markup).toBe('<bdi lang="en">Simulated City</bdi>');
    expect(readBy({ language: 'easy' }, () => both(name)).markup).toBe('模擬市役所');
  });

  it('Japanese: English beside it, and readings for eyes over the six hardest words', () => {
    const text = { ja: '署名用電子証明書が失効しています', en: 'Revoked.' };
    expect(readBy({ language: 'ja' }, () => both(text)).markup).toBe(
      '署名用電子証明書が<ruby>失効<rp>(</rp><rt aria-hidden="true">しっこう</rt><rp>)</rp></ruby>' +
        'しています<span lang="en">Revoked.</span>',
    );
    expect(both(text).markup).toBe('署名用電子証明書が失効しています<span lang="en">Revoked.</span>');
  });

  it('what somebody is called has no reading, and is text', () => {
    const said = { ja: '{name} さんとしてログインしています', en: 'x', values: { name: '前失効<b>' } };
    const { markup } = readBy({ language: 'easy' }, () => both(said));
    expect(markup).toContain('前失効&lt;b&gt;');
  });
});

describe('each row in each state, in each language', () => {
  it.each(TRANSLATED)('%s', async (language) => {
    const world = fakeWorld();
    for (const state of STATES) {
      const application = await received(world, { state });
      for (const row of UPSTREAM_ERROR_ROWS) {
        const message = applicationMessage({ ...application, failure: { code: row.code, row: row.id } });
        if (message === undefined) throw new Error(row.id);
        const { markup } = readBy({ language }, () => both(message));
        expect(markup, `${state} ${row.id}`).not.toMatch(/\{\w+\}|lang="en"|undefined/);
        if (language !== 'easy') expect(markup).not.toMatch(KANA);
        const year = String(new Date(application.purgeAt).getUTCFullYear());
        expect(markup.includes(year), `${state} ${row.id}`).toBe(/\d{4}年/.test(message.ja));
      }
    }
  });
});

describe('the choice', () => {
  function asked(url: string, cookie?: string, method = 'GET') {
    const { pathname, searchParams } = new URL(url, 'https://sp.example');
    const set: string[] = [];
    const request = {
      method,
      path: pathname,
      query: Object.fromEntries(searchParams),
      get: (name: string) => (name === 'Cookie' ? cookie : undefined),
      app: { get: () => 'host' },
    } as object as Request;
    const response = {
      req: request,
      cookie: (name: string, value: string) => set.push(`${name}=${value}`),
    } as object as Response;
    return { reader: readerOf(request, response), set };
  }
  const ID = '01890a5d-ac96-774b-bcce-000000000001';

  it('is made by the address, kept in a cookie of ours, and guessed from nothing', () => {
    expect(asked(`/applications/${ID}/sign`).reader.language).toBe('ja');
    const chosen = asked(`/applications/${ID}/sign?lang=vi`);
    expect(chosen.reader.language).toBe('vi');
    expect(chosen.set).toEqual(['__Host-jitsuin-language=vi']);
    const kept = asked(`/applications/${ID}/complete`, '__Host-jitsuin-language=vi');
    expect(kept.reader.language).toBe('vi');
    expect(kept.set).toEqual([]);
    for (const wrong of ['xx', '', '__proto__', 'constructor']) {
      expect(asked(`/applications/${ID}/sign?lang=${wrong}`).reader.language).toBe('ja');
      expect(asked(`/x`, `__Host-jitsuin-language=${wrong}`).reader.language).toBe('ja');
    }
  });

  it('is offered at the same page, whose address never repeats what the service sent', () => {
    expect(asked(`/applications/${ID}/sign?hand_over=abc&cookie=sent`).reader.address).toBe(
      '?hand_over=abc&',
    );
    expect(asked(`/applications/${ID}/way-back`, undefined, 'POST').reader.address).toBe(
      `/applications/${ID}/sign?`,
    );
    expect(asked('/callback?code=MARK&state=MARK').reader.address).toBeUndefined();
    expect(asked('/login?return_to=%2Faccount').reader.address).toBeUndefined();
  });
});
