import { conformance } from './suite.ts';
import { startBigQueryService } from './bigquery-service.ts';

await conformance({ type: 'bigquery', start: startBigQueryService });
