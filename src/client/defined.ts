/** What says that a member may be missing; `unknown` says nothing of the kind. */
type MayMiss<V> = unknown extends V ? false : undefined extends V ? true : false;

/** `T` with each member that may be undefined as one that may be missing. */
export type Defined<T> = {
  [K in keyof T as MayMiss<T[K]> extends true ? never : K]: T[K];
} & {
  [K in keyof T as MayMiss<T[K]> extends true ? K : never]?: Exclude<T[K], undefined>;
};

/** The record without its undefined members: in our records a member is there with a value, or missing. */
export function defined<const T extends object>(record: T): Defined<T> {
  const kept: Record<string, unknown> = {};
  for (const name in record) if (record[name] !== undefined) kept[name] = record[name];
  return kept as Defined<T>;
}
