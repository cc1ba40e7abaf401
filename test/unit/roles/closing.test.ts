import { describe, expect, it } from 'vitest';
import { closingOnFailure, createClosing } from '../../../src/adapters/closing.ts';

describe('closing', () => {
  it('closes the newest first, and everything once', async () => {
    const closed: string[] = [];
    const closing = createClosing();
    closing.add(() => void closed.push('store'));
    closing.add(async () => void closed.push('server'));
    await closing.close();
    await closing.close();
    expect(closed).toEqual(['server', 'store']);
  });

  it('closes the rest when one fails, and then throws the first failure', async () => {
    const closed: string[] = [];
    const closing = createClosing();
    closing.add(() => void closed.push('store'));
    closing.add(() => {
      throw new Error('queue');
    });
    await expect(closing.close()).rejects.toThrow('queue');
    expect(closed).toEqual(['store']);
  });

  it('closes what a failed start had opened, and throws the failure of the start', async () => {
    const closed: string[] = [];
    const closing = createClosing();
    const start = closingOnFailure(closing, async () => {
      closing.add(() => void closed.push('store'));
      throw new Error('port taken');
    });
    await expect(start).rejects.toThrow('port taken');
    expect(closed).toEqual(['store']);
  });
});
