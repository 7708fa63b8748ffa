/**
 * People whose values have broken an integration somewhere: all of them are real kinds of data. Most arrive at Segment
 * as they are; the last ones cannot be sent, and the run says why.
 *
 * @module
 */

/** Columns that are not named here are null. Values are PostgreSQL's text, so that no digit is lost on the way. */
export interface AwkwardPerson {
  user_id?: string | null;
  email?: string;
  first_name?: string;
  last_name?: string;
  birthday?: string;
  created_at?: string;
  trial_ends_at?: string;
  interests?: string;
  preferences?: string;
  crmContactId?: string;
  'Lifetime Value'?: string;
  health_score?: string;
  notes?: string;
}

const sendable: readonly AwkwardPerson[] = [
  {
    first_name: '👩‍👩‍👧‍👦',
    last_name: '🏳️‍🌈🏴󠁧󠁢󠁳󠁣󠁴󠁿👍🏽',
    notes: 'One glyph each on a screen, up to eleven code points here.',
  },
  { first_name: '𝓕𝓪𝓷𝓬𝔂', last_name: '𠮷野家', notes: 'Beyond the 16 bits of one UTF-16 unit.' },
  {
    first_name: 'Jose\u0301',
    last_name: 'Nu\u0301n\u0303ez',
    notes: 'Letters and their accents apart (NFD).',
  },
  {
    first_name: 'عبد الرحمن',
    last_name: 'בן־דוד (Ben-David)',
    notes: 'Right to left, and both ways in one name.',
  },
  {
    first_name: '\u202Egnissecorp',
    last_name: '\u200Bzero\u200Bwidth\u2060',
    notes: 'Marks that turn the text or do not show.',
  },
  {
    first_name: '\uFEFFBOM',
    last_name: 'line\u2028paragraph\u2029',
    notes: 'Breaks lines in old JavaScript.',
  },
  { first_name: 'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘', last_name: 'İıßﬁ', notes: 'Changes its length in another case.' },
  {
    first_name: "Robert'); DROP TABLE people;--",
    last_name: '"Bobby" \\"Tables\\"',
    notes: "Quotes: ' '' \" \\' \\\" ` “ ”",
  },
  { first_name: '<script>alert(1)</script>', last_name: '&amp; ${HOME} {{user}} %s %00', notes: '=1+1' },
  {
    first_name: '\\N',
    last_name: '\\.',
    notes: 'line one\nline two\r\nline three\ttab\\t backslash \\ end\\',
  },
  { first_name: '  spaces around  ', last_name: '\t\n', notes: '\u00A0' },
  { first_name: '', last_name: '', email: '', notes: '', interests: '{}', preferences: '{}' },
  {},
  {
    first_name: 'null',
    last_name: 'undefined',
    notes: 'NaN',
    interests: '{NULL,"NULL","",null}',
    preferences: 'null',
  },
  { first_name: 'True', last_name: '12345678901234567890', notes: '1e3', preferences: '"2026-03-31"' },
  {
    first_name: 'Large',
    last_name: 'Numbers',
    crmContactId: '9223372036854775807',
    'Lifetime Value': '123456789012345678901234567890.12',
  },
  {
    first_name: 'Border',
    last_name: 'Numbers',
    crmContactId: '9007199254740993',
    'Lifetime Value': '-0.10',
    health_score: '-0',
  },
  {
    first_name: 'Small',
    last_name: 'Numbers',
    crmContactId: '9007199254740991',
    'Lifetime Value': '0.0000000000000000000000000001',
    health_score: '5e-324',
  },
  {
    first_name: 'Float',
    last_name: 'Numbers',
    crmContactId: '-9223372036854775808',
    health_score: '0.30000000000000004',
  },
  {
    first_name: 'Leap',
    last_name: 'Day',
    birthday: '1904-02-29',
    created_at: '2024-02-29 23:59:59.999999+14',
  },
  {
    first_name: 'Old',
    last_name: 'Times',
    birthday: '0001-01-01',
    created_at: '1969-12-31 23:59:59.000001-08',
  },
  {
    first_name: 'Far',
    last_name: 'Future',
    birthday: '9999-12-31',
    trial_ends_at: '9999-12-31 23:59:59.999999+00',
  },
  {
    first_name: 'JSON',
    last_name: 'Deep',
    preferences:
      '{"id": 12345678901234567890, "ratio": 0.1000000000000000055511151231257827, "nested": {"a": [{"b": [[], {}, null]}]}, "": "empty name", "🦄": "\\ud83e\\udd84 \\" \\\\ \\n", "__proto__": {"polluted": true}}',
    interests: '{"comma, inside","quote \\" inside","brace } inside","back\\\\slash",東京}',
  },
  {
    first_name: 'Long but allowed',
    last_name: 'ü'.repeat(5000),
    notes: 'Five thousand letters of two bytes: well below 32 KB.',
  },
];

const unsendable: readonly AwkwardPerson[] = [
  {
    user_id: null,
    first_name: 'Invited',
    email: 'never.signed.up@example.com',
    notes: 'No user_id yet: null_key.',
  },
  {
    user_id: '',
    first_name: 'Empty',
    email: 'lost.its.id@example.com',
    notes: 'An empty user_id: empty_key.',
  },
  {
    user_id: 'usr_crm_8841',
    first_name: 'Kim',
    last_name: 'Okonkwo',
    email: 'kim.okonkwo@example.com',
    notes: 'From the application: duplicate_key.',
  },
  {
    user_id: 'usr_crm_8841',
    first_name: 'KIM',
    last_name: 'OKONKWO',
    email: 'KIM.OKONKWO@EXAMPLE.COM',
    notes: 'Written again by the import from the CRM: duplicate_key.',
  },
  { first_name: 'Too', last_name: 'Large', notes: 'A mail thread that somebody pasted. '.repeat(1000) },
  {
    first_name: 'Not',
    last_name: 'A Number',
    health_score: 'NaN',
    notes: 'A division by zero in some pipeline: not_finite.',
  },
  {
    first_name: 'Never',
    last_name: 'Ends',
    trial_ends_at: 'infinity',
    notes: 'A trial without an end: timestamp_out_of_range.',
  },
];

export const awkwardPeople: readonly AwkwardPerson[] = [...sendable, ...unsendable];

/** What a run says of them. */
export const UNSENDABLE_BY_REASON = {
  null_key: 1,
  empty_key: 1,
  duplicate_key: 2,
  too_large: 1,
  not_finite: 1,
  timestamp_out_of_range: 1,
} as const;
