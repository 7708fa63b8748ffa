import TestSequencer from '@jest/test-sequencer';

const CONFORMANCE = /\/test\/conformance\//;

/** The servers of warehouses fill a small machine: their tests come when those that kill and time out are through. */
export default class Sequencer extends TestSequencer {
  sort(tests) {
    const ordered = super.sort(tests);
    const isConformance = ({ path }) => CONFORMANCE.test(path);
    return [...ordered.filter((test) => !isConformance(test)), ...ordered.filter(isConformance)];
  }
}
