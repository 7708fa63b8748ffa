import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { FROZEN } from './frozen.ts';

/** Histories of the released workflows: test/replay/record.ts. */
const FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));
const bundle = (name: string): string => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));
const BUNDLE = bundle('workflow-bundle.cjs');

Runtime.install({ logger: new DefaultLogger('ERROR') });
afterAll(() => Runtime.instance().shutdown());

interface Recorded {
  workflowId: string;
  history: {
    events: {
      eventType: string;
      activityTaskScheduledEventAttributes?: { activityType: { name: string } };
    }[];
  };
}
const read = (file: string): Recorded => JSON.parse(readFileSync(`${FOLDER}${file}`, 'utf8')) as Recorded;
const replay = ({ history, workflowId }: Recorded, codePath = BUNDLE): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: { codePath } }, history, workflowId);

const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.json') && basename(file) !== FROZEN,
);

describe('a run that an earlier version began goes on under this one', () => {
  it.each(files)('%s', async (file) => {
    await replay(read(file));
  });

  it.each(files)('%s, also when traces are exported from then on', async (file) => {
    await replay(read(file), bundle('workflow-bundle-traced.cjs'));
  });

  it('and the replay would notice a change', async () => {
    const recorded = read(files.find((file) => file.endsWith('/full.json')) ?? '');
    for (const event of recorded.history.events) {
      const scheduled = event.activityTaskScheduledEventAttributes;
      if (scheduled?.activityType.name === 'paginate') scheduled.activityType.name = 'shuffle';
    }
    await expect(replay(recorded)).rejects.toMatchObject({ name: 'DeterminismViolationError' });
  });

  it('for each thing that can happen to it', () => {
    expect(files.map((file) => basename(file))).toEqual(
      expect.arrayContaining([
        'after-run.json',
        'after-run-alerts.json',
        'approved.json',
        'cancelled.json',
        'continues-as-new.json',
        'declined.json',
        'full.json',
        'held.json',
        'looked-at-alerts.json',
        'not-delivered.json',
        'notified.json',
        'paused.json',
        'recap.json',
        'scheduled.json',
        'settles-an-earlier-run.json',
        'waits-over-executions.json',
      ]),
    );
  });
});
