// Members of a family share what they have used up: each claim takes the family's account with it.
import type { Address } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import { Permission, claims } from '../../clients/ts/src';
import { expectBalanced, expectPoolBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Insurance,
    clerkAccounts,
    createInsurance,
    createPool,
    eventsOf,
    insurerAccounts,
    publishPlan,
    readClaim,
    reverseInstruction,
    submitClaim,
    withNewMember,
} from '../harness/insurance';
import { randomBytes } from '../harness/keys';
import { expectRefused } from '../harness/refused';

const { ClaimStatus } = claims;
const confirmed = { commitment: 'confirmed' } as const;
const VISIT = { code: '99213', charge: 12_500n };
/** 100.00 a person and 150.00 a family are the members' own; then a fifth. */
const TERMS: Partial<claims.PlanTermsLike> = {
    deductible: { individual: 10_000n, family: 15_000n },
    coinsuranceBps: 2_000,
};

let chain: Chain;
let insurance: Insurance;
beforeAll(async () => {
    chain = await connect();
    insurance = await createInsurance(chain, { terms: TERMS });
});

const createInstruction = async (plan: Address, commitment: Uint8Array, by = insurerAccounts(insurance.pool)) =>
    claims.getCreateFamilyInstructionAsync({ ...by, plan, commitment });
const create = async () => {
    const commitment = randomBytes(32);
    const [family] = await claims.findFamilyPda({ pool: insurance.pool.address, commitment });
    const receipt = await chain.send([await createInstruction(insurance.plan.address, commitment)]);
    return { family, receipt };
};
const join = async (family: Address, { member }: Insurance) =>
    chain.send([
        await claims.getJoinFamilyInstructionAsync({
            ...insurerAccounts(insurance.pool),
            family,
            member: member.address,
        }),
    ]);
const read = async (family: Address) => (await claims.fetchFamily(chain.rpc, family, confirmed)).data;
/** What the family has used up of its deductible in the network in the year of `day`. */
const deductibleOf = async (family: Address, day: number) => {
    const year = new Date(day * 86_400_000).getUTCFullYear();
    return (await read(family)).periods.find((period) => period.year === year)?.inNetwork.deductible ?? 0n;
};
/** Somebody new, who joins the family. */
const relative = async (family: Address): Promise<Insurance> => {
    const whose = await withNewMember(chain, insurance);
    await join(family, whose);
    return { ...whose, others: [family] };
};

describe('a family', () => {
    test('is created by the insurer and joined once, by members of its plan without claims', async () => {
        const { family, receipt } = await create();
        const { pool, plan } = insurance;
        const [created] = await eventsOf(chain, receipt);
        expect(created).toMatchObject({
            name: 'FamilyCreated',
            data: { family, pool: pool.address, plan: plan.address },
        });
        expect(await read(family)).toMatchObject({ pool: pool.address, plan: plan.address, members: 0 });

        const whose = await withNewMember(chain, insurance);
        const [joined] = await eventsOf(chain, await join(family, whose));
        expect(joined).toMatchObject({ name: 'FamilyJoined', data: { family, member: whose.member.address } });
        expect((await read(family)).members).toBe(1);
        const { data } = await claims.fetchMember(chain.rpc, whose.member.address, confirmed);
        expect(data.family).toBe(family);
        await expectRefused(join(family, whose), 'FamilyJoined');

        const late = await withNewMember(chain, insurance);
        await submitClaim(chain, late, { lines: [VISIT] });
        await expectRefused(join(family, late), 'MemberHasClaims');
        expect((await read(family)).members).toBe(1);
    });

    test('is of its own pool, says who it is, and is made by staff who may', async () => {
        const byClerk = await clerkAccounts(chain, insurance.pool, Permission.Fund);
        const { address } = insurance.plan;
        await expectRefused(
            chain.send([await createInstruction(address, randomBytes(32), byClerk)]),
            'PermissionMissing',
        );
        await expectRefused(chain.send([await createInstruction(address, new Uint8Array(32))]), 'CommitmentEmpty');
        const elsewhere = await publishPlan(chain, await createPool(chain, { cents: 0n }));
        await expectRefused(
            chain.send([await createInstruction(elsewhere.address, randomBytes(32))]),
            'PlanOfOtherPool',
        );
    });

    test('shares its deductible: what one has used up, the other need not; and gives it back', async () => {
        const { family } = await create();
        const [first, second] = [await relative(family), await relative(family)];
        const serviceDate = (await chain.today()) - 3;
        await expectRefused(
            submitClaim(chain, { ...first, others: [] }, { lines: [VISIT], serviceDate }),
            'FamilyMissing',
        );
        // 100.00 are the first one's own, and a fifth of 25.00.
        const mine = await submitClaim(chain, first, { lines: [VISIT], serviceDate });
        expect(mine.data.totals).toMatchObject({ paid: 2_000n, patient: 10_500n });
        expect(await deductibleOf(family, serviceDate)).toBe(10_000n);
        // 50.00 are left for the family, and a fifth of 75.00.
        const theirs = await submitClaim(chain, second, { lines: [VISIT], serviceDate });
        expect(theirs.data.totals).toMatchObject({ paid: 6_000n, patient: 6_500n });
        expect(await deductibleOf(family, serviceDate)).toBe(15_000n);
        const alone = await submitClaim(chain, await withNewMember(chain, insurance), { lines: [VISIT], serviceDate });
        expect(alone.data.totals).toMatchObject({ paid: 2_000n, patient: 10_500n });
        for (const { data } of [mine, theirs, alone]) expectBalanced(data);

        await expectRefused(
            chain.send([await reverseInstruction({ ...first, others: [] }, mine.claim)]),
            'FamilyMissing',
        );
        await chain.send([await reverseInstruction(first, mine.claim)]);
        expect((await readClaim(chain, mine.claim)).status).toBe(ClaimStatus.Reversed);
        expect(await deductibleOf(family, serviceDate)).toBe(5_000n);
        await expectPoolBalanced(chain, insurance.pool);
    });
});
