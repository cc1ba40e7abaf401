import type pg from 'pg';

interface Trips {
  /** How often something was sent while no answer was on its way. */
  count: number;
  /** The connection breaks when this statement is sent. */
  failAt(word: string | undefined): void;
  stop(): void;
}

/** Counts the ways to PostgreSQL and back, of all connections of this process. */
export function countTrips({ prototype }: typeof pg.Client): Trips {
  const target = prototype as unknown as { query: (...parameters: unknown[]) => unknown };
  const real = target.query;
  const underWay = new WeakMap<object, number>();
  let failing: string | undefined;
  const trips: Trips = {
    count: 0,
    failAt: (word) => {
      failing = word;
    },
    stop: () => {
      target.query = real;
    },
  };
  target.query = function counted(this: { connection: { stream: { destroy(): void } } }, ...parameters) {
    const waiting = underWay.get(this) ?? 0;
    if (waiting === 0) trips.count += 1;
    underWay.set(this, waiting + 1);
    const over = () => void underWay.set(this, (underWay.get(this) ?? 1) - 1);
    const answer = real.apply(this, parameters);
    if (answer instanceof Promise) answer.then(over, over);
    else over();
    if (failing !== undefined && parameters[0] === failing) this.connection.stream.destroy();
    return answer;
  };
  return trips;
}
