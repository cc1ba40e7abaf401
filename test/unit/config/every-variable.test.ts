import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseEnvFile } from '../../../src/config/env-file.ts';
import type { Environment, SettingFault } from '../../../src/config/names.ts';
import { namesOf } from '../../../src/config/names.ts';
import { readSettings, refuse, settingFaults } from '../../../src/config/read.ts';
import { CHAPTERS, VARIABLES } from '../../../src/config/table.ts';
import { ALL_ROLES, type Declaration, type SettingsRole } from '../../../src/config/variable.ts';

/** Each variable at each of its roles: nothing here names one. */
const CASES = [...VARIABLES].flatMap(([name, declaration]) =>
  declaration.roles.map((role) => ({ name, role, declaration })),
);
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is said about how the one variable is written (not about what it contradicts or needs beside it). */
function writingFaults(role: SettingsRole, env: Environment, name: string): readonly SettingFault[] {
  return settingFaults(role, env).filter((fault) => fault.name === name && fault.says.includes('expected: '));
}

function given(name: string, text: string): Environment {
  return { JITSUIN_ALLOW_LOOPBACK_HTTP: '0', [name]: text };
}

function first({ kind }: Declaration): string {
  return kind.examples.good[0] ?? '';
}

describe('the table of variables', () => {
  it('has every variable once, and every member once a role', () => {
    const names = CHAPTERS.flatMap(({ variables }) => Object.keys(variables));
    expect(names.length).toBeGreaterThan(80);
    expect(new Set(names).size).toBe(names.length);
    for (const role of ALL_ROLES) {
      const members = CASES.filter((one) => one.role === role).map(({ declaration }) => declaration.member);
      expect(new Set(members).size).toBe(members.length);
    }
  });

  it.each([...VARIABLES])(
    '%s: both languages, a sentence about its values, a default of its own kind',
    (_name, one) => {
      for (const { en, ja } of [one.means, one.kind.accepts]) {
        expect(en).not.toBe('');
        expect(ja).not.toBe('');
      }
      expect(one.means.ja).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
      const defaults =
        typeof one.default === 'object' ? Object.values(one.default) : [one.default ?? first(one)];
      for (const text of defaults.filter((written) => !written.includes('<')))
        expect(one.kind.parse(text, { plainHttp: 'anywhere' })).toHaveProperty('value');
    },
  );

  it('secrets stand in files: no variable whose name says secret, key or passphrase holds a value', () => {
    const suspicious = [...VARIABLES].filter(([name]) =>
      /SECRET|PASS(?:WORD|PHRASE)|_KEY(?:_|$)|TOKEN(?:_FILE|$)/.test(name),
    );
    const inFiles = suspicious.filter(([name]) => name.endsWith('_FILE'));
    // a way to sign, the label of a device, the name of a key: none of them opens anything
    const words = ['JITSUIN_LOGIN_KEY_ALGORITHM', 'JITSUIN_PKCS11_TOKEN', 'JITSUIN_KMS_SEAL_KEY_ID'];
    expect(
      suspicious.map(([name]) => name).filter((name) => !inFiles.some(([file]) => file === name)),
    ).toEqual(words);
    for (const [, one] of inFiles) expect(one.secret).toBe('file');
  });
});

describe.each(CASES)('$name at $role', ({ name, role, declaration }) => {
  it('takes every spelling that it says it takes', () => {
    for (const text of declaration.kind.examples.good)
      expect(writingFaults(role, given(name, text), name)).toEqual([]);
  });

  it('refuses the others by name, with what is acceptable and without the value', () => {
    for (const text of declaration.kind.examples.bad.filter(
      (bad) => role !== 'simulator' || !/^http:/.test(bad),
    )) {
      const faults = writingFaults(role, given(name, text), name);
      expect(faults, text).toHaveLength(1);
      if (text.length > 5) expect(faults[0]?.says).not.toContain(text);
    }
  });

  it('refuses blanks and quotation marks around a value, wherever they come from', () => {
    const text = first(declaration);
    for (const around of [
      ` ${text}`,
      `${text} `,
      `\u3000${text}`,
      `${text}\u3000`,
      `“${text}”`,
      `"${text}"`,
      `'${text}'`,
    ])
      expect(writingFaults(role, given(name, around), name), around).toHaveLength(1);
  });

  it('is missed in no spelling: a letter less, two swapped, small letters', () => {
    const at = Math.floor((name.length + 'JITSUIN_'.length) / 2);
    const swapped = `${name.slice(0, at)}${name[at + 1]}${name[at]}${name.slice(at + 2)}`;
    const shorter = `${name.slice(0, at)}${name.slice(at + 1)}`;
    if (!name.startsWith('JITSUIN_')) return;
    const known = namesOf(role);
    for (const wrong of [swapped, shorter, name.toLowerCase()]) {
      if (known.includes(wrong)) continue;
      const fault = settingFaults(role, { [wrong]: 'x' }).find((one) => one.name === wrong);
      expect(fault?.says, wrong).toContain(wrong === swapped || wrong === name.toLowerCase() ? name : '');
      expect(fault, wrong).toBeDefined();
    }
  });

  it('is read from a file of settings as it is written there, and refused with its line otherwise', () => {
    const text = first(declaration);
    const right = [text, `${text}  `, `  ${text} # why`, `'${text}'`, `"${text}" # why`];
    for (const written of right) {
      for (const file of [
        `${name}=${written}\n`,
        `\uFEFF${name} = ${written}\r\n`,
        `# c\nexport ${name}=${written}`,
      ])
        expect(parseEnvFile(file, 'x.env'), file).toMatchObject({ values: { [name]: text }, faults: [] });
    }
    const wrong = [
      `${name}="${text}`,
      `${name}=“${text}”`,
      `${name}=${text}\u3000`,
      `${name}=\u3000${text}`,
      `${name}`,
      `${name}＝${text}`,
      `${name}=${text}\n${name}=${text}`,
      `${name}='${text}' x`,
      `${name}=${text}"`,
    ];
    for (const lines of wrong) {
      const { faults } = parseEnvFile(`# first\n${lines}`, 'x.env');
      expect(
        faults.map((fault) => fault.name),
        lines,
      ).toEqual([`x.env line ${lines.includes('\n') ? 3 : 2}`]);
    }
  });

  it('a secret may come from a file, and not from both', () => {
    if (declaration.secret !== 'value') return;
    const text = first(declaration);
    const file = join(folder, 'secret');
    writeFileSync(file, `${text}\n`);
    const fromFile = settingFaults(role, { [`${name}_FILE`]: file }).filter((fault) =>
      fault.name.startsWith(name),
    );
    expect(fromFile).toEqual([]);
    const only = { [name]: declaration };
    expect(readSettings(role, { [`${name}_FILE`]: file }, { only })).toEqual({ [declaration.member]: text });
    const at = (env: Environment) => settingFaults(role, env).map((fault) => fault.name);
    expect(at({ [name]: text, [`${name}_FILE`]: file })).toContain(name);
    expect(at({ [`${name}_FILE`]: join(folder, 'missing') })).toContain(`${name}_FILE`);
  });

  it('counts as absent when it is empty', () => {
    expect(settingFaults(role, { [name]: '' })).toEqual(settingFaults(role, {}));
  });
});

describe.each(ALL_ROLES)('the names of others at %s', (role) => {
  const foreign = [...VARIABLES].filter(([, { roles }]) => !roles.includes(role));

  it.each(foreign)('%s is refused, with whose it is', (name, declaration) => {
    const text = first(declaration);
    const fault = settingFaults(role, { [name]: text }).find((one) => one.name === name);
    if (!name.startsWith('JITSUIN_')) return expect(fault).toBeUndefined();
    expect(fault?.code).toBe(
      role === 'sp' && name.startsWith('JITSUIN_PF_') ? 'config.role-key' : 'config.invalid',
    );
    if (fault?.code === 'config.invalid') expect(fault.says).toContain(declaration.roles.join(' and '));
    return expect(settingFaults(role, { [name]: '' }).some((one) => one.name === name)).toBe(false);
  });

  it('what Kubernetes and contributors set is nobody’s business', () => {
    const env = {
      JITSUIN_SP_SERVICE_HOST: '10.0.0.1',
      JITSUIN_SP_SERVICE_PORT_HTTP: '80',
      JITSUIN_SP_PORT: 'tcp://10.0.0.1:80',
      JITSUIN_SP_PORT_80_TCP_ADDR: '10.0.0.1',
      JITSUIN_REQUIRE_SERVERS: '1',
      JITSUIN_TEST_DATABASE_URL: 'postgres://x/y',
    };
    expect(settingFaults(role, env)).toEqual(settingFaults(role, {}));
  });

  it('says everything that is wrong in one run, with the lines of the file', () => {
    const origins = new Map([['JITSUIN_PROT', `${role}.env line 7`]]);
    const faults = settingFaults(role, {
      JITSUIN_PROT: '1',
      jitsuin_host: 'x',
      JITSUIN_PORT: 'x',
      JITSUIN_DEBUG: 'x',
    });
    const names = ['JITSUIN_PROT', 'jitsuin_host', 'JITSUIN_PORT', 'JITSUIN_DEBUG'];
    expect(faults.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    const thrown = (() => {
      try {
        return refuse(faults, origins);
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toMatchObject({ code: 'config.invalid', at: 'JITSUIN_PROT' });
    expect(String(thrown)).toContain(`JITSUIN_PROT (${role}.env line 7)`);
  });
});
