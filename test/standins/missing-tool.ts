/** A stand-in cannot be had on this machine: its cases are skipped, and named at the end; with CI=true that is a failure. */
export class MissingTool extends Error {
  /** `Python 3.13` */
  readonly tool: string;

  constructor(tool: string) {
    super(`${tool} is missing`);
    this.name = 'MissingTool';
    this.tool = tool;
  }
}
