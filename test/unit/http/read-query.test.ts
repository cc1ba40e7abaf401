import type { Request } from 'express';
import { describe, expect, it } from 'vitest';
import { applicationListQuerySchema, newApplicationQuerySchema } from '../../../src/contracts/public-api.ts';
import { verificationListQuerySchema } from '../../../src/contracts/verification.ts';
import { webhookDeliveryListQuerySchema } from '../../../src/contracts/webhooks.ts';
import { parseQuery, readQuery } from '../../../src/http/read-query.ts';
import { isRegisteredReturn } from '../../../src/http/relying-party/return-urls.ts';
import { refusal } from '../../support/refusal.ts';

const LISTS = [applicationListQuerySchema, verificationListQuerySchema, webhookDeliveryListQuerySchema];
const asked = (text: string) => ({ query: parseQuery(text) }) as object as Request;

describe('a whole number in a query', () => {
  it.each(['1', '20', '100'])('%s is one', (limit) => {
    for (const schema of LISTS) {
      expect(readQuery(schema, asked(`limit=${limit}`))).toMatchObject({ limit: Number(limit) });
    }
  });

  it.each([
    '0x10',
    '1e1',
    '010',
    '+1',
    '-1',
    '1.0',
    '%201',
    '1%20',
    '',
    '0',
    '101',
    '１０',
    'true',
    '1&limit=2',
  ])('%j is none that a list takes', (limit) => {
    for (const schema of LISTS) {
      const spelled = /^[\x21-\x7e]*$/.test(limit) ? limit : encodeURIComponent(limit);
      expect(refusal(() => readQuery(schema, asked(`limit=${spelled}`)))).toMatchObject({
        code: 'http.body',
        at: 'limit',
      });
    }
  });

  it('is its default when it is not there', () => {
    for (const schema of LISTS) expect(readQuery(schema, asked(''))).toMatchObject({ limit: 20 });
  });
});

describe('text in a query', () => {
  it('is what was sent, in UTF-8', () => {
    const { name } = readQuery(
      newApplicationQuerySchema,
      asked(`name=${encodeURIComponent('𠮷野家 申請')}+1`),
    );
    expect(name).toBe('𠮷野家 申請 1');
  });

  it.each(['%90%5C%90%BF', '%ff', '%', '%e3%81', '%ed%a0%80', '申請'])(
    '%j is refused and never shown with a replacement character',
    (value) => {
      expect(refusal(() => parseQuery(`name=${value}`))).toMatchObject({ code: 'http.body', at: 'name' });
    },
  );

  it('unknown and repeated parameters are named', () => {
    expect(refusal(() => readQuery(newApplicationQuerySchema, asked('profil=by-id')))).toMatchObject({
      code: 'http.body',
      at: 'profil',
      message: expect.stringContaining('profile'),
    });
    expect(
      refusal(() => readQuery(newApplicationQuerySchema, asked('mode=digest&mode=digest'))),
    ).toMatchObject({
      at: 'mode',
    });
    expect(refusal(() => readQuery(newApplicationQuerySchema, asked('mode=sha')))).toMatchObject({
      at: 'mode',
      message: expect.stringContaining('digest-info'),
    });
  });

  it('__proto__ is a name like any other', () => {
    expect(refusal(() => readQuery(newApplicationQuerySchema, asked('__proto__=x')))).toMatchObject({
      code: 'http.body',
    });
  });
});

describe('where citizens may be led', () => {
  const REGISTERED = ['https://app.example/done', 'https://app.example/fixed?x=1'];

  it.each([
    'https://app.example/done',
    'https://app.example/done/',
    'https://app.example/done/123/ok',
    'https://app.example/fixed?x=1',
  ])('%s', (url) => expect(isRegisteredReturn(REGISTERED, url)).toBe(true));

  it.each([
    'https://app.example/',
    'https://app.example/done2',
    'https://app.example/done/../admin',
    'https://app.example/done/%2e%2e/admin',
    'https://app.example/done/%2Fadmin',
    'https://app.example/done/\\admin',
    'https://app.example/done/x#y',
    'https://app.example/done/x?next=https://evil.example',
    'https://app.example/fixed?x=2',
    'https://app.example:8443/done/x',
    'http://app.example/done/x',
    'https://evil.example/done/x',
    'https://user@app.example/done/x',
    'https://:secret@app.example/done/x',
    'https://user:secret@app.example/done/x',
    'https://APP.example/done/x',
    'HTTPS://app.example/done/x',
    'https://app.example:443/done/x',
    'https://app.example/done/./x',
    'https://app.example/done/x/..',
    'https://app.example/done/x#',
    'https://app.example/done/x?',
    'https:app.example/done/x',
    'https://app.example/done/申請',
    'https://app.example.evil.example/done/x',
    '//app.example/done/x',
    'javascript:alert(1)',
    '',
  ])('not %s', (url) => expect(isRegisteredReturn(REGISTERED, url)).toBe(false));
});
