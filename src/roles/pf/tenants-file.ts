import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { JitsuinError } from '../../core/errors.ts';
import type { PfTenants } from '../../pf/tenant-rights.ts';
import { pfTenantsSchema, readPfTenants, type TenantRecord } from './tenants.ts';

/** The tenants as their file has them now: a change of it needs no restart, in no process. */
export interface TenantsFile extends PfTenants {
  records(): readonly TenantRecord[];
  /** Adds the record, or puts it in the place of the one with its id. @throws JitsuinError `config.invalid` */
  put(record: TenantRecord): void;
  /** @throws JitsuinError `record.not-found`; `config.invalid` for the last one */
  remove(id: string): void;
}

interface Read {
  readonly stamp: string | undefined;
  readonly tenants: PfTenants;
  readonly records: readonly TenantRecord[];
}

const AT = 'JITSUIN_PF_TENANTS_FILE';

/**
 * Reads the tenants file, and reads it again when it was replaced; one that cannot be read then changes nothing.
 * @throws JitsuinError `config.invalid`
 */
export function openTenantsFile(file: string): TenantsFile {
  let known = read(file);
  const current = () => {
    const stamp = stampOf(file);
    if (stamp === undefined || stamp === known.stamp) return known;
    try {
      known = read(file);
    } catch {
      // what was good serves on; the next start will say what is wrong
    }
    return known;
  };
  const replace = (records: readonly TenantRecord[]) => {
    readPfTenants(records);
    write(file, records);
    known = read(file);
  };
  return {
    get assertions() {
      return current().tenants.assertions;
    },
    mayUse: (tenant, service) => current().tenants.mayUse(tenant, service),
    mayHave: (tenant, item) => current().tenants.mayHave(tenant, item),
    records: () => current().records,
    put: (record) => {
      const { records } = read(file);
      const others = records.some(({ id }) => id === record.id)
        ? records.map((each) => (each.id === record.id ? record : each))
        : [...records, record];
      replace(others);
    },
    remove: (id) => {
      const { records } = read(file);
      const others = records.filter((each) => each.id !== id);
      if (others.length === records.length)
        throw new JitsuinError('record.not-found', 'The tenants file has no tenant of this id.', { at: id });
      replace(others);
    },
  };
}

function read(file: string): Read {
  const stamp = stampOf(file);
  const json = parsed(file);
  const tenants = readPfTenants(json);
  return { stamp, tenants, records: pfTenantsSchema.parse(json) };
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new JitsuinError('config.invalid', `The file of ${AT} cannot be read as JSON.`, { at: AT });
  }
}

/** Written beside and renamed: a crash leaves the old file or the new one. */
function write(file: string, records: readonly TenantRecord[]): void {
  const beside = `${file}.new`;
  rmSync(beside, { force: true });
  writeFileSync(beside, `${JSON.stringify(records, undefined, 2)}\n`, {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  });
  renameSync(beside, file);
}

function stampOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
}
