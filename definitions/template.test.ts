import { describe, expect, it } from '@jest/globals';
import { readTemplate } from './template.ts';

describe('the columns of a template', () => {
  it.each<[string, string[]]>([
    ['plain', []],
    ['{{ first_name }} {{ last_name }}', ['first_name', 'last_name']],
    ['{{ email | downcase | sha256 }} {{ email }}', ['email']],
    ['{{ ["first name"] }}', ['first name']],
    ['{{ details.address.city }}', ['details']],
    ['{% assign a = b | upcase %}{{ a }}', ['b']],
    ['{% for x in tags %}{{ forloop.index }}{{ x }}{% endfor %}', ['tags']],
    [
      '{% if plan == "pro" %}{{ logins | plus: bonus }}{% else %}{{ plan }}{% endif %}',
      ['plan', 'logins', 'bonus'],
    ],
    ['{% case plan %}{% when tier %}x{% endcase %}', ['plan', 'tier']],
    ['{% liquid\n  assign z = y\n  echo z\n%}', ['y']],
    ['{{ known | default: other }}', ['known', 'other']],
    ['{% if not a and b != 1 or not c %}x{% elsif d contains "x" %}y{% endif %}', ['a', 'b', 'c', 'd']],
    [
      '12345678901234567890 {{ "12345678901234567890" }} {{ c12345678901234567890 }}',
      ['c12345678901234567890'],
    ],
  ])('%j: %j', (text, columns) => {
    expect(readTemplate(text)).toEqual({ columns });
  });
});

describe('a template that cannot be is told what is wrong', () => {
  it.each<[string, string, string]>([
    [
      '{{ email | upcsae }}',
      'uses the filter "upcsae", which there is not, at line 1, column 1 of it',
      'Did you mean "upcase"?',
    ],
    [
      'a\n{{ email | encrypted }}',
      'uses the filter "encrypted", which there is not, at line 2, column 1 of it',
      'The filters are those of Liquid, https://liquidjs.com/filters/overview.html.',
    ],
    ['{{ tags | sample }}', 'uses the filter "sample", which there is not, at line 1, column 1 of it', ''],
    ['{{ tags | where_exp: "x", "x.y" }}', 'uses the filter "where_exp", which there is not', ''],
    [
      '{% fi plan %}{% endif %}',
      'uses the tag "fi", which there is not, at line 1, column 1 of it',
      'Did you mean "if"?',
    ],
    [
      '{% include "secrets" %}',
      'uses "include", and templates read no files, at line 1, column 1 of it',
      'Write the text here.',
    ],
    ['{% render "x" %}', 'uses "render", and templates read no files', 'Write the text here.'],
    ['{% layout "x" %}', 'uses "layout", and templates read no files', 'Write the text here.'],
    ['{% block x %}{% endblock %}', 'uses "block", and templates read no files', 'Write the text here.'],
    ['{{ email', 'cannot be read: output "{{ email" not closed, at line 1, column 1 of it', 'Mend it,'],
    ['{% if plan %}', 'cannot be read: tag {% if plan %} not closed', 'Mend it,'],
    ['{{ }}', 'cannot be read: invalid value expression', 'Mend it,'],
    ['{{ "now" | date: "%Y" }}', 'reads the clock', 'Use a column'],
    ["{{ 'today' | date_to_xmlschema }}", 'reads the clock', 'Use a column'],
    [
      '{{ n | plus: 9007199254740993 }}',
      'holds the number 9007199254740993, which would lose digits',
      'Write it in quotes.',
    ],
    [
      'Hi {{ first name }}',
      'has "name" where Liquid expects nothing more, at line 1, column 13 of it',
      '{{ ["first name"] }}',
    ],
    ["{{ 'it''s' }}", `has "'s'" where Liquid expects nothing more`, '| append'],
    ['{% if plan == "pro" logins %}x{% endif %}', 'has "logins"', ''],
    ['{% if a %}{% for x in b %}{{ x y }}{% endfor %}{% endif %}', 'has "y"', ''],
    ['{% assign a = b c %}', 'has "c"', ''],
    ['{% if plan == %}x{% endif %}', 'has "=="', ''],
    ['x'.repeat(20_001), 'is longer than 20000 characters', 'Compute the value in the model.'],
  ])('%j', (text, fault, fix) => {
    expect(readTemplate(text)).toEqual({
      fault: expect.stringContaining(fault),
      fix: expect.stringContaining(fix),
    });
  });
});
