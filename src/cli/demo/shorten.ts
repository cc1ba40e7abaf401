const LONG = 28;
const SHOWN = 12;
/** Members that are shown whole although they are long: they are no secret and the walk is about them. */
const WHOLE: ReadonlySet<string> = new Set([
  'data',
  'redirect_uri',
  'scope',
  'client_assertion_type',
  'error_description',
  'item',
]);

/** A value as the walk shows it: tokens, codes and bundles are cut to their first characters and their length. */
export function shorten(name: string, value: string): string {
  if (WHOLE.has(name) || value.length <= LONG) return value;
  return `${value.slice(0, SHOWN)}…(${value.length})`;
}

/** `name=value` pairs of a form or query, shortened. */
export function shortenForm(text: string): string {
  return [...new URLSearchParams(text)].map(([name, value]) => `${name}=${shorten(name, value)}`).join(' ');
}

/** A JSON object on one line with long strings shortened; what is no JSON is only measured. */
export function shortenJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), (name, value: unknown) => {
      if (name === 'checks' && Array.isArray(value)) return countChecks(value);
      return typeof value === 'string' ? shorten(name, value) : value;
    });
  } catch {
    return `(${text.length} characters)`;
  }
}

/** `29 passed`, or with what did not pass by name. */
function countChecks(checks: readonly { readonly name: string; readonly result: string }[]): string {
  const others = checks
    .filter(({ result }) => result !== 'passed')
    .map(({ name, result }) => `${name} ${result}`);
  return [`${checks.length - others.length} passed`, ...others].join(', ');
}
