import { colorsFor } from '../../client/cli/io.ts';
import { runCli } from '../../client/cli/run-cli.ts';

export interface SaidInProcess {
  code: number;
  out: string;
  err: string;
}

/** A command in the process of the test, where many are needed and none of them is about its own process. */
export async function runInProcess(args: readonly string[], env: NodeJS.ProcessEnv): Promise<SaidInProcess> {
  const said = { out: '', err: '' };
  const code = await runCli(args, {
    env,
    cwd: '/',
    out: (line) => void (said.out += `${line}\n`),
    err: (line) => void (said.err += `${line}\n`),
    isTerminal: false,
    confirm: async () => undefined,
    ask: null,
    readStdin: async () => '',
    interrupted: new AbortController().signal,
    colors: colorsFor(false, {}),
  });
  return { code, ...said };
}
