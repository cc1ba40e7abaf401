/**
 * Runs every step, one after the other, also where one before it failed: what is due today is not put off by a
 * stranger's fault.
 * @throws what the first failed step threw, once all have run
 */
export async function allSteps(steps: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (thrown) {
      failures.push(thrown);
    }
  }
  if (failures.length > 0) throw failures[0];
}
