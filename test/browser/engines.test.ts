import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applicationOf, submitted } from '../integration/rp/world.ts';
import { type CitizenWorld, startCitizenWorld } from './support/citizen-world.ts';
import { type Engine, press, until } from './support/engine.ts';
import { firefoxAvailable, openFirefox } from './support/firefox.ts';
import { openWebkit, webkitAvailable } from './support/webkit.ts';

const XML = '<届出><申請書><氏名>模擬 太郎</氏名></申請書></届出>';
const SIGN = 'form[action$="/sign"] button';

/** Engines that people hold beside Chromium (citizen.test.ts): most citizens have WebKit in their hands. */
const ENGINES = [
  { name: 'Firefox', available: firefoxAvailable(), open: openFirefox },
  { name: 'WebKit', available: webkitAvailable(), open: openWebkit },
] as const;

describe.each(ENGINES)(
  'the first walk in $name, over plain http on loopback',
  ({ name, available, open }) => {
    describe.skipIf(!available)('with the engine', { timeout: 120_000 }, () => {
      let world: CitizenWorld;
      let engine: Engine;
      beforeAll(async () => {
        [world, engine] = await Promise.all([startCitizenWorld({}, 'localhost'), open()]);
      }, 120_000);
      afterAll(async () => {
        await engine?.close();
        await world?.close();
      });

      async function begun() {
        const application = await submitted(world, XML);
        await engine.goto(application.sign_url ?? '');
        await until(
          engine,
          `document.querySelector(${JSON.stringify(`#identification-code, form[action$="/open"]`)})`,
        );
        const asked = await engine.evaluate(`Boolean(document.querySelector('form[action$="/open"]'))`);
        if (asked === true) await press(engine, 'form[action$="/open"] button');
        await until(engine, `document.querySelector('#identification-code')`);
        return application;
      }

      async function inApp(outcome: string) {
        await until(engine, `document.querySelector('input[name=outcome][value=${outcome}]')`);
        await engine.evaluate(
          `(document.querySelector('input[name=outcome][value=${outcome}]').checked = true)`,
        );
        await press(engine, 'button[type=submit]');
      }

      it('signs from the link to the verdict', async () => {
        const application = await begun();
        await press(engine, SIGN);
        await inApp('sign');
        await until(engine, `document.querySelector('[data-state="decided"]')`);
        expect(await engine.evaluate(`document.querySelector('#state').dataset.indication`)).toBe(
          'TOTAL-PASSED',
        );
        expect((await applicationOf(world, application.id)).state).toBe('decided');
        await press(engine, 'a[href$="/paper"]');
        await until(engine, `document.querySelector('#paper')`);
        const paper = String(await engine.evaluate(`document.querySelector('main').innerText`));
        const { verdict, identification_code } = await applicationOf(world, application.id);
        expect(paper).toContain(verdict?.signed_octets_sha256);
        expect(paper).toContain(verdict?.reference);
        expect(paper).toContain(identification_code);
        expect(paper).not.toMatch(/模擬 太郎|MII/);
      });

      it('a locked card: what to do, a link back, and the same application again', async () => {
        await begun();
        await press(engine, SIGN);
        await inApp('locked');
        await until(engine, `document.querySelector('[data-row="result-7"]')`);
        await press(engine, 'form[action$="/way-back"] button');
        await until(engine, `document.querySelector('#way-back')`);
        expect(await engine.evaluate(`document.querySelector('#way-back').innerText`)).toMatch(
          /hand_over=[\w-]{43}$/,
        );
        await engine.evaluate('history.back()');
        await press(engine, 'form[action$="/again"] button');
        await until(engine, `document.querySelector('#identification-code')`);
      });

      // MiniBrowser's driver answers no command any more once this Back leads to what a form was answered with
      it.skipIf(name === 'WebKit')('Back after a refusal shows a page, whichever it leads to', async () => {
        await begun();
        await press(engine, SIGN);
        await inApp('refuse');
        await until(engine, `document.querySelector('[data-state="refused"]')`);
        await engine.evaluate('(setTimeout(() => history.back(), 0), true)');
        await new Promise((resolve) => setTimeout(resolve, 1000));
        await until(engine, 'document.readyState === "complete" && document.body.innerText.length > 20');
      });
    });
  },
);
