import { JitsuinError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '../../core/json/strict-json.ts';
import { type UpstreamEndpoint, upstreamFailure } from '../../core/sign-transaction/upstream-errors.ts';
import type { HttpResponse } from '../../ports/http-client.ts';

const decoder = new TextDecoder('utf-8');

/**
 * Body of a good answer (200 or 201) as a JSON object, whatever its Content-Type says.
 * @throws JitsuinError of the guideline's row for any other status, `upstream.response` for a body that is no JSON
 * object
 */
export function processJsonResponse(endpoint: UpstreamEndpoint, response: HttpResponse): JsonObject {
  const body = jsonBody(response);
  if (response.status !== 200 && response.status !== 201) {
    throw upstreamFailure(endpoint, { ...errorMembers(body), status: response.status });
  }
  if (body === undefined) throw badAnswer(endpoint);
  return body;
}

/** The body as a JSON object, or undefined: HTML pages, empty bodies and lists are no answer. */
export function jsonBody(response: HttpResponse): JsonObject | undefined {
  const value = parseStrictJson(decoder.decode(response.body), 16);
  return isJsonObject(value) ? value : undefined;
}

/** 200, but not what was agreed. Nothing of the body is kept: it may hold protected data. */
export function badAnswer(endpoint: UpstreamEndpoint): JitsuinError {
  return new JitsuinError('upstream.response', 'The answer does not have the documented form.', {
    at: endpoint,
  });
}

function errorMembers(body: JsonObject | undefined) {
  return { error: body?.['error'], error_description: body?.['error_description'], item: body?.['item'] };
}
