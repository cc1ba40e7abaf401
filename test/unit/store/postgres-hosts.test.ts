import { describe, expect, it } from 'vitest';
import { postgresFault } from '../../../src/adapters/store/engine/postgres-fault.ts';
import { hostNames, postgresHosts } from '../../../src/adapters/store/engine/postgres-hosts.ts';
import { openingError, storeError } from '../../../src/adapters/store/engine/store-errors.ts';

describe('DATABASE_URL with several hosts', () => {
  it.each([
    ['postgres://u:p@h/d', ['postgres://u:p@h/d'], 'any'],
    ['postgresql://h1:1,h2:2/d', ['postgresql://h1:1/d', 'postgresql://h2:2/d'], 'read-write'],
    [
      'postgres://u:p@h1,[::1]:2/d?sslmode=verify-full&target_session_attrs=primary',
      ['postgres://u:p@h1/d?sslmode=verify-full', 'postgres://u:p@[::1]:2/d?sslmode=verify-full'],
      'primary',
    ],
    ['postgres://u@h/d?target_session_attrs=read-write', ['postgres://u@h/d'], 'read-write'],
    ['postgres:///d?host=/run/postgresql', ['postgres:///d?host=%2Frun%2Fpostgresql'], 'any'],
  ] as const)('%s', (text, urls, wanted) => {
    expect(postgresHosts(text)).toEqual({ urls, wanted });
  });

  it.each(['postgres://u@h1:x,h2/d', 'postgres://u@h1,/d:1', 'postgres://h/d?target_session_attrs=standby'])(
    'refuses %s',
    (text) => {
      expect(() => postgresHosts(text)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
    },
  );

  it.each([
    ['postgres://user:secret@one:1,two/d', 'one:1,two'],
    ['postgres://user:se@cret@one/d', 'one'],
    ['postgres://user:se/c@ret@one/d', ''],
  ])('names hosts of %s alone', (text, names) => {
    expect(hostNames(text)).toBe(names);
  });
});

describe('faults of PostgreSQL', () => {
  const fault = (members: object, message = 'secret ﾊﾟｽﾜｰﾄﾞ') => Object.assign(new Error(message), members);

  it.each([
    [{ code: '28000', routine: 'ClientAuthentication' }, /pg_hba\.conf/],
    [{ code: '28000', routine: 'InitializeSessionUserId' }, /does not know the user/],
    [{ code: '42501', routine: 'CheckMyDatabase' }, /GRANT CONNECT/],
    [{ code: '42501', routine: 'aclcheck_error' }, /right in the schema/],
    [{ code: '57P03' }, /starting, stopping or recovering/],
    [{ code: '22P05' }, /ENCODING UTF8/],
    [{ code: 'EHOSTUNREACH' }, /no way to the host/],
    [{ code: 'CERT_HAS_EXPIRED' }, /not valid now/],
  ])('%j, whatever language the server speaks', (members, says) => {
    const opened = openingError(fault(members), 'postgres://u:secret@h/d');
    expect(opened.message).toMatch(says);
    expect(opened).toMatchObject({ code: 'store.unavailable', at: 'DATABASE_URL' });
    expect(opened.message).not.toContain('secret');
  });

  it('while it runs, callers are told none of it, and the log its meaning', () => {
    const error = storeError(fault({ code: '53300' }));
    expect(error.message).toBe('The database cannot be used now.');
    expect(String(error.cause)).toMatch(/53300.*no connection left/);
  });

  it('what is not known has no meaning', () => {
    expect(postgresFault(fault({ code: 'XX000' }))).toBeUndefined();
    expect(openingError(fault({ code: 'XX000' }), 'postgres://h/d').code).toBe('internal.unexpected');
  });
});
