import { rename, writeFile } from 'node:fs/promises';
import { devFilePath, type DevFile } from '../../definitions/dev-file.ts';
import type { ProcessIdentity } from '../../definitions/process-identity.ts';
import type { PartName } from './part.ts';

/** `dev.json` of a running supervisor. */
export interface DevRecord {
  read(): DevFile;
  ready(): Promise<void>;
  /** Writes down where the HTTP API listens. */
  listens(apiUrl: string, port: number): Promise<void>;
  /** Writes down who a part is now; null: it was stopped. */
  name(part: PartName, identity: ProcessIdentity | null): Promise<void>;
}

export const openDevRecord = async (home: string, first: DevFile): Promise<DevRecord> => {
  let file = first;
  let written = Promise.resolve();
  const path = devFilePath(home);
  const write = (): Promise<void> => {
    const text = `${JSON.stringify(file, null, 2)}\n`;
    // One after the other, so that the last state is the one that stays.
    written = written
      .catch(() => undefined)
      .then(async () => {
        // It holds a password.
        await writeFile(`${path}.new`, text, { mode: 0o600 });
        await rename(`${path}.new`, path);
      });
    return written;
  };
  await write();
  return {
    read: () => file,
    ready() {
      file = { ...file, state: 'ready' };
      return write();
    },
    listens(apiUrl, port) {
      file = { ...file, apiUrl, ports: { ...file.ports, api: port } };
      return write();
    },
    name(part, identity) {
      const children = { ...file.children, [part]: identity ?? undefined };
      file = { ...file, children };
      return write();
    },
  };
};
