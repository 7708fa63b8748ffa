/** A reporter of one plain line at the end, which people and machines read alike. */
export default class ClosingLine {
  onRunComplete(_, { numFailedTests, numPassedTests, numPendingTests, numRuntimeErrorTestSuites }) {
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    process.stderr.write(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped\n`);
  }
}
