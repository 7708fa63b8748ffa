import { readFileSync } from 'node:fs';

/** A reporter of one plain line at the end, which people and machines read alike. */
export default class ClosingLine {
  onRunComplete(_, { numFailedTests, numPassedTests, numPendingTests, numRuntimeErrorTestSuites }) {
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    for (const line of skips()) process.stderr.write(`skipped ${line}\n`);
    process.stderr.write(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped\n`);
  }
}

/** Which sources were not tested, and what this machine lacks for it. */
function skips() {
  try {
    return [...new Set(readFileSync(process.env.TEST_SKIPS, 'utf8').split('\n'))].filter(
      (line) => line !== '',
    );
  } catch {
    return [];
  }
}
