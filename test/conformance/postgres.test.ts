import { conformance } from './suite.ts';
import { startPostgres } from './postgres-service.ts';

await conformance({ type: 'postgres', start: startPostgres });
