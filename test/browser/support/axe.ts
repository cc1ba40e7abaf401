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

/** The same for many pages in a row: all rules in light, in dark those of colours alone. */
export async function quickAxeViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await page.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })");
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await page.evaluate<AxeResults>(
    "axe.run({ runOnly: ['color-contrast'], resultTypes: ['violations'] })",
  );
  return [...light.violations, ...dark.violations].map(
    ({ id, nodes }) => `${id} ${nodes.map((node) => `${node.html} ${node.failureSummary ?? ''}`).join(' ')}`,
  );
}
