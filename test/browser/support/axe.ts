import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** Rules of WCAG 2.2 A and AA (JIS X 8341-3:2016 is WCAG 2.0) and axe's best practices that are violated, in light and dark. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await run(page)).map((violation) => `${colorScheme}: ${violation}`));
  }
  return found;
}

async function run(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations.map(
    ({ id, nodes }) => `${id} ${nodes.map((node) => `${node.html} ${node.failureSummary ?? ''}`).join(' ')}`,
  );
}
