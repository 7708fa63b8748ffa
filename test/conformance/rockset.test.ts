import { startRocksetService } from './rockset-service.ts';
import { conformance } from './suite.ts';

await conformance({ type: 'rockset', start: startRocksetService });
