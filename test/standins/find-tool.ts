import { MissingTool } from './missing-tool.ts';
import { runProgram } from './run-program.ts';

/** A program that is on the path; says which version it is by itself. */
export async function findTool(name: string, version = '--version'): Promise<string> {
  try {
    await runProgram(name, [version]);
    return name;
  } catch {
    throw new MissingTool(name);
  }
}
