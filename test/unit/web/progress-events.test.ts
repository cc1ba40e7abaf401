import { EventEmitter } from 'node:events';
import type { Response } from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Application } from '../../../src/core/sign-transaction/application.ts';
import { progressEvents } from '../../../src/web/applicant/progress-events.ts';

/** A response as a reader leaves it that takes nothing: what is written stays, and nobody drains it. */
class Unread extends EventEmitter {
  readonly written: string[] = [];
  destroyed = false;
  ended = false;
  status(): this {
    return this;
  }
  setHeader(): void {}
  write(text: string): boolean {
    this.written.push(text);
    return false;
  }
  end(): void {
    this.ended = true;
  }
  leave(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

const application = (state: string) => ({ id: 'one', state }) as object as Application;

let browsers = 0;
function nextBrowser(): string {
  browsers += 1;
  return `browser ${browsers}`;
}
function followed(
  read: () => Promise<Application | undefined>,
  browser = nextBrowser(),
): { response: Unread; end: Promise<void> } {
  const response = new Unread();
  return {
    response,
    end: progressEvents(async () => (await read())?.state, browser, response as object as Response),
  };
}

describe('server-sent events of an application', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tell each state once, and nothing but its name', async () => {
    const states = ['authorized', 'authorized', 'fetched', 'fetched', 'decided'];
    const { response, end } = followed(async () => application(states.shift() ?? 'decided'));
    await vi.advanceTimersByTimeAsync(10_000);
    await end;
    expect(response.written).toEqual([
      'retry: 1000\n\n',
      ...['authorized', 'fetched', 'decided'].map((state) => `event: state\ndata: ${state}\n\n`),
    ]);
  });

  it('end by themselves, also for a reader that takes nothing, and give their place back', async () => {
    const many = Array.from({ length: 500 }, () => followed(async () => application('authorized')));
    await expect(followed(async () => undefined).end).rejects.toMatchObject({ code: 'http.rate' });
    await vi.advanceTimersByTimeAsync(10_000);
    await Promise.all(many.map(({ end }) => end));
    expect(many.every(({ response }) => response.ended)).toBe(true);
    for (const { response } of many) expect(response.written.join('').length).toBeLessThan(100);
    const next = followed(async () => undefined);
    await next.end;
    expect(next.response.ended).toBe(true);
  });

  it('end at once when the browser has gone', async () => {
    const { response, end } = followed(async () => application('authorized'));
    await vi.advanceTimersByTimeAsync(100);
    response.leave();
    await end;
    expect(response.ended).toBe(true);
  });

  it('are counted per browser: one cannot take the places of all', async () => {
    const mine = Array.from({ length: 6 }, () => followed(async () => application('fetched'), 'mine'));
    await expect(followed(async () => application('fetched'), 'mine').end).rejects.toMatchObject({
      code: 'http.rate',
    });
    const other = followed(async () => application('fetched'), 'other');
    for (const { response } of [...mine, other]) response.leave();
    await vi.advanceTimersByTimeAsync(1_000);
    await Promise.all([...mine, other].map(({ end }) => end));
    const again = followed(async () => application('fetched'), 'mine');
    again.response.leave();
    await vi.advanceTimersByTimeAsync(1_000);
    await again.end;
  });
});
