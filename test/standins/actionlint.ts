import { join } from 'node:path';
import { installedOnce } from './cache.ts';
import { findTool } from './find-tool.ts';
import { runProgram } from './run-program.ts';

const PACKAGE = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12';

/** What checks workflows of GitHub, by their language and by what actions take. @returns the program */
export async function installActionlint(): Promise<string> {
  await findTool('go', 'version');
  const folder = await installedOnce('actionlint', { package: PACKAGE }, async (into) => {
    await runProgram('go', ['install', PACKAGE], { env: { ...process.env, GOBIN: into } });
  });
  return join(folder, 'actionlint');
}
