// Claims that fit no transaction are opened, filled and adjudicated; drafts block nobody. Money that cannot arrive waits.
import { getCloseAccountInstruction } from '@solana-program/token';
import { beforeAll, describe, expect, test } from 'vitest';

import { claims } from '../../clients/ts/src';
import { expectBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { type Opened, adjudicateDraft, appendLines, openDraft } from '../harness/drafts';
import {
    type Insurance,
    type Line,
    createInsurance,
    enrolMember,
    readClaim,
    readPool,
    settleInstruction,
    submitClaim,
    submitInstructions,
} from '../harness/insurance';
import { createOrganization } from '../harness/organizations';
import { registry } from '../../clients/ts/src';
import { expectRefused } from '../harness/refused';
import { centsIn, tokenAccount } from '../harness/tokens';

const { ClaimStatus } = claims;
const LEGACY_TRANSACTION_BYTES = 1_232;
/** Lines that a legacy transaction of this kind holds; more are opened and appended. */
const LINES_IN_ONE_GO = 10;

/** `count` different procedures, each charged at what the plan allows. */
const procedures = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ code: String(20_000 + index), allowed: 1_000n + BigInt(index) }));
const linesOf = (count: number): Line[] => procedures(count).map(({ code, allowed }) => ({ code, charge: allowed }));
const totalOf = (count: number) => linesOf(count).reduce((sum, { charge }) => sum + charge, 0n);

let chain: Chain;
let insurance: Insurance;
beforeAll(async () => {
    chain = await connect();
    insurance = await createInsurance(chain, { benefits: procedures(16) });
});

const somebody = async () => ({ ...insurance, member: await enrolMember(chain, insurance.pool, insurance.plan) });

const open = (whose: Insurance, lineCount: number) => openDraft(chain, whose, lineCount);
const append = (whose: Insurance, draft: Opened, startIndex: number, lines: Line[]) =>
    appendLines(chain, whose, draft, startIndex, lines);
const adjudicate = (whose: Insurance, draft: Opened, lines: Line[], charge: bigint) =>
    adjudicateDraft(chain, whose, draft, lines, charge);

describe('a claim of many lines', () => {
    test(`of ${LINES_IN_ONE_GO} fits one legacy transaction, paid for by the provider's own staff`, async () => {
        const whose = await somebody();
        const { claim, instructions } = await submitInstructions(chain, whose, { lines: linesOf(LINES_IN_ONE_GO) });
        const { bytes } = await chain.paidBy(whose.provider.organization.staff).send(instructions, { plain: true });
        expect(bytes).toBeLessThanOrEqual(LEGACY_TRANSACTION_BYTES);
        const data = await readClaim(chain, claim);
        expect(data.status).toBe(ClaimStatus.Paid);
        expect(data.totals.paid).toBe(totalOf(LINES_IN_ONE_GO));
        expectBalanced(data);
    });

    test('of 16 is opened, filled in two parts, and adjudicated as a whole', async () => {
        const whose = await somebody();
        const draft = await open(whose, 16);
        await append(whose, draft, 0, linesOf(16).slice(0, 9));
        await expectRefused(adjudicate(whose, draft, linesOf(16), totalOf(16)), 'ClaimIncomplete');
        await append(whose, draft, 9, linesOf(16).slice(9));
        const before = await centsIn(chain, whose.pool.mint, whose.provider.payout);
        await expectRefused(adjudicate(whose, draft, linesOf(16), totalOf(16) - 1n), 'ChargeMismatch');
        // As much in all, in another order: not what stands on the ledger.
        const other = linesOf(16).reverse();
        await expectRefused(adjudicate(whose, draft, other, totalOf(16)), 'DraftDiffers');
        await adjudicate(whose, draft, linesOf(16), totalOf(16));
        const data = await readClaim(chain, draft.claim);
        expect(data.status).toBe(ClaimStatus.Paid);
        expect(data.lines).toHaveLength(16);
        expectBalanced(data);
        expect((await centsIn(chain, whose.pool.mint, whose.provider.payout)) - before).toBe(totalOf(16));
        await expectRefused(adjudicate(whose, draft, linesOf(16), totalOf(16)), 'ClaimNotDraft');
    });

    test('comes to the same whichever way it was submitted', async () => {
        const [first, second] = [await somebody(), await somebody()];
        const whole = await submitClaim(chain, first, { lines: linesOf(8) });
        const draft = await open(second, 8);
        await append(second, draft, 0, linesOf(8));
        await adjudicate(second, draft, linesOf(8), totalOf(8));
        const parts = await readClaim(chain, draft.claim);
        expect({ lines: parts.lines, totals: parts.totals, status: parts.status }).toEqual({
            lines: whole.data.lines,
            totals: whole.data.totals,
            status: whole.data.status,
        });
    });

    test('takes its lines once, in order, and no more than 16', async () => {
        const whose = await somebody();
        await expectRefused(open(whose, 17), 'TooManyLines');
        await expectRefused(open(whose, 0), 'NoLines');
        const draft = await open(whose, 3);
        await append(whose, draft, 0, linesOf(2));
        await expectRefused(append(whose, draft, 0, linesOf(2)), 'LinesAlreadyAppended');
        await expectRefused(append(whose, draft, 3, linesOf(1)), 'LinesOutOfOrder');
        await expectRefused(append(whose, draft, 2, linesOf(2)), 'TooManyLines');
        expect((await readClaim(chain, draft.claim)).lines).toHaveLength(2);
    });

    test('left half open is closed by who opened it, for its rent, and by nobody else', async () => {
        const whose = await somebody();
        const { staff } = whose.provider.organization;
        const { claim } = await open(whose, 16);
        const rent = await chain.balance(claim);
        const stranger = await createOrganization(chain, registry.OrganizationKind.Provider);
        const closeBy = async (opener: typeof staff) =>
            chain.send([await claims.getCloseDraftClaimInstructionAsync({ opener, claim })]);
        await expectRefused(closeBy(stranger.staff), 'NotClaimOpener');
        const before = await chain.balance(staff.address);
        await closeBy(staff);
        expect(await chain.data(claim)).toBeUndefined();
        expect((await chain.balance(staff.address)) - before).toBe(rent);

        const paid = await submitClaim(chain, whose, { lines: linesOf(1) });
        const closing = chain.send([
            await claims.getCloseDraftClaimInstructionAsync({ opener: staff, claim: paid.claim }),
        ]);
        await expectRefused(closing, 'ClaimNotDraft');
    });
});

describe('a provider whose payout account is gone', () => {
    test('keeps the money, which is set aside and paid when the account is back', async () => {
        const own = await createInsurance(chain, { cents: 12_500n });
        const { authority } = own.provider.organization;
        await chain.send([
            getCloseAccountInstruction({
                account: own.provider.payout,
                destination: authority.address,
                owner: authority,
            }),
        ]);
        const { claim, data } = await submitClaim(chain, own, { lines: [{ code: '99213', charge: 12_500n }] });
        expect(data).toMatchObject({ status: ClaimStatus.Payable, moneyReserved: true });
        expect(await readPool(chain, own.pool)).toMatchObject({ paid: 0n, unfunded: 0n, reservedForClaims: 12_500n });

        const settle = await settleInstruction(own, claim);
        await expectRefused(chain.send([settle]), 'PayoutClosed');
        const member = await enrolMember(chain, own.pool, own.plan);
        const other = await submitClaim(chain, { ...own, member }, { lines: [{ code: '36415', charge: 1_000n }] });
        expect(other.data, 'money set aside for one claim pays another').toMatchObject({
            status: ClaimStatus.Payable,
            moneyReserved: false,
        });

        await tokenAccount(chain, own.pool.mint, authority.address);
        await chain.send([settle]);
        expect((await readClaim(chain, claim)).status).toBe(ClaimStatus.Paid);
        expect(await readPool(chain, own.pool)).toMatchObject({
            paid: 12_500n,
            unfunded: 1_000n,
            reservedForClaims: 0n,
        });
        expect(await centsIn(chain, own.pool.mint, own.provider.payout)).toBe(12_500n);
    });
});
