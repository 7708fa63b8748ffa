import { describe, expect, it } from '@jest/globals';
import { histogramQuantile, quantile } from './quantile.ts';

describe('a quantile', () => {
  it('of samples is one of them', () => {
    const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0.5, 0.95, 0.99, 1].map((share) => quantile(samples, share))).toEqual([50, 95, 99, 100]);
    expect(quantile([7], 0.5)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('of a histogram lies within its bucket', () => {
    const buckets = [
      { le: Infinity, count: 100 },
      { le: 10, count: 50 },
      { le: 20, count: 90 },
    ];
    expect(histogramQuantile(buckets, 0.25)).toBe(5);
    expect(histogramQuantile(buckets, 0.5)).toBe(10);
    expect(histogramQuantile(buckets, 0.7)).toBe(15);
    expect(histogramQuantile(buckets, 0.99)).toBe(20);
    expect(histogramQuantile([], 0.5)).toBeNaN();
  });
});
