import type { JobSlots } from '../../ports/job-queue.ts';

/** Lane columns of a job; both null where its name has one server for all. */
interface LaneColumns {
  readonly endpoint: string | null;
  readonly tenant: string | null;
}

interface Stay extends LaneColumns {
  /** It gave its slot back and goes on waiting for a stranger. */
  waiting: boolean;
}

/** Where nothing may start now. */
interface FullLanes {
  readonly endpoints: readonly string[];
  readonly tenants: readonly string[];
}

/**
 * The slots of one job name in this process. A stranger's server that does not answer keeps at most `perEndpoint` runs
 * waiting, and each of them gives its slot back after `patienceMillis`.
 */
export class Slots {
  readonly #rules: Required<Omit<JobSlots, 'patienceMillis'>> & Pick<JobSlots, 'patienceMillis'>;
  readonly #stays = new Set<Stay>();
  /** Called when a slot was given back. */
  readonly #onFree: () => void;

  constructor(slots: JobSlots, onFree: () => void) {
    const most = Math.max(slots.concurrency, slots.most ?? slots.concurrency);
    this.#rules = { perEndpoint: most, perTenant: most, ...slots, most };
    this.#onFree = onFree;
  }

  /** Runs at once in all, at most. */
  get most(): number {
    return this.#rules.most;
  }

  /** Whether a lane may be full while there are slots. */
  get hasLanes(): boolean {
    const { most, perEndpoint, perTenant } = this.#rules;
    return perEndpoint < most || perTenant < most;
  }

  /** How many may start now. */
  get free(): number {
    const holding = [...this.#stays].filter(({ waiting }) => !waiting).length;
    return Math.max(0, Math.min(this.#rules.concurrency - holding, this.#rules.most - this.#stays.size));
  }

  /** Endpoints and tenants that have as many runs as they may. */
  full(): FullLanes {
    const { perEndpoint, perTenant } = this.#rules;
    return {
      endpoints: atLeast(perEndpoint, this.#countBy('endpoint')),
      tenants: atLeast(perTenant, this.#countBy('tenant')),
    };
  }

  get hasFullLane(): boolean {
    const { endpoints, tenants } = this.full();
    return this.hasLanes && endpoints.length + tenants.length > 0;
  }

  /** The first of these, in their order, that may start at once side by side. */
  choose<Row extends LaneColumns>(rows: readonly Row[]): readonly Row[] {
    const chosen: Row[] = [];
    const endpoints = this.#countBy('endpoint');
    const tenants = this.#countBy('tenant');
    for (const row of rows) {
      if (chosen.length === this.free) break;
      const ofEndpoint = (endpoints.get(row.endpoint) ?? 0) + 1;
      const ofTenant = (tenants.get(row.tenant) ?? 0) + 1;
      if (row.endpoint !== null && ofEndpoint > this.#rules.perEndpoint) continue;
      if (row.tenant !== null && ofTenant > this.#rules.perTenant) continue;
      endpoints.set(row.endpoint, ofEndpoint);
      tenants.set(row.tenant, ofTenant);
      chosen.push(row);
    }
    return chosen;
  }

  /** Takes a slot; gives what leaves it. */
  take({ endpoint, tenant }: LaneColumns): () => void {
    const stay: Stay = { endpoint, tenant, waiting: false };
    this.#stays.add(stay);
    const { patienceMillis } = this.#rules;
    const timer =
      patienceMillis === undefined
        ? undefined
        : setTimeout(() => {
            stay.waiting = true;
            this.#onFree();
          }, patienceMillis);
    return () => {
      clearTimeout(timer);
      this.#stays.delete(stay);
    };
  }

  #countBy(column: keyof LaneColumns): Map<string | null, number> {
    const counts = new Map<string | null, number>();
    for (const stay of this.#stays) counts.set(stay[column], (counts.get(stay[column]) ?? 0) + 1);
    return counts;
  }
}

function atLeast(most: number, counts: ReadonlyMap<string | null, number>): readonly string[] {
  return [...counts].flatMap(([value, count]) => (value !== null && count >= most ? [value] : []));
}

/** The slots of a name, by the options of a worker. */
export function slotsOf(
  name: string,
  {
    concurrency,
    slots = {},
  }: { readonly concurrency: number; readonly slots?: Readonly<Record<string, JobSlots>> },
  onFree: () => void,
): Slots {
  return new Slots(slots[name] ?? { concurrency }, onFree);
}
