// The balance of a claim, worked out from its account alone: charge = paid + adjustments, line by line and in total. And that of a
// pool, by its vault.
import { expect } from 'vitest';

import { claims } from '../../clients/ts/src';
import type { Chain } from './chain';
import { type Pool, readPool } from './insurance';
import { centsIn } from './tokens';

const { AdjustmentGroup } = claims;

/** What is written off, owed by the patient, and otherwise adjusted on `line`. */
function adjustments(line: claims.ClaimLine): { patient: bigint; writeOff: bigint; other: bigint } {
    const amounts = { patient: 0n, writeOff: 0n, other: 0n };
    const add = (group: claims.AdjustmentGroup, amount: bigint) => {
        if (group === AdjustmentGroup.Patient) amounts.patient += amount;
        else if (group === AdjustmentGroup.Contractual) amounts.writeOff += amount;
        else amounts.other += amount;
    };
    add(line.overFeeGroup, line.overFee);
    add(AdjustmentGroup.Other, line.otherPayer);
    for (const amount of [
        line.unrecognised,
        line.deductible,
        line.copay,
        line.coinsurance,
        line.overMaximum,
        line.overLifetimeMaximum,
    ]) {
        add(AdjustmentGroup.Patient, amount);
    }
    // 59 denies no line: it is reduced beside another procedure of its day.
    if (line.denialReason === 59) add(line.denialGroup, line.charge - line.overFee - line.allowed);
    else if (line.denialReason !== 0) add(line.denialGroup, line.charge - line.otherPayer);
    return amounts;
}

/** Expects each line and the totals of `claim` to balance. */
export function expectBalanced(claim: claims.Claim): void {
    const sums = { charge: 0n, allowed: 0n, paid: 0n, patient: 0n, writeOff: 0n, other: 0n };
    for (const line of claim.lines) {
        const { patient, writeOff, other } = adjustments(line);
        expect(line.paid + patient + writeOff + other, 'a line does not balance').toBe(line.charge);
        sums.charge += line.charge;
        sums.allowed += line.allowed;
        sums.paid += line.paid;
        sums.patient += patient;
        sums.writeOff += writeOff;
        sums.other += other;
    }
    expect(claim.totals, 'the totals are not the sums of the lines').toEqual(sums);
}

/** Expects the vault of `pool` to hold, to the cent, what came in and did not leave, and what is set aside to be there. */
export async function expectPoolBalanced(chain: Chain, pool: Pool): Promise<void> {
    const { funded, paid, withdrawn, reservedForClaims, unfunded } = await readPool(chain, pool);
    const held = funded - paid - withdrawn;
    expect(await centsIn(chain, pool.mint, pool.vault)).toBe(held);
    expect(held).toBeGreaterThanOrEqual(reservedForClaims);
    if (unfunded > 0n) expect(held, 'money lies idle while somebody waits').toBe(reservedForClaims);
}
