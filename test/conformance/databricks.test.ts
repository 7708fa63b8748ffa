import { conformance } from './suite.ts';
import { startDatabricks } from './databricks-service.ts';

await conformance({ type: 'databricks', start: startDatabricks });
