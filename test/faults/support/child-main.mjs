// Runs a built `jitsuin` command as a process that can be killed at named points. All of it is test code: the database
// driver is wrapped before the program loads it, and the program itself has no kill switch.
//
//   node child-main.mjs DIST_MAIN POINT_FILE serve --role sp …
//
// Messages from the parent: {arm: {moment: 'before'|'after', commit: n}} dies at the n-th commit from then on;
// {offset: ms} moves the clock of the whole process; {texts: true} asks for the statements too. Each is answered by {ok: true,
// commits, counts, texts}: commits since the last arm.
import { writeFileSync } from 'node:fs';
import { Server } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , mainFile, pointFile, ...args] = process.argv;
const requireThere = createRequire(mainFile);
const Database = requireThere('libsql');
const { Client } = requireThere('pg');
const { Redis } = requireThere('ioredis');

const armed = { moment: 'none', commit: 0 };
let commits = 0;
/**
 * Of this process since its start: SQL statements, times that PostgreSQL was asked, milliseconds inside SQLite but for its
 * commits, commits that waited for the disk, commands to Redis, HTTP requests that it answered.
 */
const counts = { statements: 0, roundTrips: 0, sqliteMillis: 0, durable: 0, redisCalls: 0, requests: 0 };
/** How often each statement was carried out, and each command sent. */
const texts = new Map();
const told = (text) => texts.set(text, (texts.get(text) ?? 0) + 1);
/** Connections whose commits do not wait for the disk at the moment. */
const unsynced = new WeakSet();
let offset = Number(process.env.CHILD_CLOCK_OFFSET ?? 0);

const RealDate = Date;
globalThis.Date = class MovedDate extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(RealDate.now() + offset);
    else super(...values);
  }
  static now() {
    return RealDate.now() + offset;
  }
};

process.on('message', (message) => {
  if (message.arm !== undefined) {
    Object.assign(armed, message.arm);
    commits = 0;
  }
  if (message.offset !== undefined) offset = message.offset;
  process.send({ ok: true, commits, counts, texts: message.texts === true ? [...texts] : undefined });
});
process.channel.unref();

function die(label, moment) {
  writeFileSync(pointFile, JSON.stringify({ label, moment, at: RealDate.now() }));
  process.kill(process.pid, 'SIGKILL');
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}

/** What a commit is about: the tables it wrote. */
function tableOf(sql) {
  return /^\s*(?:with \w+ as \()?(?:insert\s+into|update)\s+"?(\w+)"?/i.exec(sql)?.[1];
}

function committing(database, label, commit) {
  commits += 1;
  if (!unsynced.has(database)) counts.durable += 1;
  const mine = armed.moment !== 'none' && commits === armed.commit;
  if (mine && armed.moment === 'before') die(label, 'before');
  const result = commit();
  if (mine) die(label, 'after');
  return result;
}

const realPrepare = Database.prototype.prepare;
Database.prototype.prepare = function prepare(sql) {
  const statement = realPrepare.call(this, sql);
  const database = this;
  const level = /^pragma synchronous = (\w+)/.exec(sql)?.[1];
  if (level === 'NORMAL') unsynced.add(this);
  if (level === 'FULL') unsynced.delete(this);
  for (const name of ['run', 'all']) {
    const real = statement[name];
    statement[name] = function wrapped(...parameters) {
      counts.statements += 1;
      told(sql);
      const act = () => {
        const started = performance.now();
        try {
          return real.apply(statement, parameters);
        } finally {
          // a commit waits for the disk, which takes no processor
          if (!/^\s*commit/i.test(sql)) counts.sqliteMillis += performance.now() - started;
        }
      };
      return around(database, sql, act);
    };
  }
  return statement;
};

/** Tables that the open transaction of each connection has written; undefined outside one. */
const open = new Map();

function around(database, sql, act) {
  if (/^\s*begin/i.test(sql)) {
    open.set(database, new Set());
    return act();
  }
  if (/^\s*rollback/i.test(sql)) {
    open.delete(database);
    return act();
  }
  const tables = open.get(database);
  if (/^\s*commit/i.test(sql)) {
    open.delete(database);
    return tables === undefined || tables.size === 0
      ? act()
      : committing(database, [...tables].join('+'), act);
  }
  const table = tableOf(sql);
  if (table === undefined) return act();
  if (tables === undefined) return committing(database, table, act);
  tables.add(table);
  return act();
}

/** The same for PostgreSQL, whose answers come later. */
const realQuery = Client.prototype.query;
/** The database's clock is moved with ours: they are of one world. A query is a text, or an object with its text. */
function inWorldTime(query) {
  const text = typeof query === 'string' ? query : query?.text;
  if (offset === 0 || typeof text !== 'string' || !text.includes('clock_timestamp()')) return query;
  const moved = text.replaceAll(
    'clock_timestamp()',
    `(clock_timestamp() + interval '${offset} milliseconds')`,
  );
  return typeof query === 'string' ? moved : { ...query, text: moved };
}

/** How many questions of each connection wait for their answers. */
const underWay = new WeakMap();

Client.prototype.query = function query(asked, ...rest) {
  const sql = inWorldTime(asked);
  const act = () => {
    const answer = realQuery.call(this, sql, ...rest);
    underWay.set(this, (underWay.get(this) ?? 0) + 1);
    const over = () => underWay.set(this, underWay.get(this) - 1);
    if (typeof answer?.then === 'function') answer.then(over, over);
    else over();
    return answer;
  };
  const text = typeof sql === 'string' ? sql : sql?.text;
  // what is sent while an answer is on its way takes the same way there
  const waiting = underWay.get(this) ?? 0;
  if (waiting === 0) counts.roundTrips += 1;
  counts.statements += typeof text === 'string' ? text.split(/;\s*(?=\S)/).length : 1;
  told(String(text));
  if (typeof text !== 'string') return act();
  return aroundLater(this, text, act);
};

function aroundLater(client, sql, act) {
  if (/^\s*begin/i.test(sql)) {
    open.set(client, new Set());
    return act();
  }
  if (/^\s*rollback/i.test(sql)) {
    open.delete(client);
    return act();
  }
  const tables = open.get(client);
  if (/^\s*commit/i.test(sql)) {
    open.delete(client);
    return tables === undefined || tables.size === 0 ? act() : committingLater([...tables].join('+'), act);
  }
  const table = tableOf(sql);
  if (table === undefined) return act();
  if (tables === undefined) return committingLater(table, act);
  tables.add(table);
  return act();
}

async function committingLater(label, commit) {
  commits += 1;
  counts.durable += 1;
  const mine = armed.moment !== 'none' && commits === armed.commit;
  if (mine && armed.moment === 'before') die(label, 'before');
  const result = await commit();
  if (mine) die(label, 'after');
  return result;
}

const realSend = Redis.prototype.sendCommand;
Redis.prototype.sendCommand = function sendCommand(...parameters) {
  counts.redisCalls += 1;
  told(`redis ${parameters[0]?.name} ${String(parameters[0]?.args?.[0] ?? '').slice(0, 60)}`);
  return realSend.apply(this, parameters);
};

const realEmit = Server.prototype.emit;
Server.prototype.emit = function emit(event, ...rest) {
  if (event === 'request') counts.requests += 1;
  return realEmit.call(this, event, ...rest);
};

process.argv = [process.argv[0], mainFile, ...args];
await import(pathToFileURL(mainFile).href);
