// What the insurer must authorise before: units for a code, a provider and some days, which claims use up and reversals give back.
import { type Address, getAddressEncoder, getProgramDerivedAddress } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import { Permission, claims } from '../../clients/ts/src';
import { expectBalanced, expectPoolBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    NOBODY,
    type Insurance,
    clerkAccounts,
    codeOf,
    createInsurance,
    eventsOf,
    insurerAccounts,
    reverseInstruction,
    submitClaim,
    withNewMember,
} from '../harness/insurance';
import { expectRefused } from '../harness/refused';

const { ClaimStatus } = claims;
const confirmed = { commitment: 'confirmed' } as const;
const SCAN = { code: '70551', allowed: 40_000n };
/** Reasons for which a line is denied: not authorised, not for this, and no units left. */
const [ABSENT, NOT_THIS, EXHAUSTED] = [197, 15, 198];

let chain: Chain;
let insurance: Insurance;
let today: number;
beforeAll(async () => {
    chain = await connect();
    insurance = await createInsurance(chain, { benefits: [{ ...SCAN, authorization: true }] });
    today = await chain.today();
});

const authorizationOf = async ({ member }: Insurance, number: number) => {
    const [authorization] = await getProgramDerivedAddress({
        programAddress: claims.CLAIMS_PROGRAM_ADDRESS,
        seeds: ['authorization', getAddressEncoder().encode(member.address), new Uint8Array([number])],
    });
    return authorization;
};
const read = async (authorization: Address) =>
    (await claims.fetchAuthorization(chain.rpc, authorization, confirmed)).data;

/** Grants three units in ten days with any provider, unless `terms` say otherwise. */
const grant = async (whose: Insurance, terms: Partial<claims.GrantLike> = {}, by = insurerAccounts(whose.pool)) => {
    const number = terms.number ?? 1;
    return chain.send([
        await claims.getGrantAuthorizationInstructionAsync({
            ...by,
            member: whose.member.address,
            authorization: await authorizationOf(whose, number),
            grant: {
                provider: NOBODY,
                codeKey: await codeOf(whose.pool, SCAN.code),
                from: today - 10,
                to: today,
                units: 3,
                ...terms,
                number,
            },
        }),
    ]);
};
const end = async (whose: Insurance, to: number) =>
    chain.send([
        await claims.getEndAuthorizationInstructionAsync({
            ...insurerAccounts(whose.pool),
            member: whose.member.address,
            authorization: await authorizationOf(whose, 1),
            to,
        }),
    ]);
/** A claim for so many units, so many days ago, with what `whose.others` brings. */
const scan = async (whose: Insurance, units: number, daysAgo: number) => {
    const { claim, data } = await submitClaim(chain, whose, {
        lines: [{ code: SCAN.code, charge: SCAN.allowed * BigInt(units), units }],
        serviceDate: today - daysAgo,
    });
    expectBalanced(data);
    return { claim, data, reason: data.lines[0]?.denialReason };
};

describe('an authorisation', () => {
    test('is granted by the insurer, and ends no earlier than today', async () => {
        const whose = await withNewMember(chain, insurance);
        const byClerk = await clerkAccounts(chain, whose.pool, Permission.EnrolMember);
        await expectRefused(grant(whose, {}, byClerk), 'PermissionMissing');
        for (const invalid of [{ number: 0 }, { units: 0 }, { to: today - 11 }]) {
            await expectRefused(grant(whose, invalid), 'AuthorizationInvalid');
        }
        const authorization = await authorizationOf(whose, 1);
        const [granted] = await eventsOf(chain, await grant(whose));
        expect(granted).toMatchObject({
            name: 'AuthorizationGranted',
            data: { authorization, member: whose.member.address, from: today - 10, to: today, units: 3 },
        });
        expect(await read(authorization)).toMatchObject({
            member: whose.member.address,
            provider: NOBODY,
            units: 3,
            used: 0,
        });

        await expectRefused(end(whose, today - 11), 'AuthorizationInvalid');
        // What was done under it stays covered.
        await expectRefused(end(whose, today - 1), 'AuthorizationEndsTooEarly');
        const [ended] = await eventsOf(chain, await end(whose, today + 5));
        expect(ended).toMatchObject({ name: 'AuthorizationEnded', data: { old: today, new: today + 5 } });
        expect((await read(authorization)).to).toBe(today + 5);
    });

    test('that is over covers its days and no others', async () => {
        const whose = await withNewMember(chain, insurance);
        const authorization = await authorizationOf(whose, 1);
        await grant(whose, { to: today - 4 });
        const brings = { ...whose, others: [authorization] };
        expect((await scan(brings, 1, 3)).reason).toBe(NOT_THIS);
        const last = await scan(brings, 1, 4);
        expect(last.data).toMatchObject({ status: ClaimStatus.Paid, totals: { paid: SCAN.allowed } });
    });

    test('is used up by claims, to the unit, and given back by a reversal', async () => {
        const whose = await withNewMember(chain, insurance);
        const without = await scan(whose, 1, 3);
        expect(without).toMatchObject({ reason: ABSENT, data: { status: ClaimStatus.Denied } });
        await grant(whose);
        const authorization = await authorizationOf(whose, 1);
        const brings = { ...whose, others: [authorization] };
        const first = await scan(brings, 2, 4);
        expect(first.data).toMatchObject({
            status: ClaimStatus.Paid,
            totals: { paid: 2n * SCAN.allowed },
            lines: [{ authorization: 1 }],
        });
        expect((await read(authorization)).used).toBe(2);
        // One is left, and none is given in part.
        expect((await scan(brings, 2, 5)).reason).toBe(EXHAUSTED);
        expect((await read(authorization)).used).toBe(2);

        await expectRefused(chain.send([await reverseInstruction(whose, first.claim)]), 'AuthorizationMissing');
        await chain.send([await reverseInstruction(brings, first.claim)]);
        expect((await read(authorization)).used).toBe(0);
        const corrected = await scan(brings, 3, 6);
        expect(corrected.data.lines[0]).toMatchObject({ authorization: 1, denialReason: 0 });
        expect((await read(authorization)).used).toBe(3);
        await expectPoolBalanced(chain, whose.pool);
    });

    test('is for one member, and for its provider', async () => {
        const [whose, sibling] = [await withNewMember(chain, insurance), await withNewMember(chain, insurance)];
        await grant(sibling);
        const borrowed = { ...whose, others: [await authorizationOf(sibling, 1)] };
        expect((await scan(borrowed, 1, 3)).reason).toBe(ABSENT);
        await grant(whose, { provider: insurance.pool.insurer.address });
        const elsewhere = { ...whose, others: [await authorizationOf(whose, 1)] };
        expect((await scan(elsewhere, 1, 4)).reason).toBe(NOT_THIS);
        await grant(whose, { number: 2, provider: insurance.provider.organization.address });
        const own = { ...whose, others: [...elsewhere.others, await authorizationOf(whose, 2)] };
        const paid = await scan(own, 1, 5);
        expect(paid.data).toMatchObject({ status: ClaimStatus.Paid, lines: [{ authorization: 2 }] });
        expect((await read(await authorizationOf(sibling, 1))).used).toBe(0);
    });
});
