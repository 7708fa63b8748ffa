import { describe, expect, it } from '@jest/globals';
import { readPieces } from '../../test/support/read-pieces.ts';
import { columnOf } from './columns.ts';
import { readUnloaded } from './unload.ts';
import type { UnloadedFile, UnloadedFiles } from './unloaded-files.ts';

const nobody = (): Promise<void> => Promise.resolve();

/** The rows of an UNLOAD that counts `rows`, and lists these files. */
function unloaded(rows: number, listed: UnloadedFile[] | null): Promise<string> {
  const files: UnloadedFiles = {
    list: () => Promise.resolve(listed),
    async *read() {
      yield await Promise.resolve('1,=\n2,=\n');
    },
    remove: nobody,
    check: nobody,
    close: () => undefined,
  };
  const columns = [columnOf('m', { name: 'id', type: 'int8', length: null })];
  return readPieces(
    readUnloaded({
      files,
      columns,
      from: null,
      folder: 's3://b/f/',
      where: 'here',
      unload: () => Promise.resolve(rows),
      clear: nobody,
    }),
  );
}

describe('redshift: an UNLOAD', () => {
  it('of no rows writes no manifest', async () => {
    expect(await unloaded(0, null)).toBe('');
  });

  it('whose manifest cannot be seen, or lists less than it wrote, is not read for an empty result', async () => {
    const partial = { code: 'source_partial_result' };
    await expect(unloaded(2, null)).rejects.toMatchObject(partial);
    await expect(unloaded(4, [{ key: 'a', rows: 2 }])).rejects.toMatchObject(partial);
  });

  it('is read when the two agree, or the manifest does not count', async () => {
    expect(await unloaded(2, [{ key: 'a', rows: 2 }])).toBe('1\n2\n');
    expect(await unloaded(2, [{ key: 'a', rows: null }])).toBe('1\n2\n');
  });
});
