import { inject } from 'vitest';

import { Chain } from './chain';

/** The validator of this run, with a fee payer of the caller's own. */
export function connect(): Promise<Chain> {
    return Chain.connect(inject('cluster'));
}
