// "Refused by name": the one way in which the flows say that something must not work.
import { expect } from 'vitest';

import { type Refusal, refusalOf } from '../../clients/ts/src';
import { SendError } from './chain';

/**
 * Waits for `sending` to fail, and expects the refusal to be the error `name` of a program (or of Anchor or the token
 * program). Passing is a failure, and so is another error.
 */
export async function expectRefused(sending: Promise<unknown>, name: string): Promise<Refusal> {
    let error: unknown;
    try {
        await sending;
    } catch (caught) {
        error = caught;
    }
    if (error === undefined) expect.fail(`was accepted, but ${name} is wanted`);
    if (!(error instanceof SendError)) throw error;
    const refusal = refusalOf(error.cause, error.instructions);
    if (refusal === undefined) throw error;
    expect(refusal.name, refusal.logs.join('\n')).toBe(name);
    return refusal;
}
