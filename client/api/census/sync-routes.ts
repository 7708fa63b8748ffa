import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { numberTriggered } from '../../../ledger/census-runs.ts';
import { definitionTimes } from '../../../ledger/definitions.ts';
import { lastEnds } from '../../../ledger/runs-of-sync.ts';
import { scheduleRecords } from '../../../ledger/schedules.ts';
import type { ClientConnection } from '../../connection.ts';
import { startRun } from '../../start-run.ts';
import { readCatalog, syncOfId, type Catalog } from './catalog.ts';
import { listed, pageOf, pageSchema, success } from './envelope.ts';
import { flagSchema } from './flag.ts';
import { censusSync } from './sync-document.ts';

const tags = ['Census'];
export const idSchema = z.object({ id: z.coerce.number().int().min(1) });
const triggerSchema = z.object({ force_full_sync: flagSchema });

export function addSyncRoutes(app: FastifyInstance, connection: ClientConnection): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const { db } = connection.ledger;

  const documents = async (catalog: Catalog, names: readonly string[]) => {
    const [times, ends, schedules] = [
      await definitionTimes(db, 'sync'),
      await lastEnds(db, names),
      await scheduleRecords(db),
    ];
    const held = new Set(schedules.filter((record) => record.held).map(({ sync }) => sync));
    return names.flatMap((name) => {
      const sync = catalog.definitions.syncs[name];
      const facts = { times: times.get(name), lastEnd: ends.get(name), held: held.has(name) };
      return sync === undefined ? [] : [censusSync(catalog, name, sync, facts)];
    });
  };

  routes.get(
    '/syncs',
    {
      config: { role: 'viewer' },
      schema: { tags, summary: 'Syncs, as Census lists them', querystring: pageSchema },
    },
    async ({ query }) => {
      const catalog = await readCatalog(connection);
      const all = await documents(catalog, Object.keys(catalog.definitions.syncs));
      return listed(pageOf(all, query), all.length, query);
    },
  );

  routes.get(
    '/syncs/:id',
    { config: { role: 'viewer' }, schema: { tags, summary: 'A sync, as Census shows it', params: idSchema } },
    async ({ params }) => {
      const catalog = await readCatalog(connection);
      const [document] = await documents(catalog, [syncOfId(catalog, params.id)]);
      return success(document);
    },
  );

  routes.post(
    '/syncs/:id/trigger',
    {
      config: { role: 'operator' },
      schema: {
        tags,
        summary: 'Starts a run of a sync, or goes along with the one that is going on',
        params: idSchema,
        querystring: triggerSchema,
        body: triggerSchema,
      },
    },
    async ({ body, caller, params, query, requestKey }) => {
      const sync = syncOfId(await readCatalog(connection), params.id);
      const full = query.force_full_sync || body.force_full_sync;
      const { how, run } = await startRun(connection, sync, {
        full,
        idempotencyKey: requestKey ?? undefined,
        attachAnyKey: true,
        attachToFull: true,
      });
      const by = how === 'attached' ? null : (caller?.name ?? null);
      const { id } = await numberTriggered(db, { run, sync, full, by });
      return success({ sync_run_id: id });
    },
  );
}
