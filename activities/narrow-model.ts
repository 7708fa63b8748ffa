import { readsSql } from '../definitions/model.ts';
import { readAdoptionCondition } from '../ledger/adoption-conditions.ts';
import type { RunRecord } from '../ledger/runs.ts';
import type { ResolvedModel, Source } from '../sources/source.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * The model, or of an adoption with a condition the rows of it for which that holds. The warehouse is asked whether it
 * understands the condition before anything is read; of its answer only the code is told, since the rest may quote a value.
 */
export async function narrowModel(
  { ledger }: Pick<Dependencies, 'ledger'>,
  { adopt, sync }: Pick<RunRecord, 'adopt' | 'sync'>,
  source: Source,
  model: ResolvedModel,
): Promise<ResolvedModel> {
  if (adopt === null || adopt.condition === null) return model;
  if (!readsSql(model)) throw new BackhaulError('condition_not_sql', `sync ${sync}, model ${model.name}`);
  const narrowed = { ...model, where: await readAdoptionCondition(ledger.db, sync, adopt.condition) };
  try {
    await source.describe(narrowed);
  } catch (error) {
    if (!(error instanceof BackhaulError) || error.entry.retryable || error.code === 'run_cancelled')
      throw error;
    throw new BackhaulError('condition_refused', `sync ${sync}, ${error.code}`);
  }
  return narrowed;
}
