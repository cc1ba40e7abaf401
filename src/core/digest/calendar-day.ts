/** The day itself when it is one of the calendar (`2030-12-31`; 30 February is none), else undefined. */
export function canonicalDay(text: string): string | undefined {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) ? text : undefined;
}

/** The last millisecond of a day of the calendar, UTC. */
export function endOfDay(day: string): number {
  return Date.parse(`${day}T23:59:59.999Z`);
}
