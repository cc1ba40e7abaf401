import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ApiRole } from '../../src/contracts/operations/operation.ts';
import { openApiDocument } from '../../src/http/openapi/document.ts';

/** Judges real answers by the OpenAPI document of a role. */
export function answerJudge(role: ApiRole) {
  const document = openApiDocument(role);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ ...document, $id: 'https://api.example/openapi.json' });
  const pointer = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');

  /** What is wrong with an answer to `method path`; undefined when the document allows it. */
  async function wrongWith(method: string, path: string, answer: Response): Promise<string | undefined> {
    const operation = document.paths[path]?.[method.toLowerCase()];
    if (operation === undefined) return `${method} ${path} is not in the document`;
    const responses = operation['responses'] as Record<string, { content?: Record<string, object> }>;
    const response = responses[String(answer.status)];
    if (response === undefined)
      return `${method} ${path} answered ${answer.status}, which the document does not have`;
    const mediaType = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
    const text = await answer.text();
    const content = response.content?.[mediaType];
    if (content === undefined) return text === '' ? undefined : `${mediaType} is not in the document`;
    if (!('schema' in content)) return undefined;
    if (mediaType === 'text/html') return undefined;
    const place = [
      'paths',
      path,
      method.toLowerCase(),
      'responses',
      String(answer.status),
      'content',
      mediaType,
      'schema',
    ];
    const validate = ajv.compile({
      $ref: `https://api.example/openapi.json#/${place.map(pointer).join('/')}`,
    });
    return validate(JSON.parse(text))
      ? undefined
      : `${method} ${path} ${answer.status}: ${ajv.errorsText(validate.errors)} in ${text}`;
  }
  return { document, wrongWith };
}
