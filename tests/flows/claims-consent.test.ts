// Nobody is paid for a member who has not signed and for whom the insurer has not vouched.
import { beforeAll, describe, expect, test } from 'vitest';

import { type Ticket, claims } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Insurance,
    createInsurance,
    enrolMember,
    insurerAccounts,
    readPool,
    submitInstructions,
    ticketInstruction,
} from '../harness/insurance';
import { freshSigner } from '../harness/keys';
import { expectRefused } from '../harness/refused';

const VISIT = { code: '99213', charge: 12_500n };

let chain: Chain;
let insurance: Insurance;
let ticket: Ticket;
beforeAll(async () => {
    chain = await connect();
    insurance = await createInsurance(chain);
    const today = await chain.today();
    ticket = { from: today - 7, to: today, nonce: 5n };
});

const whoever = async () => ({ ...insurance, member: await enrolMember(chain, insurance.pool, insurance.plan) });

/** A claim for somebody new with `ticket`, verified by `verification` in the instruction before it. */
async function withTicket(
    whose: Insurance,
    claimed: Ticket,
    verification: Awaited<ReturnType<typeof ticketInstruction>> | undefined,
) {
    const { claim, instructions } = await submitInstructions(chain, whose, { lines: [VISIT], ticket: claimed });
    const submit = instructions.slice(-1);
    return { claim, sending: chain.send(verification === undefined ? submit : [verification, ...submit]) };
}

describe('an eligibility ticket', () => {
    test("stands for the member's signature", async () => {
        const whose = await whoever();
        const { claim, sending } = await withTicket(whose, ticket, await ticketInstruction(whose, ticket));
        await sending;
        expect((await claims.fetchClaim(chain.rpc, claim, { commitment: 'confirmed' })).data.status).toBe(
            claims.ClaimStatus.Paid,
        );
    });

    test('is worth nothing without its verification, or if another key signed it', async () => {
        const whose = await whoever();
        const before = await readPool(chain, insurance.pool);
        await expectRefused((await withTicket(whose, ticket, undefined)).sending, 'TicketSignatureMissing');
        const forged = await ticketInstruction(whose, ticket, await freshSigner());
        await expectRefused((await withTicket(whose, ticket, forged)).sending, 'TicketSignerMismatch');
        expect((await readPool(chain, insurance.pool)).paid).toBe(before.paid);
    });

    test('is for one member, one period, one number', async () => {
        const whose = await whoever();
        const another = await ticketInstruction(await whoever(), ticket);
        await expectRefused((await withTicket(whose, ticket, another)).sending, 'TicketMessageMismatch');
        const signed = await ticketInstruction(whose, ticket);
        await expectRefused(
            (await withTicket(whose, { ...ticket, to: ticket.to + 30 }, signed)).sending,
            'TicketMessageMismatch',
        );
        await expectRefused(
            (await withTicket(whose, { ...ticket, nonce: 6n }, signed)).sending,
            'TicketMessageMismatch',
        );
    });

    test('covers its days, the first and the last included', async () => {
        const today = await chain.today();
        const whose = await whoever();
        const narrow: Ticket = { from: today - 2, to: today, nonce: 1n };
        await expectRefused(
            (await withTicket(whose, narrow, await ticketInstruction(whose, narrow))).sending,
            'TicketOutOfPeriod',
        );
        const exact: Ticket = { from: today - 3, to: today - 3, nonce: 1n };
        await (
            await withTicket(whose, exact, await ticketInstruction(whose, exact))
        ).sending;
    });

    test('ends when the insurer raises the floor above it', async () => {
        const whose = await whoever();
        const raise = async (floor: bigint) =>
            chain.send([
                await claims.getRaiseTicketFloorInstructionAsync({
                    ...insurerAccounts(insurance.pool),
                    member: whose.member.address,
                    floor,
                }),
            ]);
        await raise(6n);
        await expectRefused(
            (await withTicket(whose, ticket, await ticketInstruction(whose, ticket))).sending,
            'TicketRevoked',
        );
        await expectRefused(raise(6n), 'TicketFloorNotHigher');
        const next = { ...ticket, nonce: 6n };
        await (
            await withTicket(whose, next, await ticketInstruction(whose, next))
        ).sending;
    });
});

describe('without a ticket', () => {
    test("another's signature does not do", async () => {
        const { member, ...rest } = await whoever();
        const { instructions } = await submitInstructions(
            chain,
            { ...rest, member: { ...member, authority: await freshSigner() } },
            { lines: [VISIT] },
        );
        await expectRefused(chain.send(instructions), 'NotMemberAuthority');
    });

    test('no signature does not do', async () => {
        const whose = await whoever();
        const { instructions } = await submitInstructions(chain, whose, { lines: [VISIT] });
        const programId = instructions[0]?.programAddress;
        const silent = instructions.map((one) => ({
            ...one,
            accounts: (one.accounts ?? []).map((meta) =>
                meta.address === whose.member.authority.address ? { address: programId!, role: 0 } : meta,
            ),
        }));
        await expectRefused(chain.send(silent), 'MemberConsentMissing');
    });
});
