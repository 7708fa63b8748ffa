import { syncOfWorkflow } from '../../vocabulary/installation.ts';

/** What an attempt of a step is about: on every line of its log, and on its span. */
export interface About {
  run?: string;
  sync?: string;
  page?: number;
  connection?: string;
  model?: string;
}

interface Started {
  installation: string;
  workflowId: string | undefined;
  /** The first argument of the activity: names, ids and counts. */
  input: unknown;
}

export function aboutOf({ input, installation, workflowId }: Started): About {
  const given = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  const sync =
    textOf(given['sync']) ??
    (workflowId === undefined ? undefined : syncOfWorkflow(installation, workflowId));
  const run = textOf(given['run']);
  const page = given['page'];
  const connection = textOf(given['connection']);
  const model = textOf(given['model']);
  return {
    ...(run !== undefined && { run }),
    ...(sync !== undefined && { sync }),
    ...(typeof page === 'number' && { page }),
    ...(connection !== undefined && { connection }),
    ...(model !== undefined && { model }),
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
