import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { parse } from 'yaml';
import { z } from 'zod';

const envSchema = z.record(z.string(), z.coerce.string()).default({});
const workflowSchema = z.object({
  defaults: z.object({ run: z.object({ shell: z.literal('bash') }) }),
  jobs: z.record(
    z.string(),
    z.object({
      needs: z.string().optional(),
      if: z.string().default('true'),
      env: envSchema,
      steps: z.array(
        z.object({
          id: z.string().default(''),
          if: z.string().default('true'),
          uses: z.string().optional(),
          env: envSchema,
          run: z.string().default(''),
        }),
      ),
    }),
  ),
});

type Job = z.infer<typeof workflowSchema>['jobs'][string];

/** What expressions of a workflow may name. */
export interface Contexts {
  github: { run_id: number; run_attempt: number; event_name: string; event?: object };
  vars: Record<string, string>;
  secrets: Record<string, string>;
}

export interface Runner {
  /** Where the repository is checked out. */
  folder: string;
  /** Of the machine: jobs see it, and what the workflow gives them. */
  env: NodeJS.ProcessEnv;
}

export interface WorkflowRun {
  jobs: Record<string, 'success' | 'failure' | 'skipped'>;
  /** What all steps have said. */
  said: string;
  /** What they wrote into the summary of the run. */
  summary: string;
}

const OUTPUT = '.github-output';
const SUMMARY = '.github-summary';

/**
 * Runs the steps of a workflow that are commands, as they stand and in order, by the shell that a runner of GitHub calls. Actions
 * (`uses`) are for the runner: the folder has what they bring.
 */
export async function runWorkflow(text: string, contexts: Contexts, runner: Runner): Promise<WorkflowRun> {
  const { jobs } = workflowSchema.parse(parse(text));
  const run: WorkflowRun = { jobs: {}, said: '', summary: '' };
  await writeFile(join(runner.folder, SUMMARY), '');
  for (const [name, job] of Object.entries(jobs)) {
    const isDue = (job.needs === undefined || run.jobs[job.needs] === 'success') && holds(job.if, contexts);
    run.jobs[name] = isDue ? await runJob(job, contexts, runner, run) : 'skipped';
  }
  run.summary = await readFile(join(runner.folder, SUMMARY), 'utf8');
  return run;
}

async function runJob(
  job: Job,
  contexts: Contexts,
  { env, folder }: Runner,
  run: WorkflowRun,
): Promise<'success' | 'failure'> {
  const known = { ...contexts, steps: {} as Record<string, { outputs: Record<string, string> }> };
  for (const step of job.steps) {
    if (step.run === '' || !holds(step.if, known)) continue;
    await writeFile(join(folder, OUTPUT), '');
    await writeFile(join(folder, '.step.sh'), step.run);
    // https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '.step.sh'], {
      cwd: folder,
      env: {
        ...env,
        ...filled(job.env, known),
        ...filled(step.env, known),
        GITHUB_OUTPUT: join(folder, OUTPUT),
        GITHUB_STEP_SUMMARY: join(folder, SUMMARY),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (run.said += chunk.toString('utf8')));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) return 'failure';
    const outputs = [...(await readFile(join(folder, OUTPUT), 'utf8')).matchAll(/^(\w+)=(.*)$/gm)];
    known.steps[step.id] = {
      outputs: Object.fromEntries(outputs.map(([, name = '', value = '']) => [name, value])),
    };
  }
  return 'success';
}

/** Of the language of expressions only what JavaScript has too is used. */
const valueOf = (expression: string, contexts: object): unknown =>
  runInNewContext(expression, { ...contexts });

const holds = (condition: string, contexts: object): boolean => Boolean(valueOf(condition, contexts));

const filled = (env: Record<string, string>, contexts: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).map(([name, text]) => [
      name,
      text.replace(
        /\$\{\{ (.+?) \}\}/g,
        (_, expression: string) => `${(valueOf(expression, contexts) as string | undefined) ?? ''}`,
      ),
    ]),
  );
