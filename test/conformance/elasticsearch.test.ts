import { startElasticsearch } from './elasticsearch-service.ts';
import { conformance } from './suite.ts';

await conformance({ type: 'elasticsearch', start: startElasticsearch });
