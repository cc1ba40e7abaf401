/** What a walk needs of a browser, whatever engine it has: pages are read and pressed by their own scripts. */
export interface Engine {
  goto(url: string): Promise<void>;
  /** The value of a script's expression, as JSON has it. */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

const PATIENCE = 30_000;
const PAUSE = 200;

/** Waits until the expression is true on whatever page is there then. */
export async function until(engine: Engine, expression: string): Promise<void> {
  const end = Date.now() + PATIENCE;
  while (Date.now() < end) {
    const met = await engine.evaluate(`Boolean(${expression})`).catch(() => false);
    if (met === true) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  const seen = await engine.evaluate('location.pathname + " " + document.body.innerText.slice(0, 300)');
  throw new Error(`never true: ${expression}; the page is ${String(seen)}`);
}

/** Presses what is there once it is there. */
export async function press(engine: Engine, selector: string): Promise<void> {
  const element = `document.querySelector(${JSON.stringify(selector)})`;
  await until(engine, element);
  await engine.evaluate(`(setTimeout(() => ${element}.click(), 0), true)`);
}
