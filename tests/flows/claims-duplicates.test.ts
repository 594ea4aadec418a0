// Insurers share a registry of blinded entries: who claims the same of two of them is found, and a hit only waits.
import { type Address, getAddressEncoder, getProgramDerivedAddress } from '@solana/kit';
import { beforeAll, expect, test } from 'vitest';

import { claims } from '../../clients/ts/src';
import { expectPoolBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Insurance,
    claimAccountsOfInsurer,
    contractProvider,
    createInsurance,
    decideInstruction,
    eventsOf,
    readClaim,
    reverseInstruction,
    submitClaim,
    withAccount,
    withNewMember,
    withOthers,
} from '../harness/insurance';
import { freshSigner, randomBytes } from '../harness/keys';
import { expectRefused } from '../harness/refused';
import { centsIn } from '../harness/tokens';

const { ClaimStatus, PendReason, decision } = claims;
const DAY_SECONDS = 86_400;
/** An entry is kept for as long as its service can be claimed. */
const ENTRY_DAYS = 10;
const APPEAL_DAYS = 4;
const VISIT = { code: '99213', charge: 12_500n };

let chain: Chain;
/** The public key of the service that blinds the markers: the program does not look into it. */
let blinder: Address;
/** Two insurers with agreements with one provider. */
let first: Insurance;
let second: Insurance;
beforeAll(async () => {
    chain = await connect();
    blinder = (await freshSigner()).address;
    const options = {
        terms: { filingLimitDays: ENTRY_DAYS },
        rules: { clocks: { appealDays: APPEAL_DAYS }, checks: { entryDays: ENTRY_DAYS, blinder } },
    };
    first = await createInsurance(chain, options);
    const other = await createInsurance(chain, options);
    const provider = await contractProvider(chain, other.pool, {}, first.provider.organization);
    second = { ...other, provider };
});

/** A marker of nobody's: what the service makes of a person, a provider and a day. */
const someMarker = () => randomBytes(16);
const entryOf = async (marker: Uint8Array) => {
    const key = (address: Address) => getAddressEncoder().encode(address);
    const [entry] = await getProgramDerivedAddress({
        programAddress: claims.CLAIMS_PROGRAM_ADDRESS,
        seeds: ['duplicate', key(blinder), key(first.provider.organization.address), marker],
    });
    return entry;
};
const readEntry = async (entry: Address) =>
    (await claims.fetchDuplicateEntry(chain.rpc, entry, { commitment: 'confirmed' })).data;

const screenInstruction = async (whose: Insurance, claim: Address, ...markers: Uint8Array[]) => {
    const accounts = await claimAccountsOfInsurer(whose);
    const screen = await claims.getScreenClaimInstructionAsync({ ...accounts, claim, markers });
    return withOthers(screen, await Promise.all(markers.map(entryOf)));
};
const screen = async (whose: Insurance, claim: Address, ...markers: Uint8Array[]) =>
    chain.send([await screenInstruction(whose, claim, ...markers)]);
const release = async (whose: Insurance, claim: Address, marker: Uint8Array) =>
    chain.send([
        await claims.getReleaseEntryInstructionAsync({
            planVersion: whose.plan.version,
            claim,
            entry: await entryOf(marker),
            payer: first.pool.insurer.staff.address,
        }),
    ]);
const paidOut = ({ pool, provider }: Insurance) => centsIn(chain, pool.mint, provider.payout);

/** A claim of somebody new, which waits to be screened. */
async function waiting(insurance: Insurance) {
    const whose = await withNewMember(chain, insurance);
    const { claim, data } = await submitClaim(chain, whose, { lines: [VISIT] });
    expect(data).toMatchObject({
        status: ClaimStatus.Pended,
        pendReason: PendReason.Screening,
        totals: { paid: 0n },
    });
    return { whose, claim, serviceDate: data.serviceDate };
}

test('a claim that nobody else has is paid, and stands in its entry; what another has waits for its insurer', async () => {
    const marker = someMarker();
    const entry = await entryOf(marker);
    const mine = await waiting(first);
    const before = [await paidOut(first), await paidOut(second)] as const;
    await expectRefused(screen(mine.whose, mine.claim), 'MarkersMismatch');
    const wrong = await screenInstruction(mine.whose, mine.claim, marker);
    const elsewhere = await entryOf(someMarker());
    await expectRefused(chain.send([withAccount(wrong, entry, elsewhere)]), 'EntryMismatch');
    expect(await chain.data(entry)).toBeUndefined();

    const [alone] = await eventsOf(chain, await screen(mine.whose, mine.claim, marker));
    expect(alone).toMatchObject({ name: 'ClaimScreened', data: { foundElsewhere: false, paid: 12_500n } });
    expect((await readClaim(chain, mine.claim)).status).toBe(ClaimStatus.Paid);
    expect((await paidOut(first)) - before[0]).toBe(12_500n);
    const holder = { pool: first.pool.address, claim: mine.claim };
    expect(await readEntry(entry)).toMatchObject({
        payer: first.pool.insurer.staff.address,
        keptUntil: mine.serviceDate + ENTRY_DAYS,
        holders: [holder],
    });
    await expectRefused(screen(mine.whose, mine.claim, marker), 'ScreeningNotAwaited');
    await expectRefused(release(mine.whose, mine.claim, marker), 'ClaimStillStands');

    const theirs = await waiting(second);
    const [found] = await eventsOf(chain, await screen(theirs.whose, theirs.claim, marker));
    expect(found).toMatchObject({ name: 'ClaimScreened', data: { foundElsewhere: true, paid: 0n } });
    expect(await readClaim(chain, theirs.claim)).toMatchObject({
        status: ClaimStatus.Pended,
        pendReason: PendReason.SuspectDuplicate,
    });
    expect(await paidOut(second)).toBe(before[1]);
    expect((await readEntry(entry)).holders).toEqual([holder, { pool: second.pool.address, claim: theirs.claim }]);
    await chain.send([await decideInstruction(theirs.whose, theirs.claim, decision('Approve'))]);
    expect((await readClaim(chain, theirs.claim)).status).toBe(ClaimStatus.Paid);
    expect((await paidOut(second)) - before[1]).toBe(12_500n);
    await expectPoolBalanced(chain, first.pool);
    await expectPoolBalanced(chain, second.pool);
});

test('an entry is left by what no longer stands, and closed when its days are over [time travel]', async ({ skip }) => {
    skip(!chain.canTravel, 'this validator cannot travel in time');
    const marker = someMarker();
    const entry = await entryOf(marker);
    const staff = first.pool.insurer.staff.address;
    const mine = await waiting(first);
    await screen(mine.whose, mine.claim, marker);
    const theirs = await waiting(second);
    await screen(theirs.whose, theirs.claim, marker);
    const close = async (payer: Address) => chain.send([claims.getCloseEntryInstruction({ entry, payer })]);
    await expectRefused(close(staff), 'EntryStillKept');
    await expectRefused(close(second.pool.insurer.staff.address), 'NotEntryPayer');

    await chain.send([await reverseInstruction(mine.whose, mine.claim)]);
    // An appeal could still put another claim in its place.
    await expectRefused(release(mine.whose, mine.claim, marker), 'EntryAwaitsAppeal');
    await chain.travel((APPEAL_DAYS + 1) * DAY_SECONDS);
    const [released] = await eventsOf(chain, await release(mine.whose, mine.claim, marker));
    expect(released).toMatchObject({ name: 'EntryReleased', data: { entry, claim: mine.claim, isClosed: false } });
    expect((await readEntry(entry)).holders).toEqual([{ pool: second.pool.address, claim: theirs.claim }]);
    await expectRefused(release(mine.whose, mine.claim, marker), 'EntryNotHeld');
    await expectRefused(close(staff), 'EntryStillKept');

    await chain.travel(ENTRY_DAYS * DAY_SECONDS);
    const [rent, had] = [await chain.balance(entry), await chain.balance(staff)];
    await close(staff);
    expect(await chain.data(entry)).toBeUndefined();
    expect((await chain.balance(staff)) - had).toBe(rent);
});
