import type { Template as Part, Token } from 'liquidjs';
import { liquidjs } from './template-engine.ts';

/** Liquid's only operator with one side. */
const UNARY = 'not';

/**
 * Where a value stands beside another without an operator between them, or an operator without a value: Liquid takes the first
 * value and says nothing. Null when there is no such place.
 */
export function strayOperand(parts: readonly Part[]): Token | null {
  const { toValueSync } = liquidjs();
  for (const part of parts) {
    for (const argument of part.arguments?.() ?? []) {
      const stray = 'initial' in argument ? strayIn(argument.initial.postfix) : null;
      if (stray !== null) return stray;
    }
    const children = part.children === undefined ? [] : toValueSync<Part[]>(part.children(false, true));
    const inside = strayOperand(children);
    if (inside !== null) return inside;
  }
  return null;
}

function strayIn(postfix: readonly Token[]): Token | null {
  const { isOperatorToken } = liquidjs().TypeGuards;
  const inOrder = [...postfix].sort((a, b) => a.begin - b.begin);
  let wantsValue = true;
  for (const token of inOrder) {
    const isOperator = isOperatorToken(token);
    if (isOperator && token.operator === UNARY && wantsValue) continue;
    if (isOperator === wantsValue) return token;
    wantsValue = isOperator;
  }
  return wantsValue ? (inOrder.at(-1) ?? null) : null;
}
