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
 * @throws what `page` throws, or what the first failed `act` threw once the others of its page were carried out;
 * what was
 * changed stays
 */
export async function inPages<One>(
  page: (limit: number) => Promise<readonly One[]>,
  act: (record: One) => Promise<boolean>,
): Promise<number> {
  let changed = 0;
  const failures: PromiseRejectedResult[] = [];
  for (let asked = 0; asked < PAGES; asked += 1) {
    const records = await page(PAGE);
    const before = changed;
    for (let n = 0; n < records.length; n += TOGETHER) {
      const done = await Promise.allSettled(records.slice(n, n + TOGETHER).map(act));
      changed += done.filter((one) => one.status === 'fulfilled' && one.value).length;
      failures.push(...done.filter((one) => one.status === 'rejected'));
    }
    if (records.length < PAGE || changed === before) break;
  }
  const [first] = failures;
  if (first !== undefined) throw first.reason;
  return changed;
}
