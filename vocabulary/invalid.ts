/** Why a row is not sent. The reason is ours: Segment would drop it without a word, or could not tell two users apart. */
export const invalidReasons = {
  null_key: 'the key is null',
  empty_key: 'the key is an empty string',
  duplicate_key: 'another row has the same key; none of them is sent',
  too_large: 'the message is larger than Segment takes (32 KB)',
  not_finite: 'a number is NaN or infinite, which JSON cannot say',
  timestamp_out_of_range: 'a timestamp or date is infinite or outside the years 0001 to 9999',
  timestamp_too_early: 'the timestamp of the message is before 1970, which Segment may drop',
  json_invalid: 'a JSON value cannot be read',
  not_convertible: 'a value cannot become the type that the mapping names without saying something else',
  template_failed: 'a template cannot be rendered for the row, or takes too long',
} as const;
export type InvalidReason = keyof typeof invalidReasons;

export const isInvalidReason = (reason: string): reason is InvalidReason =>
  Object.hasOwn(invalidReasons, reason);
