import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import type { HttpClient } from '../../ports/http-client.ts';
import type { TimeStampSource } from '../../ports/time-stamp-source.ts';

/** A TimeStampResp with some certificates is about 8 KiB. */
const MAXIMUM_OCTETS = 131_072;

/** The TSA at the configured URL, over HTTP (RFC 3161 section 3.4). */
export function httpTimeStampSource(http: HttpClient, url: string): TimeStampSource {
  return {
    stamp: async (body) => {
      const headers = {
        'content-type': 'application/timestamp-query',
        accept: 'application/timestamp-reply',
      };
      const answer = await http
        .send({ method: 'POST', url, headers, body, maxResponseOctets: MAXIMUM_OCTETS })
        .catch((thrown: unknown) => asJitsuinError(thrown));
      if (answer instanceof JitsuinError) {
        if (answer.kind === 'internal' || answer.code === 'config.invalid') throw answer;
        throw new JitsuinError('timestamp.unavailable', 'The time-stamp authority did not answer.', {
          cause: answer,
        });
      }
      const type = answer.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
      if (answer.status !== 200 || type !== 'application/timestamp-reply') {
        throw new JitsuinError(
          'timestamp.unavailable',
          `The time-stamp authority answered ${answer.status}.`,
        );
      }
      return answer.body;
    },
  };
}
