import type { Request } from 'express';

/** The parameters that have their form; anything else is as if it were not there. */
export function textQuery<Name extends string>(
  request: Request,
  forms: Readonly<Record<Name, RegExp>>,
): { readonly [N in Name]?: string } {
  const found: { [N in Name]?: string } = {};
  for (const name of Object.keys(forms) as Name[]) {
    const value: unknown = request.query[name];
    const text = typeof value === 'string' ? value.trim() : '';
    if (forms[name].test(text)) found[name] = text;
  }
  return found;
}
