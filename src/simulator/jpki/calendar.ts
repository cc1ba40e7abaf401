import { HOUR_MILLIS } from '../../core/spans.ts';

const JST_OFFSET = 9 * HOUR_MILLIS;

/** Calendar year in Japan. Everything the CA issues hangs on it, so a restart within a year issues the same again. */
export function japaneseYear(epochMillis: number): number {
  return new Date(epochMillis + JST_OFFSET).getUTCFullYear();
}

/** 00:00:00 in Japan on that day. */
export function startOfDay(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) - JST_OFFSET;
}

/** 23:59:59 in Japan on that day, 14:59:59Z: JPKI's notAfter. */
export function endOfDay(year: number, month: number, day: number): number {
  return startOfDay(year, month, day) + 86_399_000;
}

/** notAfter of a card certificate: the end of the fifth birthday after the day of issue. `birthdate` is YYYYMMDD. */
export function fifthBirthday(issuedAt: number, birthdate: string): number {
  const month = Number(birthdate.slice(4, 6)) || 1;
  const day = Number(birthdate.slice(6, 8)) || 1;
  const year = japaneseYear(issuedAt);
  const hasPassed = startOfDay(year, month, day) <= issuedAt;
  return endOfDay(year + (hasPassed ? 5 : 4), month, day);
}

/** `YYYYMMDDhhmmss` in Japan. */
export function japaneseTimestamp(epochMillis: number): string {
  return new Date(epochMillis + JST_OFFSET).toISOString().replace(/[-:T]/g, '').slice(0, 14);
}
