/** Records of one question to the store. */
const PAGE = 200;
/** Questions of one round: a round ends within seconds however much there is, and the next one goes on. */
const PAGES = 20;
/** Records worked on at once: their changes can share a commit. */
const TOGETHER = 32;

/**
 * Carries `act` out on all that `page` gives, page by page, until there is no more or nothing changes any more.
 * @param page the records that are due, at most so many
 * @param act whether it changed the record, so that it is not due any more
 * @returns how many were changed
 * @throws what `page` or `act` throws; what was changed before stays
 */
export async function inPages<One>(
  page: (limit: number) => Promise<readonly One[]>,
  act: (record: One) => Promise<boolean>,
): Promise<number> {
  let changed = 0;
  for (let asked = 0; asked < PAGES; asked += 1) {
    const records = await page(PAGE);
    const before = changed;
    for (let n = 0; n < records.length; n += TOGETHER) {
      const done = await Promise.all(records.slice(n, n + TOGETHER).map(act));
      changed += done.filter(Boolean).length;
    }
    if (records.length < PAGE || changed === before) break;
  }
  return changed;
}
