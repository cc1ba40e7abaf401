export interface ReachedFiles {
  readonly files: readonly string[];
  readonly threads: readonly string[];
  readonly packages: readonly string[];
  readonly builtins: readonly string[];
}

export function programFiles(entry: string): Promise<ReachedFiles>;
