import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { JitsuinError } from '../../core/errors.ts';
import { type Site, siteOf } from '../../web/site/site.ts';
import { parseSiteFile } from '../../web/site/site-file.ts';

/**
 * The site of the configuration, with its logo from beside the file.
 * @throws JitsuinError `config.invalid`
 */
export function readSite(path: string | undefined, environment: Site['environment']): Site {
  if (path === undefined) return siteOf(undefined, environment, undefined);
  const file = parseSiteFile(new TextDecoder('utf-8', { fatal: true }).decode(octetsOf(path)));
  const logo = file.organization?.logo;
  if (logo === undefined) return siteOf(file, environment, undefined);
  const octets = octetsOf(join(dirname(path), logo));
  return siteOf(file, environment, { type: logo.endsWith('.svg') ? 'image/svg+xml' : 'image/png', octets });
}

function octetsOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    throw new JitsuinError('config.invalid', `JITSUIN_SITE_FILE: ${path} cannot be read.`, {
      at: 'JITSUIN_SITE_FILE',
    });
  }
}
