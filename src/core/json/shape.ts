/**
 * What a JSON value must look like, for the pure rooms (at the edges `src/contracts` does this with a schema library).
 * Objects are closed: a member that is not named is a fault.
 */
export interface Shape<T> {
  /** Where the value first differs, as a path of member names ('' for the value itself); undefined when it fits. */
  readonly fault: (value: unknown) => string | undefined;
  /** Never present; carries the type. */
  readonly fits?: T;
}
export type Fitting<S> = S extends Shape<infer T> ? T : never;

type Shapes = Readonly<Record<string, Shape<unknown>>>;
type Members<R extends Shapes, O extends Shapes> = { readonly [K in keyof R]: Fitting<R[K]> } & {
  readonly [K in keyof O]?: Fitting<O[K]>;
};

/** Narrows a value that fits. */
export function fits<T>(shape: Shape<T>, value: unknown): value is T {
  return shape.fault(value) === undefined;
}

/** A string; with a pattern, one that matches it. */
export function text(pattern?: RegExp): Shape<string> {
  return { fault: (value) => (typeof value === 'string' && (pattern?.test(value) ?? true) ? undefined : '') };
}

export function integer(least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER): Shape<number> {
  const inside = (value: number) => Number.isSafeInteger(value) && value >= least && value <= most;
  return { fault: (value) => (typeof value === 'number' && inside(value) ? undefined : '') };
}

export const flag: Shape<boolean> = { fault: (value) => (typeof value === 'boolean' ? undefined : '') };

/** One of these strings or numbers. */
export function oneOf<const T extends string | number>(...values: readonly T[]): Shape<T> {
  return { fault: (value) => (values.some((one) => one === value) ? undefined : '') };
}

export function either<A, B>(first: Shape<A>, second: Shape<B>): Shape<A | B> {
  return { fault: (value) => (first.fault(value) === undefined ? undefined : second.fault(value)) };
}

export function list<T>(item: Shape<T>, most = 10_000): Shape<readonly T[]> {
  return {
    fault: (value) => {
      if (!Array.isArray(value) || value.length > most) return '';
      return firstFault(value.map((one, index) => [String(index), item.fault(one)]));
    },
  };
}

export function record<T>(member: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return {
    fault: (value) => {
      if (!isObject(value)) return '';
      return firstFault(Object.entries(value).map(([name, one]) => [name, member.fault(one)]));
    },
  };
}

export function object<R extends Shapes, O extends Shapes = Record<never, never>>(
  required: R,
  optional?: O,
): Shape<Members<R, O>> {
  return {
    fault: (value) => {
      if (!isObject(value)) return '';
      const members = new Map<string, unknown>(Object.entries(value));
      const unknown = [...members.keys()].find(
        (name) => !Object.hasOwn(required, name) && !Object.hasOwn(optional ?? {}, name),
      );
      if (unknown !== undefined) return unknown;
      const needed = Object.entries(required).map(
        ([name, shape]) => [name, shape.fault(members.get(name))] as const,
      );
      const present = Object.entries(optional ?? {}).filter(([name]) => members.has(name));
      const others = present.map(([name, shape]) => [name, shape.fault(members.get(name))] as const);
      return firstFault([...needed, ...others]);
    },
  };
}

function firstFault(faults: readonly (readonly [string, string | undefined])[]): string | undefined {
  const found = faults.find(([, fault]) => fault !== undefined);
  if (found === undefined) return undefined;
  const [name, inner = ''] = found;
  return inner === '' ? name : `${name}.${inner}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
