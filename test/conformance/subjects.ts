import { startDatabricks } from './databricks-service.ts';
import { startPostgres } from './postgres-service.ts';
import type { Subject } from './subject.ts';

/** Every source, in the order in which they are measured. */
export const subjects: readonly Subject[] = [
  { type: 'postgres', start: startPostgres },
  { type: 'databricks', start: startDatabricks },
];
