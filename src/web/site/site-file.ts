import { z } from 'zod';
import { JitsuinError } from '../../core/errors.ts';
import { contrast, LEAST_CONTRAST } from './contrast.ts';

const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Cf}]+$/u);
const bilingual = z.strictObject({ ja: line(200), en: line(200) });
const web = z.url({ protocol: /^https$/ }).max(500);
const colour = z.string().regex(/^#[0-9a-f]{6}$/i);

/** The public names of the app and its service, and what it needs; with the day on which somebody looked. */
const appSchema = z.strictObject({
  name: bilingual,
  /** The name of before, in brackets beside the new one while people still know it. */
  former: bilingual.optional(),
  service: bilingual,
  ios: line(20),
  android: line(20),
  app_store: web.optional(),
  google_play: web.optional(),
  checked: z.iso.date(),
});

/** For whom one signs: shown on each page of the citizen's. */
const organizationSchema = z.strictObject({
  name: bilingual,
  /** File name of a logo (PNG or SVG) beside this file. */
  logo: z
    .string()
    .regex(/^[\w-]{1,60}\.(?:png|svg)$/)
    .optional(),
  contact: z.strictObject({ text: bilingual, url: web.optional() }).optional(),
  privacy_notice: web.optional(),
  /** The key colour on a light and on a dark ground. */
  colours: z.strictObject({ light: colour, dark: colour }).optional(),
});

const siteFileSchema = z.strictObject({
  app: appSchema.partial().optional(),
  organization: organizationSchema.optional(),
});
export type SiteFile = z.infer<typeof siteFileSchema>;
export type AppFacts = z.infer<typeof appSchema>;
export type Organization = z.infer<typeof organizationSchema>;

/** The names of 2026, as public copies had them on the day in `checked`. */
export const APP: AppFacts = {
  name: { ja: 'マイナアプリ', en: 'Myna App' },
  former: { ja: '旧デジタル認証アプリ', en: 'formerly the Digital Authentication App' },
  service: { ja: 'デジタル認証サービス', en: 'the Digital Authentication Service' },
  ios: '16.4',
  android: '11',
  app_store: 'https://apps.apple.com/jp/app/id1476359069',
  google_play: 'https://play.google.com/store/apps/details?id=jp.go.cas.mpa',
  checked: '2026-11-29',
};

/** Grounds of the pages (applicant.css): what is written in the key colour, or on it, must be read on them. */
const GROUNDS = { light: '#ffffff', dark: '#121212' } as const;

/**
 * @param text JSON of the file
 * @throws JitsuinError `config.invalid` with the member that is wrong
 */
export function parseSiteFile(text: string): SiteFile {
  const read = siteFileSchema.safeParse(jsonOf(text));
  if (!read.success) {
    const [issue] = read.error.issues;
    throw wrong(`"${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'not of that form'}`);
  }
  const { colours } = read.data.organization ?? {};
  for (const name of ['light', 'dark'] as const) {
    const given = colours?.[name];
    if (given !== undefined && contrast(given, GROUNDS[name]) < LEAST_CONTRAST) {
      const ratio = contrast(given, GROUNDS[name]).toFixed(2);
      const needed = `at least ${LEAST_CONTRAST} is needed`;
      throw wrong(
        `"organization.colours.${name}": its contrast with ${GROUNDS[name]} is ${ratio}, ${needed}`,
      );
    }
  }
  return read.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong('it is not JSON');
  }
}

function wrong(what: string): JitsuinError {
  return new JitsuinError('config.invalid', `JITSUIN_SITE_FILE: ${what}.`, { at: 'JITSUIN_SITE_FILE' });
}
