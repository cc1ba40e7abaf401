import { EventEmitter } from 'node:events';
import type { Express, Response } from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CLOSING, waitingRoom } from '../../../src/http/waiting.ts';

const MOST = 500;
const MOST_OF_TENANT = 100;

/** A room with callers whose question is answered when `state.there` is set. */
function bench() {
  const app = new EventEmitter();
  const room = waitingRoom(app as object as Express);
  const state = { there: false, looks: 0 };
  const ask = (seconds: number, tenant = 'city') => {
    const response = Object.assign(new EventEmitter(), { destroyed: false });
    const seen = { answer: undefined as string | undefined };
    const look = async () => {
      state.looks += 1;
      return state.there ? 'there' : 'not yet';
    };
    const answered = room
      .until(response as object as Response, { seconds, tenant }, look, (one) => one === 'there')
      .then((answer) => {
        seen.answer = answer;
      });
    return { response, seen, answered };
  };
  return { app, state, ask };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('an answer that is held back', () => {
  it('comes at once without a wish to wait', async () => {
    const { state, ask } = bench();
    const { seen, answered } = ask(0);
    await answered;
    expect([seen.answer, state.looks]).toEqual(['not yet', 1]);
  });

  it('comes at once where what is waited for is there', async () => {
    const { state, ask } = bench();
    state.there = true;
    const { seen, answered } = ask(20);
    await answered;
    expect([seen.answer, state.looks]).toEqual(['there', 1]);
  });

  it('comes within a second of what is waited for', async () => {
    const { state, ask } = bench();
    const { seen } = ask(20);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(seen.answer).toBeUndefined();
    state.there = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(seen.answer).toBe('there');
  });

  it('comes as it is when its time is up', async () => {
    const { ask } = bench();
    const { seen } = ask(3);
    await vi.advanceTimersByTimeAsync(2_900);
    expect(seen.answer).toBeUndefined();
    await vi.advanceTimersByTimeAsync(100);
    expect(seen.answer).toBe('not yet');
  });

  it('comes when the server stops, and nobody waits after that', async () => {
    const { app, ask } = bench();
    const { seen, answered } = ask(20);
    await vi.advanceTimersByTimeAsync(10);
    app.emit(CLOSING);
    await answered;
    expect(seen.answer).toBe('not yet');
    const late = ask(20);
    await late.answered;
    expect(late.seen.answer).toBe('not yet');
  });

  it('ends with its caller', async () => {
    const { state, ask } = bench();
    const { response, answered } = ask(20);
    await vi.advanceTimersByTimeAsync(10);
    Object.assign(response, { destroyed: true }).emit('close');
    await answered;
    const { looks } = state;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(state.looks).toBe(looks);
    expect(response.listenerCount('close')).toBe(0);
  });

  it('is given at once beyond the places of a tenant, and of the process; others still wait', async () => {
    const { ask } = bench();
    const waiting = Array.from({ length: MOST_OF_TENANT }, () => ask(1, 'tenant 0'));
    const beyond = ask(20, 'tenant 0');
    await beyond.answered;
    expect(beyond.seen.answer).toBe('not yet');
    for (let n = MOST_OF_TENANT; n < MOST; n += 1) waiting.push(ask(1, `tenant ${(n % 4) + 1}`));
    const full = ask(20, 'another');
    await full.answered;
    expect(full.seen.answer).toBe('not yet');
    await vi.advanceTimersByTimeAsync(0);
    expect(waiting.every(({ seen }) => seen.answer === undefined)).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(waiting.every(({ seen }) => seen.answer === 'not yet')).toBe(true);
    const after = ask(20, 'another');
    await vi.advanceTimersByTimeAsync(100);
    expect(after.seen.answer).toBeUndefined();
  });
});
