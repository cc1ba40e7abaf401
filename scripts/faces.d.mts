import type { ReachedFiles } from './program-files.mjs';

export interface Face {
  readonly name: string;
  readonly entry: string;
  readonly also?: Readonly<Record<string, string>>;
  readonly about: string;
  readonly may: readonly RegExp[];
  readonly never?: readonly RegExp[];
  readonly bundled: readonly string[];
  readonly uses: readonly string[];
  readonly peers?: readonly string[];
  readonly builtins: readonly string[] | undefined;
  readonly most: number;
  readonly sourcesInMap?: boolean;
  readonly tree?: boolean;
}

export const FACES: readonly Face[];

export function strays(face: Face, reached: Omit<ReachedFiles, 'threads'>): readonly string[];
