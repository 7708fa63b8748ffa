import { describe, expect, it } from '@jest/globals';
import { readWorkerSettings } from './worker-environment.ts';

describe('the settings of a worker', () => {
  it('have defaults, also where a variable is set to nothing', () => {
    expect(readWorkerSettings({ BACKHAUL_ROLES: '', TEMPORAL_DEPLOYMENT_NAME: '' })).toEqual({
      roles: null,
      maxActivities: 20,
      maxCachedWorkflows: undefined,
      duckDb: { memoryLimitMb: 256, threads: undefined },
      shutdownGraceMs: 25_000,
      deployment: null,
    });
  });

  it('are read with their units', () => {
    const settings = readWorkerSettings({
      BACKHAUL_ROLES: 'send, plan',
      BACKHAUL_MAX_ACTIVITIES: '8',
      BACKHAUL_DUCKDB_MEMORY: '2GB',
      BACKHAUL_SHUTDOWN_GRACE: '2m',
      TEMPORAL_DEPLOYMENT_NAME: 'backhaul',
      TEMPORAL_WORKER_BUILD_ID: '0.2.0',
    });
    expect(settings).toMatchObject({
      roles: ['plan', 'send'],
      maxActivities: 8,
      duckDb: { memoryLimitMb: 2000 },
      shutdownGraceMs: 120_000,
      deployment: { deploymentName: 'backhaul', buildId: '0.2.0' },
    });
  });

  it.each([
    ['BACKHAUL_ROLES', 'plan,post'],
    ['BACKHAUL_MAX_ACTIVITIES', '0'],
    ['BACKHAUL_DUCKDB_MEMORY', '12MB'],
    ['BACKHAUL_DUCKDB_MEMORY', '1 GiB'],
    ['BACKHAUL_SHUTDOWN_GRACE', '25'],
    ['TEMPORAL_WORKER_BUILD_ID', '0.2.0'],
  ])('are refused by name: %s=%s', (name, value) => {
    expect(() => readWorkerSettings({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(name) as unknown }),
    );
  });
});
