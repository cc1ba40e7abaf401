import { expect, test } from 'vitest';
import { roomIn } from '../../../src/adapters/store/engine/postgres-room.ts';

const FREE = { total: 100, reserved: 3, of_database: -1, of_role: -1, ours: 0, others: 0 };

test('PostgreSQL as it comes has room for nine processes of ten connections, not for ten', () => {
  expect(roomIn(FREE, 10)).toEqual({ limit: 97, ours: 0, others: 0, processes: 9 });
});

test('the least limit counts: of the server, of the database, of the role', () => {
  expect(roomIn({ ...FREE, of_database: 40 }, 10).processes).toBe(4);
  expect(roomIn({ ...FREE, of_role: 25, of_database: 40 }, 10).processes).toBe(2);
  expect(roomIn({ ...FREE, of_role: 0 }, 10).processes).toBe(0);
});

test('who is in and is not ours takes room away; ours does not, as it is counted in full', () => {
  expect(roomIn({ ...FREE, others: 60, ours: 37 }, 10).processes).toBe(3);
  expect(roomIn({ ...FREE, others: 99 }, 10).processes).toBe(0);
});
