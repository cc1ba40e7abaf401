import { fstatSync, write } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Where lines go. `write` never waits: a line for which there is no room is dropped and counted. */
interface LineOutput extends DestinationStream {
  /** Lines dropped since the process began. */
  dropped(): number;
}

/** Octets that wait for a reader or a disk, at most. */
const MOST_WAITING = 4_194_304;
const BATCH_OCTETS = 65_536;
const STANDARD_OUTPUT = 1;

/**
 * Standard output as a log's place: a pipe whose reader stands, one that went away, a slow or full disk stop no event
 * loop and end no role.
 */
export function openStandardOutput(): LineOutput {
  const kind = fstatSync(STANDARD_OUTPUT);
  return kind.isFile() ? createFileOutput(STANDARD_OUTPUT) : createStreamOutput(process.stdout);
}

/** A pipe, a socket or a terminal: Node writes without waiting and keeps what is not taken. */
export function createStreamOutput(
  stream: NodeJS.WriteStream | NodeJS.WritableStream,
  most = MOST_WAITING,
): LineOutput {
  let dropped = 0;
  const waiting = () => ('writableLength' in stream ? stream.writableLength : 0);
  // a reader that went away ends a command (`| head`), but not a role
  stream.removeAllListeners('error');
  stream.on('error', () => undefined);
  return {
    write: (line) => {
      if (!stream.writable || waiting() + line.length > most) dropped += 1;
      else stream.write(line);
    },
    dropped: () => dropped,
  };
}

/** A file: one write at a time beside the event loop, many lines in each. */
export function createFileOutput(descriptor: number, most = MOST_WAITING): LineOutput {
  const waiting: string[] = [];
  let octets = 0;
  let dropped = 0;
  let writing = false;
  /** Half a line stands at the end of the file: the next begins on a line of its own. */
  let torn = false;

  const next = () => {
    const batch = takeBatch();
    if (batch.length === 0) {
      writing = false;
      return;
    }
    writing = true;
    const mended = torn ? '\n' : '';
    writeAll(descriptor, Buffer.from(mended + batch.join('')), (left) => {
      if (left === undefined) torn = false;
      else if (left.written > 0) torn = left.written > mended.length;
      if (left !== undefined) dropped += lost(batch, left.written - mended.length);
      next();
    });
  };
  const takeBatch = (): readonly string[] => {
    let size = 0;
    const end = waiting.findIndex((line) => {
      size += line.length;
      return size > BATCH_OCTETS;
    });
    const batch = waiting.splice(0, end === -1 ? waiting.length : Math.max(1, end));
    octets -= batch.reduce((sum, line) => sum + line.length, 0);
    return batch;
  };
  return {
    write: (line) => {
      if (octets + line.length > most) {
        dropped += 1;
        return;
      }
      waiting.push(line);
      octets += line.length;
      if (!writing) next();
    },
    dropped: () => dropped,
  };
}

/** Lines of which not every octet was written. */
function lost(batch: readonly string[], written: number): number {
  let end = 0;
  return batch.filter((line) => {
    end += Buffer.byteLength(line);
    return end > written;
  }).length;
}

/** Gives undefined once all is written, else how much was before the disk refused. */
function writeAll(
  descriptor: number,
  octets: Buffer,
  done: (left: { readonly written: number } | undefined) => void,
  from = 0,
): void {
  write(descriptor, octets, from, octets.length - from, null, (error, written) => {
    if (error !== null) done({ written: from });
    else if (from + written < octets.length) writeAll(descriptor, octets, done, from + written);
    else done(undefined);
  });
}
