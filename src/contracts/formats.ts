import { z } from 'zod';
import { UUID } from '../core/uuid.ts';

/** Texts whose form a document of ours tells its readers; who reads an answer of ours is not stricter than before. */
export const idText = (): z.ZodString => z.string().meta({ format: 'uuid' });
/** RFC 3339, UTC. */
export const instantText = (): z.ZodString => z.string().meta({ format: 'date-time' });
export const urlText = (): z.ZodString => z.string().meta({ format: 'uri' });
export const sha256Text = (): z.ZodString => z.string().meta({ pattern: '^[0-9a-f]{64}$' });
/** Seconds for which an answer may be held back until there is something to tell. */
export const waitQuery = (): z.ZodOptional<z.ZodNumber> => z.number().int().min(0).max(20).optional();
/** `next_cursor` of the page before. */
export const cursorQuery = (): z.ZodOptional<z.ZodString> =>
  z.string().regex(UUID).meta({ format: 'uuid' }).optional();
