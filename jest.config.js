/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.backhaul/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.backhaul/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/global-teardown.js',
  testSequencer: '<rootDir>/test/support/sequencer.js',
  reporters: ['default', '<rootDir>/test/support/closing-line.js'],
  // Servers of warehouses start beside the other tests, on machines of two cores.
  testTimeout: 180_000,
  // Most of the slow files wait: for a heartbeat to be missed, for a deadline to pass.
  maxWorkers: 2,
};
