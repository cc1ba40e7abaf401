import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../../src/core/errors.ts';
import {
  matchUpstreamError,
  UPSTREAM_ERROR_ROWS,
  type UpstreamEndpoint,
  type UpstreamErrorRow,
  upstreamErrorRow,
  upstreamFailure,
  upstreamItems,
} from '../../../src/core/sign-transaction/upstream-errors.ts';

const COUNTS: Record<UpstreamEndpoint, number> = {
  authorization: 8,
  token: 17,
  userinfo: 8,
  start: 13,
  result: 15,
};
const ENDPOINTS = Object.keys(COUNTS) as UpstreamEndpoint[];

function onTheWire(row: UpstreamErrorRow) {
  return {
    status: row.status,
    error: row.error,
    error_description: row.errorDescription?.replace('○○○○', 'client_id'),
    item: row.item,
  };
}

describe('the table of the guideline', () => {
  it('has 61 rows in the order of the five tables', () => {
    const ids = ENDPOINTS.flatMap((endpoint) =>
      Array.from({ length: COUNTS[endpoint] }, (_, index) => `${endpoint}-${index + 1}`),
    );
    expect(UPSTREAM_ERROR_ROWS.map((row) => row.id)).toEqual(ids);
    expect(UPSTREAM_ERROR_ROWS).toHaveLength(61);
  });

  it('keeps disposition, actor, code and next step in agreement', () => {
    const agreed: Record<string, readonly [string, string, string]> = {
      'upstream.citizen': ['final', 'citizen', 'end-refused'],
      'upstream.restart': ['restart', 'citizen', 'end-restart-needed'],
      'upstream.operator': ['final', 'operator', 'end-failed'],
    };
    for (const row of UPSTREAM_ERROR_ROWS) {
      const expected = agreed[row.code];
      if (expected) expect([row.disposition, row.actor, row.next], row.id).toEqual(expected);
      else if (row.code === 'upstream.refresh') expect(row.disposition, row.id).toBe('refresh');
      else expect([row.code, row.disposition], row.id).toEqual(['upstream.temporary', 'retry']);
      expect(ERROR_CODES[row.code] === 'temporary', row.id).toBe(
        ['retry', 'refresh'].includes(row.disposition),
      );
      expect(row.citizen.ja.length, row.id).toBeGreaterThan(0);
      expect(row.citizen.en.length, row.id).toBeGreaterThan(0);
      expect(row.messageEn.length, row.id).toBeGreaterThan(0);
    }
  });

  it('says what the app says about the card', () => {
    expect(upstreamErrorRow('result-7')?.citizen.ja).toBe('署名用電子証明書がロックされています');
    expect(upstreamErrorRow('result-16')).toBeUndefined();
  });
});

describe('matchUpstreamError', () => {
  it.each(UPSTREAM_ERROR_ROWS)('$id is found by its own wording', (row) => {
    expect(matchUpstreamError(row.endpoint, onTheWire(row)).id).toBe(row.id);
  });

  it.each(UPSTREAM_ERROR_ROWS.filter((row) => row.item !== undefined))('$id with item as a list', (row) => {
    expect(matchUpstreamError(row.endpoint, { ...onTheWire(row), item: ['other', row.item] }).id).toBe(
      row.id,
    );
  });

  it.each([undefined, '', '-', null])('a description printed as "-" may be %j', (error_description) => {
    expect(
      matchUpstreamError('result', { status: 400, error: 'locked_certificate', error_description }).id,
    ).toBe('result-7');
  });

  it('accepts both spellings of invalid_certificat', () => {
    expect(matchUpstreamError('result', { status: 400, error: 'invalid_certificate' }).id).toBe('result-3');
    expect(matchUpstreamError('result', { status: 400, error: 'invalid_certificat' }).id).toBe('result-3');
  });

  it('survives line breaks and padding in a description', () => {
    const answer = { status: 302, error: 'invalid_request', error_description: 'Client \n disabled   ' };
    expect(matchUpstreamError('authorization', answer).id).toBe('authorization-2');
  });

  it.each(UPSTREAM_ERROR_ROWS)('a text that no row prints beside the error of $id claims no row', (row) => {
    const { endpoint, status, error } = row;
    const found = matchUpstreamError(endpoint, { status, error, error_description: '新しい文' });
    const same = UPSTREAM_ERROR_ROWS.filter(
      (one) => one.endpoint === endpoint && one.error === error && one.status === status,
    );
    const textless = same.length === 1 && row.errorDescription === undefined && row.item === undefined;
    expect(found.id).toBe(textless ? row.id : `${endpoint}-fallback-${status}-${error}`);
    expect(same.map(({ code, next }) => ({ code, next }))).toContainEqual({
      code: found.code,
      next: found.next,
    });
    expect(upstreamErrorRow(found.id)).toEqual(found);
    if (textless) return;
    expect(same.map(({ messageEn }) => messageEn)).not.toContain(found.messageEn);
  });

  it('a clock that is ahead is no missing parameter; an ended session is no used code', () => {
    const ahead = { status: 400, error: 'invalid_client', error_description: 'Token is not active' };
    expect(matchUpstreamError('token', ahead)).toMatchObject({
      id: 'token-fallback-400-invalid_client',
      code: 'upstream.operator',
    });
    const over = { status: 400, error: 'invalid_grant', error_description: 'Session not active' };
    expect(matchUpstreamError('token', over)).toMatchObject({
      id: 'token-fallback-400-invalid_grant',
      code: 'upstream.restart',
      citizen: { ja: '手続を完了できませんでした。' },
    });
  });

  it('goes by the error within the class of a status', () => {
    expect(matchUpstreamError('userinfo', { status: 400, error: 'invalid_token' }).code).toBe(
      'upstream.refresh',
    );
  });

  it.each([
    ['token', 503, 'fallback-503', 'retry', 'upstream.temporary'],
    ['result', 502, 'fallback-5xx', 'retry', 'upstream.temporary'],
    ['result', 429, 'fallback-429', 'retry', 'upstream.temporary'],
    ['result', 401, 'fallback-401', 'refresh', 'upstream.refresh'],
    ['start', 401, 'fallback-401', 'refresh', 'upstream.refresh'],
    ['token', 401, 'fallback-4xx', 'final', 'upstream.final'],
    ['result', 404, 'fallback-4xx', 'final', 'upstream.final'],
    ['start', 302, 'fallback-4xx', 'final', 'upstream.final'],
    ['authorization', 302, 'fallback-error', 'restart', 'oidc.callback-error'],
  ] as const)('%s %i without anything known is %s', (endpoint, status, id, disposition, code) => {
    for (const error of [undefined, '', 'teapot', 42, ['x'], { a: 1 }, '__proto__']) {
      expect(
        matchUpstreamError(endpoint, { status, error, item: { x: 1 }, error_description: 7 }),
      ).toMatchObject({
        id: `${endpoint}-${id}`,
        disposition,
        code,
      });
      expect(upstreamErrorRow(`${endpoint}-${id}`)).toMatchObject({ disposition, code });
    }
  });

  it('reads items of any type', () => {
    expect(upstreamItems('a')).toEqual(['a']);
    expect(upstreamItems(['a', 1, '', '-', 'b'])).toEqual(['a', 'b']);
    expect(upstreamItems(undefined)).toEqual([]);
    expect(upstreamItems({ a: 'b' })).toEqual([]);
  });
});

describe('upstreamFailure', () => {
  it('keeps what the service said and names the row', () => {
    const failure = upstreamFailure('start', {
      status: 401,
      error: 'invalid_grant',
      item: '権限がありません。',
    });
    expect(failure.code).toBe('upstream.operator');
    expect(failure.upstream).toEqual({
      status: 401,
      row: 'start-10',
      error: 'invalid_grant',
      item: ['権限がありません。'],
    });
  });

  it('keeps no echoed token and no endless text', () => {
    const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJzaW11bGF0ZWQifQ.c2lnbmF0dXJl';
    const failure = upstreamFailure('result', {
      status: 400,
      error: token,
      error_description: `bad ${token} ${'あ'.repeat(500)}`,
      item: [token],
    });
    expect(JSON.stringify(failure.upstream)).not.toContain('eyJ');
    expect(failure.upstream?.errorDescription).toHaveLength(200);
  });
});
