import type { Client } from '@temporalio/client';
import { ARGUMENTS_MEMO, inInstallation } from '../../vocabulary/installation.ts';
import type { Answered } from './trigger.ts';

export type Query = (sql: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;

/** What holds the truth about runs. */
export interface Books {
  /** Of the ledger, its schema included. */
  ledger: Query;
  temporal: Client;
  installation: string;
}

export interface Account {
  triggers: number;
  /** How many were answered in which way. */
  answers: Record<string, number>;
  runs: number;
  keys: number;
  /** What does not hold, in words; empty: all of it holds. */
  faults: string[];
}

interface LedgerRun {
  id: string;
  sync: string;
  status: string;
  key: string | null;
  ended: boolean;
}

const RUNS = `select id, sync, status, idempotency_key as key, finished_at is not null as ended from backhaul.runs`;

/** Whether every run that was answered, and every other one, has ended. */
export async function allEnded({ ledger }: Books, answered: readonly Answered[]): Promise<boolean> {
  const runs = (await ledger(RUNS)) as unknown as LedgerRun[];
  const ended = new Set(runs.filter((run) => run.ended).map(({ id }) => id));
  return ended.size === runs.length && answered.every(({ run }) => run === null || ended.has(run));
}

/** Holds the answers against the ledger and Temporal, once all runs have ended. */
export async function holdToAccount(books: Books, answered: readonly Answered[]): Promise<Account> {
  const runs = (await books.ledger(RUNS)) as unknown as LedgerRun[];
  const executions = await executionsOf(books);
  const answers: Record<string, number> = {};
  for (const { how, problem } of answered) {
    const name = how ?? `refused: ${problem}`;
    answers[name] = (answers[name] ?? 0) + 1;
  }
  return {
    triggers: answered.length,
    answers,
    runs: executions.length,
    keys: new Set(answered.flatMap(({ key, sync }) => (key === null ? [] : [`${sync} ${key}`]))).size,
    faults: [
      ...answered.flatMap((answer) => faultOf(answer, runs)),
      ...runs.filter(({ ended }) => !ended).map(({ id, sync }) => `run ${id} of ${sync} has not ended`),
      ...runs
        .filter(({ status }) => status === 'failed' || status === 'cancelled')
        .map(({ id, status, sync }) => `run ${id} of ${sync}: ${status}`),
      ...executions
        .filter(({ run }) => !runs.some(({ id }) => id === run))
        .map(({ run }) => `run ${run} is in Temporal and not in the ledger`),
      ...executions.filter(({ isOpen }) => isOpen).map(({ run }) => `run ${run} is still open in Temporal`),
      ...keysWithMore(answered, runs, executions),
    ],
  };
}

function faultOf({ how, problem, run, sync }: Answered, runs: readonly LedgerRun[]): string[] {
  if (how === null) return [`a trigger of ${sync} was refused: ${problem}`];
  const found = runs.find(({ id }) => id === run);
  if (found === undefined)
    return [`a trigger of ${sync} was answered by run ${run}, which is not in the ledger`];
  const isRecorded = (found.status === 'skipped') === (how === 'skipped') && found.sync === sync;
  return isRecorded
    ? []
    : [`a trigger of ${sync} was ${how}, and run ${run} of ${found.sync} is ${found.status}`];
}

interface Execution {
  /** The id of its run. */
  run: string;
  sync: string;
  key: string | null;
  isOpen: boolean;
}

/** All runs that Temporal knows; one that continued as new is one. */
async function executionsOf({ installation, temporal }: Books): Promise<Execution[]> {
  const prefix = inInstallation(installation, 'sync/');
  const byRun = new Map<string, Execution>();
  const query = `WorkflowType = 'syncRun' and WorkflowId starts_with '${prefix}'`;
  for await (const { memo, raw, runId, status, workflowId } of temporal.workflow.list({ query })) {
    const run = raw.firstRunId || runId;
    const given = memo?.[ARGUMENTS_MEMO] as { idempotencyKey?: string | null } | undefined;
    const isOpen = status.name === 'RUNNING' && (await isRunning(temporal, workflowId, runId));
    byRun.set(run, {
      run,
      sync: workflowId.slice(prefix.length),
      key: given?.idempotencyKey ?? null,
      isOpen: isOpen || byRun.get(run)?.isOpen === true,
    });
  }
  return [...byRun.values()];
}

/** The list is behind by a moment. */
const isRunning = async (temporal: Client, workflowId: string, runId: string): Promise<boolean> =>
  (await temporal.workflow.getHandle(workflowId, runId).describe()).status.name === 'RUNNING';

/** Keys that started more than one run, by any of the three. */
function keysWithMore(
  answered: readonly Answered[],
  runs: readonly LedgerRun[],
  executions: readonly Execution[],
): string[] {
  const started = answered.flatMap(({ how, key, run, sync }) =>
    how === 'started' && key !== null ? [{ sync, key, run }] : [],
  );
  const inLedger = runs.flatMap(({ id, key, sync }) => (key === null ? [] : [{ sync, key, run: id }]));
  const inTemporal = executions.flatMap(({ key, run, sync }) => (key === null ? [] : [{ sync, key, run }]));
  return Object.entries({ answers: started, 'the ledger': inLedger, Temporal: inTemporal }).flatMap(
    ([where, all]) => {
      const byKey = new Map<string, Set<string>>();
      for (const { key, run, sync } of all) {
        const name = `${key} of ${sync}`;
        byKey.set(name, (byKey.get(name) ?? new Set()).add(run));
      }
      return [...byKey]
        .filter(([, found]) => found.size > 1)
        .map(([name, found]) => `the key ${name} started ${found.size} runs by ${where}`);
    },
  );
}
