import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { HOSTILE_ZIPS } from '../../support/hostile-zips.ts';
import { FORM_SAMPLES, signSample } from '../../support/xmldsig/forms.ts';
import { zipOf } from '../../support/zip.ts';
import { api, ended, type RpWorld, sign, startRpWorld, submitted } from './world.ts';

const DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?>\n<届出><氏名>模擬 𠮷田</氏名></届出>\n';

describe('anyone’s page', () => {
  let world: RpWorld;
  let signed: string;
  beforeAll(async () => {
    world = await startRpWorld('gov');
    const application = await submitted(world, DOCUMENT);
    await sign(new Browser(), application.sign_url ?? '');
    await ended(world, application.id);
    signed = await (await api(world, `/v1/applications/${application.id}/document`)).text();
  });
  afterAll(() => world.close());

  async function verify(origin: string, file: string | undefined, fields: Record<string, string> = {}) {
    const form = new FormData();
    if (file !== undefined) form.set('file', new Blob([file], { type: 'application/xml' }), 'a.xml');
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    const response = await fetch(`${origin}/verify`, { method: 'POST', body: form });
    const html = await response.text();
    const attribute = (name: string) => new RegExp(`id="verdict"[^>]*${name}="([^"]*)"`).exec(html)?.[1];
    return {
      status: response.status,
      html,
      indication: attribute('data-indication'),
      code: attribute('data-code'),
    };
  }
  const both = () => [world.url, world.simulator.url];

  it('a valid document, at the agency and at the simulator; nothing of the certificate is shown', async () => {
    for (const origin of both()) {
      const { indication, html, status } = await verify(origin, signed);
      expect([status, indication]).toEqual([200, 'TOTAL-PASSED']);
      expect(html).not.toContain('transaction-binding');
      expect(html.match(/data-check="[a-z-]+" data-result="passed"/g)?.length).toBeGreaterThan(9);
      const certificate = /X509Certificate>([^<]{40})/.exec(signed)?.[1] ?? 'none';
      expect(html).not.toContain(certificate);
      expect(html).not.toContain('模擬');
    }
  });

  it('parts that nobody signed are listed, at the agency and at the simulator', async () => {
    for (const origin of both()) {
      const commented = signed.replace('<届出', '<!-- 後から -->\n<届出');
      const { indication, html } = await verify(origin, commented);
      expect(indication).toBe('TOTAL-PASSED');
      expect(html.match(/<li data-kind="comment">/g)).toHaveLength(1);
      expect(html).not.toContain('後から');
      expect((await verify(origin, signed)).html).not.toContain('id="unsigned"');
    }
  });

  it('a changed one says which check failed, and why the digest differs', async () => {
    for (const origin of both()) {
      const { indication, code, html } = await verify(origin, signed.replace('𠮷', '吉'));
      expect([indication, code]).toEqual(['TOTAL-FAILED', 'xmldsig.digest']);
      expect(html).toContain('data-check="reference-digest" data-result="failed"');
      expect(html).toContain('id="cause"');
    }
  });

  it('read by another agreement, it is not what was agreed', async () => {
    const { indication } = await verify(world.url, signed, { profile: 'guideline', element: '申請書' });
    expect(indication).not.toBe('TOTAL-PASSED');
  });

  it('a form that was chosen wrongly is never "invalid": the page says in which the document is written', async () => {
    for (const origin of both()) {
      for (const profile of ['guideline', 'by-id', 'egov-standard', 'kobunsho', 'moj-drawing']) {
        const { indication, html } = await verify(origin, signed, { profile });
        expect([profile, indication]).toEqual([profile, 'INDETERMINATE']);
        expect(html).toContain('id="written-as" data-forms="enveloped w3c-enveloped"');
      }
    }
  });

  it('a receiver’s form is judged with its files, and what is not covered is listed', async () => {
    const [sample] = FORM_SAMPLES;
    if (sample === undefined) throw new Error('no sample');
    const made = signSample(sample);
    const send = async (files: readonly (readonly [string, string])[], name = sample.documentName) => {
      const form = new FormData();
      form.set('profile', sample.form);
      form.set('file', new Blob([made.text]), name);
      for (const [file, content] of files) form.append('files', new Blob([content]), file);
      const response = await fetch(`${world.url}/verify`, { method: 'POST', body: form });
      return { status: response.status, html: await response.text() };
    };
    const whole = (await send([...sample.files, ['extra.pdf', 'x']])).html;
    // Signed by a test key: the cryptography is right, its certificate leads to no anchor of this world.
    expect(whole).toContain('data-indication="INDETERMINATE"');
    expect(whole).toContain('data-check="reference-digest" data-result="passed"');
    expect(whole).toContain(`id="coverage" data-form="${sample.form}"`);
    expect(whole.match(/<li data-kind="(?:element|file)">/g)?.length).toBeGreaterThan(2);
    expect(/id="uncovered-files">.*?extra\.pdf/s.test(whole)).toBe(true);
    const [[file = ''] = []] = sample.files;
    expect((await send([[file, 'changed']])).html).toContain('data-code="xmldsig.digest"');
    expect((await send([])).html).toContain('data-code="xmldsig.file"');
    expect((await send([...sample.files, ['..', 'x']])).status).toBe(400);
  });

  it('a ZIP is unpacked where the form has one, and judged as its files are', async () => {
    const [sample] = FORM_SAMPLES;
    if (sample === undefined) throw new Error('no sample');
    const { text } = signSample(sample);
    const send = async (octets: Uint8Array, profile = sample.form, beside = false) => {
      const form = new FormData();
      form.set('profile', profile);
      form.set('file', new Blob([Uint8Array.from(octets)]), 'a.zip');
      if (beside) form.append('files', new Blob(['x']), 'x');
      const response = await fetch(`${world.url}/verify`, { method: 'POST', body: form });
      const html = await response.text();
      return { status: response.status, html, code: /data-code="([^"]+)"/.exec(html)?.[1] };
    };
    const packed = (changed: string) =>
      zipOf([
        ['900A/kousei.xml', changed],
        ...sample.files.map(([name, content]) => [`900A/${name}`, content] as const),
      ]);
    const { html } = await send(packed(text));
    expect(html).toContain('data-check="reference-digest" data-result="passed"');
    expect(html.match(/<li data-kind="(?:element|file)">/g)?.length).toBeGreaterThan(1);
    expect((await send(packed(text.replace('模擬', '模倣')))).code).toBe('xmldsig.digest');
    expect(await send(packed(text), 'kobunsho')).toMatchObject({ status: 400, code: 'http.body' });
    expect(await send(packed(text), sample.form, true)).toMatchObject({ status: 400, code: 'http.body' });
    for (const [what, { octets }] of Object.entries(HOSTILE_ZIPS)) {
      const { status, code } = await send(octets);
      expect([what, status, code]).toEqual([what, 400, 'http.body']);
    }
  });

  it('what is no document is a report too, and its markup is not repeated', async () => {
    const { status, indication, html } = await verify(world.url, '<script>alert(1)</script');
    expect([status, indication]).toEqual([200, 'TOTAL-FAILED']);
    expect(html).not.toContain('alert(1)');
  });

  it.each([
    ['no file', undefined, {}, 400],
    ['an unknown profile', 'x', { profile: 'xades' }, 400],
  ] as const)('%s is refused', async (_, file, fields, status) => {
    expect((await verify(world.url, file, fields)).status).toBe(status);
  });

  it('another media type and too much are refused', async () => {
    const send = (type: string, body: string) =>
      fetch(`${world.url}/verify`, { method: 'POST', headers: { 'content-type': type }, body });
    const refused = async (answer: Response) => [
      ...[
        answer.status,
        answer.headers.get('content-type'),
        /data-code="([^"]+)"/.exec(await answer.text())?.[1],
      ],
    ];
    const page = 'text/html; charset=utf-8';
    expect(await refused(await send('application/xml', signed))).toEqual([415, page, 'http.media-type']);
    const large = await send('multipart/form-data; boundary=x', 'a'.repeat(6 * 1024 * 1024));
    expect(await refused(large)).toEqual([413, page, 'http.body-size']);
  });

  it('without JITSUIN_DEMO_PAGES nobody begins a signature at /', async () => {
    expect(await (await fetch(`${world.url}/`)).text()).not.toMatch(/<form|<input/);
    const form = new FormData();
    form.set('sample', 'xx-city-zz-application.xml');
    const answer = await fetch(`${world.url}/demo/applications`, { method: 'POST', body: form });
    expect(answer.status).toBe(404);
  });

  it('nothing of the document was logged', () => {
    expect(world.logLines.filter((line) => line.includes('模擬'))).toEqual([]);
  });
});
