import { join } from 'node:path';
import { installedOnce } from './cache.ts';
import { MissingTool } from './missing-tool.ts';
import { runProgram } from './run-program.ts';

/** An interpreter of one of these versions: on the path, or one that pyenv keeps. */
async function findPython(versions: readonly string[]): Promise<string> {
  for (const version of versions) {
    for (const env of [process.env, { ...process.env, PYENV_VERSION: version }]) {
      try {
        const told = await runProgram(`python${version}`, ['-c', 'import sys, venv; print(sys.executable)'], {
          env,
        });
        return told.trim();
      } catch {
        // The next one may be there.
      }
    }
  }
  throw new MissingTool(`Python ${versions.join(' or ')}`);
}

/**
 * A virtual environment with these packages of PyPI, installed once.
 *
 * @param versions of Python that the packages run on, the best first
 * @param packages with their versions
 * @param options.whole they need no others: pip then looks for none, which takes minutes for a hundred of them
 * @returns the folder of its programs
 */
export async function pythonPackages(
  name: string,
  versions: readonly string[],
  packages: readonly string[],
  { whole = false }: { whole?: boolean } = {},
): Promise<string> {
  const python = await findPython(versions);
  const folder = await installedOnce(name, { python, packages }, async (into) => {
    await runProgram(python, ['-m', 'venv', into]);
    await runProgram(join(into, 'bin', 'pip'), [
      'install',
      '--quiet',
      '--disable-pip-version-check',
      ...(whole ? ['--no-deps'] : []),
      ...packages,
    ]);
  });
  return join(folder, 'bin');
}
