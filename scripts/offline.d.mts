export function offlineScript(
  entry: 'page' | 'judge',
): Promise<{ readonly code: string; readonly packages: readonly string[] }>;
export function offlinePage(): Promise<string>;
