import { sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import type { CrlMark, CrlMarks } from '../../../ports/crl-marks.ts';
import type { StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';
import { changeRows } from '../rows/change-rows.ts';

/** Marks stand among the store's own, each under its MAC: one put back or changed is refused. */
const nameOf = (key: string) => `crl ${key}`;
const textOf = ({ number, thisUpdate }: CrlMark) => `${thisUpdate} ${number}`;

function markOf(value: string): CrlMark {
  const [thisUpdate = '', number = ''] = value.split(' ');
  return { number, thisUpdate: Number(thisUpdate) as EpochMillis };
}

/** How far the lists of each distribution point have come, for every process of the store. */
export function openCrlMarks({ connection: { db }, rows }: StoreContext): CrlMarks {
  const read = async (name: string) => {
    const row = await db.selectFrom('store_marks').selectAll().where('name', '=', name).executeTakeFirst();
    return row === undefined ? undefined : rows.checked('store_marks', row).value;
  };
  return {
    get: (key) =>
      guarded(async () => {
        const value = await read(nameOf(key));
        return value === undefined ? undefined : markOf(value);
      }),
    raise: (key, mark) =>
      guarded(async () => {
        const name = nameOf(key);
        const value = textOf(mark);
        await db
          .insertInto('store_marks')
          .values(rows.sealed('store_marks', { name, value }))
          .onConflict((conflict) => conflict.column('name').doNothing())
          .execute();
        const before = await read(name);
        if (before === undefined || !isFarther(mark, markOf(before))) return;
        const where = sql<boolean>`name = ${name} and value = ${before}`;
        await changeRows(db, rows, { table: 'store_marks', where, set: { value } });
      }),
  };
}

function isFarther(next: CrlMark, before: CrlMark): boolean {
  return next.thisUpdate > before.thisUpdate && BigInt(`0x${next.number}`) >= BigInt(`0x${before.number}`);
}
