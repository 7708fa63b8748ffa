import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { FastifyInstance } from 'fastify';
import { censusIds } from '../../../ledger/census-names.ts';
import { censusRunsOf, findCensusRun, type CensusRun } from '../../../ledger/census-runs.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import { isFinal, type Run } from '../../../vocabulary/run.ts';
import type { ClientConnection } from '../../connection.ts';
import { runHandle } from '../../run-handle.ts';
import { listRuns } from '../../runs.ts';
import { readCatalog, syncOfId } from './catalog.ts';
import { listed, pageSchema, success } from './envelope.ts';
import { censusRun } from './run-document.ts';
import { idSchema } from './sync-routes.ts';
import { viewRun } from './view-run.ts';

const tags = ['Census'];

export function addRunRoutes(app: FastifyInstance, connection: ClientConnection): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const { db } = connection.ledger;

  const find = async (id: number): Promise<CensusRun> => {
    const numbered = await findCensusRun(db, id);
    if (numbered === undefined) throw new BackhaulError('run_not_found', `id ${id}`);
    return numbered;
  };

  routes.get(
    '/syncs/:id/sync_runs',
    {
      config: { role: 'viewer' },
      schema: {
        tags,
        summary: 'The runs of a sync, as Census lists them',
        params: idSchema,
        querystring: pageSchema,
      },
    },
    async ({ params, query }) => {
      const sync = syncOfId(await readCatalog(connection), params.id);
      const { order, page, per_page: limit } = query;
      const { runs, total } = await censusRunsOf(db, sync, { order, limit, offset: (page - 1) * limit });
      const opened = await openedRuns(connection, runs);
      const documents = runs.map(async (numbered) => {
        const run = opened.get(numbered.run_id) ?? (await viewRun(connection, numbered));
        return censusRun(run, numbered, params.id);
      });
      return listed(await Promise.all(documents), total, query);
    },
  );

  routes.get(
    '/sync_runs/:id',
    { config: { role: 'viewer' }, schema: { tags, summary: 'A run, as Census shows it', params: idSchema } },
    async ({ params }) => {
      const numbered = await find(params.id);
      const ids = await censusIds(db, 'sync', [numbered.sync]);
      return success(censusRun(await viewRun(connection, numbered), numbered, ids.get(numbered.sync) ?? 0));
    },
  );

  routes.post(
    '/sync_runs/:id/cancel',
    {
      config: { role: 'operator' },
      schema: {
        tags,
        summary: 'Asks a run to stop: what is in flight is finished and recorded',
        params: idSchema,
      },
    },
    async ({ params }) => {
      const numbered = await find(params.id);
      const { id: run, status, sync } = await viewRun(connection, numbered);
      if (isFinal(status)) throw new BackhaulError('run_ended', `id ${numbered.id}, ${status}`);
      await runHandle(connection, sync, { run, how: 'existing' }).cancel();
      return { status: 'cancelled', data: {} };
    },
  );
}

/** Those that a worker has opened, at once. */
async function openedRuns(
  connection: ClientConnection,
  runs: readonly CensusRun[],
): Promise<ReadonlyMap<string, Run>> {
  const ids = runs.map((run) => run.run_id);
  const opened = ids.length === 0 ? [] : await listRuns(connection, { ids, limit: ids.length });
  return new Map(opened.map((run) => [run.id, run]));
}
