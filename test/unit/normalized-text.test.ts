import { describe, expect, it } from 'vitest';
import { normalizedText } from '../../src/core/normalized-text.ts';

describe('normalizedText', () => {
  it('normalizes what is written, and nothing with a run of marks that no writing has', () => {
    expect(normalizedText('か\u3099', 'NFC')).toBe('が');
    expect(normalizedText(`a${'\u0300\u0323'.repeat(15)}`, 'NFD')).toHaveLength(31);
    expect(normalizedText(`a${'\u0300\u0323'.repeat(16)}`, 'NFD')).toBeUndefined();
  });
});
