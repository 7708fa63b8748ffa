import { setTimeout as delay } from 'node:timers/promises';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { hasBacklog, isPolled } from '../vocabulary/task-queue.ts';
import { roleQueue, workerRoles, type WorkerRole } from '../vocabulary/worker-role.ts';

export interface TaskQueues {
  /** Whether runs that are opened now leave their steps to the queues of roles. */
  servesRoles(): boolean;
  /** Of the worker that polls the installation's queue. */
  getState: Worker['getState'];
  /** Polls until `stop`, and until what is under way has ended. */
  run(): Promise<void>;
  stop(): void;
}

export interface TaskQueueOptions {
  connection: NativeConnection;
  namespace: string;
  /** Of the installation: workflows, short steps, and all steps of runs without roles. */
  taskQueue: string;
  /** Null: none of its own; it serves both while others have roles. */
  roles: readonly WorkerRole[] | null;
  workflows: Pick<WorkerOptions, 'workflowBundle' | 'maxCachedWorkflows'>;
  shared: Omit<WorkerOptions, 'connection' | 'namespace' | 'taskQueue' | 'workflowBundle'>;
  report(line: string): void;
}

/** How soon a worker without roles notices that there are some with, and one with roles that another role has no worker. */
const LOOK_AROUND_MS = 30_000;

/**
 * Every worker polls the queue of the installation. Steps that are for a role go to a queue of that role, once there are
 * workers with roles: until then there is one queue only.
 */
export async function openTaskQueues(options: TaskQueueOptions): Promise<TaskQueues> {
  const { connection, namespace, report, roles, shared, taskQueue, workflows } = options;
  const main = await Worker.create({ connection, namespace, taskQueue, ...shared, ...workflows });
  const limited = roles === null ? [] : await Promise.all(roles.map((role) => openRole(options, role)));
  const hosted = [main, ...limited];
  const stopping = new AbortController();
  const running: Promise<void>[] = [];
  let servesRoles = limited.length > 0;
  const missing = new Set<WorkerRole>();
  const { workflowService } = connection;
  const queueOf = (role: WorkerRole) =>
    ({ namespace, taskQueue: roleQueue(taskQueue, role), of: 'activities' }) as const;
  const polled = (role: WorkerRole): Promise<boolean> =>
    isPolled(workflowService, queueOf(role), main.options.identity);
  const waitedFor = (role: WorkerRole): Promise<boolean> => hasBacklog(workflowService, queueOf(role));
  const ofAnyRole = async (asked: (role: WorkerRole) => Promise<boolean>): Promise<boolean> =>
    (await Promise.all(workerRoles.map(asked))).includes(true);

  const start = (worker: Worker): void => {
    // One that fails takes the others along: the process is then started anew.
    running.push(worker.run().finally(stop));
    if (stopping.signal.aborted) worker.shutdown();
  };

  /**
   * A worker without roles: from the first one with roles that it sees it serves them too, and goes on doing so. It also does what
   * is left of runs whose workers with roles have all gone; new runs then leave nothing to roles.
   */
  const serveRolesOfOthers = async (): Promise<void> => {
    if (servesRoles) return;
    const others = await ofAnyRole(polled);
    const doesSo = hosted.length > 1;
    if (!others && (doesSo || !(await ofAnyRole(waitedFor)))) return;
    if (!doesSo) {
      const opened = await Promise.all(workerRoles.map((role) => openRole(options, role)));
      hosted.push(...opened);
      opened.forEach(start);
    }
    servesRoles = others;
    report(
      others
        ? 'there are workers with roles: this one serves all of them'
        : 'steps wait for workers with roles, and there are none: this one does them too',
    );
  };

  const sayWhatIsMissing = async (own: readonly WorkerRole[]): Promise<void> => {
    for (const role of workerRoles.filter((one) => !own.includes(one))) {
      if (await polled(role)) {
        if (missing.delete(role)) report(`there is a worker of the role ${role} again`);
      } else if (!missing.has(role)) {
        missing.add(role);
        report(
          `no worker of the role ${role} is there: runs wait for one. Start \`backhaul worker --roles ${role}\`, or one without roles`,
        );
      }
    }
  };

  const lookAround = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await (roles === null ? serveRolesOfOthers() : sayWhatIsMissing(roles));
      } catch (error) {
        report(`task queues could not be looked at: ${(error as Error).name}`);
      }
      await delay(LOOK_AROUND_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };

  function stop(): void {
    if (stopping.signal.aborted) return;
    stopping.abort();
    for (const worker of hosted) if (worker.getState() === 'RUNNING') worker.shutdown();
  }

  return {
    servesRoles: () => servesRoles,
    getState: () => main.getState(),
    stop,
    async run() {
      hosted.forEach(start);
      await lookAround();
      // What was added meanwhile is waited for too.
      const ends = await Promise.allSettled(running);
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
  };
}

const openRole = (
  { connection, namespace, shared, taskQueue }: TaskQueueOptions,
  role: WorkerRole,
): Promise<Worker> =>
  Worker.create({ connection, namespace, taskQueue: roleQueue(taskQueue, role), ...shared });
