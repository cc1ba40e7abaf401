import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { conclude } from '../../../src/core/report.ts';
import type { ShownUnsignedPart } from '../../../src/web/verify/judgement.ts';
import { reportPage } from '../../../src/web/verify/pages.ts';

const report = conclude([{ name: 'shape', result: 'passed' }], 0 as EpochMillis);
const page = (unsigned?: readonly ShownUnsignedPart[]) =>
  reportPage({ report, ...(unsigned === undefined ? {} : { unsigned }) });

describe('what nobody signed, on the report page', () => {
  it('is listed by kind, name and place; a name is escaped and its hidden characters shown', () => {
    const html = page([
      { kind: 'element', name: 'pаy<b>', offset: 12 },
      { kind: 'comment', offset: 40 },
    ]);
    expect(html).toContain('id="unsigned"');
    expect(html.match(/<li data-kind="(?:element|comment)">/g)).toHaveLength(2);
    expect(html).toContain('U+0430');
    expect(html).not.toContain('<b>)');
    expect(html).toContain('at octet 40');
  });

  it('is not there when all is signed', () => {
    expect(page([])).not.toContain('id="unsigned"');
    expect(page()).not.toContain('id="unsigned"');
  });

  it('a long list is cut, and says how much more there is', () => {
    const html = page(Array.from({ length: 60 }, (_none, offset) => ({ kind: 'text' as const, offset })));
    expect(html.match(/<li data-kind/g)).toHaveLength(50);
    expect(html).toContain('ほか10か所');
  });
});
