// Which claims the insurer looks at is decided by a secret that it committed before they came in, and shows when their day is over.
import { createHash } from 'node:crypto';

import { type Address, getAddressEncoder } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import { Permission, claims } from '../../clients/ts/src';
import { expectBalanced, expectPoolBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Insurance,
    clerkAccounts,
    createInsurance,
    decideInstruction,
    eventsOf,
    insurerAccounts,
    laterAccounts,
    readClaim,
    submitClaim,
    withNewMember,
    withinOneDay,
    withinOneYear,
} from '../harness/insurance';
import { randomBytes } from '../harness/keys';
import { expectRefused } from '../harness/refused';
import { centsIn } from '../harness/tokens';

const { ClaimStatus, PendReason, decision } = claims;
const confirmed = { commitment: 'confirmed' } as const;
const DAY_SECONDS = 86_400;
/** Half of the claims are drawn. */
const HALF = 5_000;
const REVEAL_DAYS = 5;
const VISIT = { code: '99213', charge: 12_500n };

let chain: Chain;
let insurance: Insurance;
beforeAll(async () => {
    chain = await connect();
    // A year has a chain of its own.
    await withinOneYear(chain);
    await withinOneDay(chain);
    insurance = await createInsurance(chain, {
        rules: { checks: { samplingBps: HALF, revealDays: REVEAL_DAYS } },
    });
});

const sha256 = (...parts: Uint8Array[]) => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
};
const yearOf = (day: number) => new Date(day * 86_400_000).getUTCFullYear();
/** The link of `day`: the year's secret, hashed once for each day from then to the year's last. */
const linkOf = (secret: Uint8Array, day: number) => {
    const last = Date.UTC(yearOf(day), 11, 31) / 86_400_000;
    let link = secret;
    for (let n = day; n < last; n += 1) link = sha256(link);
    return link;
};
/** Whether `link` draws `claim`, worked out from the ledger alone. */
const draws = (link: Uint8Array, claim: Address) => {
    const bytes = Uint8Array.from(getAddressEncoder().encode(claim));
    const number = Buffer.from(sha256(new TextEncoder().encode('galen draw'), link, bytes)).readBigUInt64LE();
    return (number * 10_000n) >> 64n < BigInt(HALF);
};

const chainOf = async (year: number) => (await claims.findDrawsPda({ pool: insurance.pool.address, year }))[0];
const commit = async (secret: Uint8Array, from: number, by = insurerAccounts(insurance.pool)) =>
    chain.send([
        await claims.getCommitDrawsInstructionAsync({
            ...by,
            year: yearOf(from),
            from,
            commitment: linkOf(secret, from - 1),
        }),
    ]);
const reveal = async (secret: Uint8Array, day: number) =>
    chain.send([
        await claims.getRevealDrawsInstructionAsync({
            draws: await chainOf(yearOf(day)),
            day,
            link: linkOf(secret, day),
        }),
    ]);
const draw = async (whose: Insurance, claim: Address, year: number) => {
    const accounts = await laterAccounts(whose);
    const ofYear = await chainOf(year);
    return chain.send([await claims.getDrawClaimInstructionAsync({ ...accounts, claim, draws: ofYear })]);
};
const paidOut = () => centsIn(chain, insurance.pool.mint, insurance.provider.payout);

/** A claim of somebody new that waits for its draw; one that `link` will draw, or will not. */
async function waiting(link: Uint8Array, isDrawn: boolean) {
    const whose = await withNewMember(chain, insurance);
    const { address: provider } = whose.provider.organization;
    for (;;) {
        const claimId = randomBytes(16);
        const [address] = await claims.findClaimPda({ pool: whose.pool.address, provider, claimId });
        if (draws(link, address) !== isDrawn) continue;
        const { claim, data } = await submitClaim(chain, whose, { lines: [VISIT], claimId });
        expect(data).toMatchObject({
            status: ClaimStatus.Pended,
            pendReason: PendReason.Draw,
            totals: { paid: 0n },
            course: { waitUntil: (await chain.today()) + REVEAL_DAYS },
        });
        return { whose, claim };
    }
}

describe('the draw', () => {
    test('is committed before its days, revealed after each, and passes or picks by the link alone [time travel]', async ({
        skip,
    }) => {
        skip(!chain.canTravel, 'this validator cannot travel in time');
        const secret = randomBytes(32);
        const today = await chain.today();
        const day = today + 1;
        await expectRefused(commit(secret, today), 'DrawDaysInvalid');
        const byClerk = await clerkAccounts(chain, insurance.pool, Permission.DecideClaim);
        await expectRefused(commit(secret, day, byClerk), 'PermissionMissing');
        const [committed] = await eventsOf(chain, await commit(secret, day));
        expect(committed).toMatchObject({
            name: 'DrawsCommitted',
            data: { from: day, commitment: linkOf(secret, today) },
        });
        const year = yearOf(day);
        const read = async () => (await claims.fetchDrawChain(chain.rpc, await chainOf(year), confirmed)).data;
        expect(await read()).toMatchObject({ year, from: day, revealedTo: today, link: linkOf(secret, today) });

        await chain.travel(DAY_SECONDS);
        const passed = await waiting(linkOf(secret, day), false);
        const picked = await waiting(linkOf(secret, day), true);
        await expectRefused(reveal(secret, day), 'DrawTooEarly');
        await expectRefused(draw(passed.whose, passed.claim, year), 'DrawNotRevealed');
        const approve = await decideInstruction(picked.whose, picked.claim, decision('Approve'));
        await expectRefused(chain.send([approve]), 'DrawAwaited');

        await chain.travel(DAY_SECONDS);
        await expectRefused(reveal(randomBytes(32), day), 'LinkMismatch');
        const [revealed] = await eventsOf(chain, await reveal(secret, day));
        expect(revealed).toMatchObject({ name: 'DrawsRevealed', data: { day, link: linkOf(secret, day) } });
        expect(await read()).toMatchObject({ revealedTo: day, link: linkOf(secret, day) });
        await expectRefused(reveal(secret, day), 'DrawDaysInvalid');

        const before = await paidOut();
        const [through] = await eventsOf(chain, await draw(passed.whose, passed.claim, year));
        expect(through).toMatchObject({ name: 'ClaimDrawn', data: { isDrawn: false, paid: 12_500n } });
        const paid = await readClaim(chain, passed.claim);
        expect(paid.status).toBe(ClaimStatus.Paid);
        expectBalanced(paid);
        expect((await paidOut()) - before).toBe(12_500n);
        await expectRefused(draw(passed.whose, passed.claim, year), 'DrawNotAwaited');

        const [stopped] = await eventsOf(chain, await draw(picked.whose, picked.claim, year));
        expect(stopped).toMatchObject({ name: 'ClaimDrawn', data: { isDrawn: true, paid: 0n } });
        expect(await readClaim(chain, picked.claim)).toMatchObject({
            status: ClaimStatus.Pended,
            pendReason: PendReason.Sampled,
            totals: { paid: 0n },
        });
        expect((await paidOut()) - before).toBe(12_500n);
        await chain.send([approve]);
        expect((await readClaim(chain, picked.claim)).status).toBe(ClaimStatus.Paid);
        expect((await paidOut()) - before).toBe(25_000n);

        // An insurer that does not show its link in time draws nothing, and holds nobody up for longer.
        const silent = await waiting(linkOf(secret, today + 2), true);
        await chain.travel(REVEAL_DAYS * DAY_SECONDS);
        await expectRefused(draw(silent.whose, silent.claim, year), 'DrawNotRevealed');
        await chain.travel(DAY_SECONDS);
        await draw(silent.whose, silent.claim, year);
        expect((await readClaim(chain, silent.claim)).status).toBe(ClaimStatus.Paid);
        expect((await paidOut()) - before).toBe(37_500n);
        await expectPoolBalanced(chain, insurance.pool);
    });
});
