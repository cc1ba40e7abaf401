import { describe, expect, it } from 'vitest';
import { joinUriReferences } from '../../../src/core/c14n/xml-base.ts';

describe('join-URI-References of C14N 1.1', () => {
  it.each([
    ['http://a.jp/b/c', 'd', 'http://a.jp/b/d'],
    ['http://a.jp/b/c', '/d', 'http://a.jp/d'],
    ['http://a.jp/b/c', '../d', 'http://a.jp/d'],
    ['http://a.jp/b/c', '../../d', 'http://a.jp/d'],
    ['http://a.jp/b/c', '..', 'http://a.jp/'],
    ['http://a.jp', 'd', 'http://a.jp/d'],
    ['http://a.jp/b/c', '//e.jp/f', 'http://e.jp/f'],
    ['http://a.jp/b/c', 'urn:x', 'urn:x'],
    ['http://a.jp/b/c?q#f', '', 'http://a.jp/b/c?q'],
    ['/e', '?q', '/e?q'],
    ['foo/bar', '../baz', 'baz'],
    ['foo/', '../../baz', '../baz'],
    ['../foo/', '../bar', '../bar'],
    ['..', 'b', '../b'],
    ['a/b', '..', ''],
    ['x//y/', 'z', 'x/y/z'],
    ['http://a.jp/b/c', './d', 'http://a.jp/b/d'],
    ['http://a.jp/b/c', '.', 'http://a.jp/b/'],
    ['http://a.jp/b/c', 'd/./e', 'http://a.jp/b/d/e'],
  ])('%s + %s = %s', (base, reference, joined) => {
    expect(joinUriReferences(base, reference)).toBe(joined);
  });
});
