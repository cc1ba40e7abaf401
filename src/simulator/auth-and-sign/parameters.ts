import type { Request } from 'express';

/** Query or form parameters: absent, one value, or sent twice. */
export type Parameters = Readonly<Record<string, unknown>>;

/** The single value of a parameter; undefined when it is absent or was sent twice. */
export function parameter(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  return typeof value === 'string' ? value : undefined;
}

/** Form of a POST; an absent or unreadable body has no parameters. */
export function formOf(request: Request): Parameters {
  const body: unknown = request.body;
  return isRecord(body) ? body : {};
}

/** The object that a body of JSON text is; what is none has no members. */
export function jsonOf(body: unknown): Parameters {
  try {
    const value: unknown = JSON.parse(typeof body === 'string' ? body : '');
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Values of a space-separated list. */
export function words(value: string | undefined): readonly string[] {
  return (value ?? '').split(' ').filter((word) => word !== '');
}
