import { startMysql } from './mysql-service.ts';
import { conformance } from './suite.ts';

await conformance({ type: 'mysql', start: startMysql });
