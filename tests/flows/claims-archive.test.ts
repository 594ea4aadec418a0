// More than a year on nothing of a claim is needed but a commitment: its account shrinks, its appeals go, the rent goes back.
import type { Address } from '@solana/kit';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { claims, registry, sha256 } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Insurance,
    appealOf,
    createInsurance,
    eventsOf,
    readClaim,
    submitClaim,
    withAccount,
} from '../harness/insurance';
import { freshSigner, randomBytes } from '../harness/keys';
import { startOwn } from '../harness/own';
import { expectRefused } from '../harness/refused';

const { ClaimStatus } = claims;
const DAY_SECONDS = 86_400;
const FILING_DAYS = 10;
/** What is archived must be too old to be filed again, with an exception of 366 days. */
const ARCHIVE_DAYS = FILING_DAYS + 366;
/** Of an appeal, and to decide it. */
const APPEAL_DAYS = 30;
/** Listed, but not covered. */
const EXCLUDED = { code: '15780', charge: 90_000n };

let own: Awaited<ReturnType<typeof startOwn>> | undefined;
let chain: Chain;
let insurance: Insurance;
beforeAll(async () => {
    const { canTravel } = await connect();
    if (!canTravel) return;
    own = await startOwn();
    chain = own.chain;
    insurance = await createInsurance(chain, {
        terms: { filingLimitDays: FILING_DAYS },
        rules: {
            clocks: {
                archiveDays: ARCHIVE_DAYS,
                appealLevels: 1,
                appealDays: APPEAL_DAYS,
                appealDecisionDays: APPEAL_DAYS,
            },
        },
    });
});
afterAll(async () => own?.stop());

const opener = () => insurance.provider.organization.staff.address;
const archiveInstruction = (claim: Address) =>
    claims.getArchiveClaimInstructionAsync({
        opener: opener(),
        planVersion: insurance.plan.version,
        member: insurance.member.address,
        claim,
    });

test('a claim is archived, and its appeal closed, when nothing can happen to it any more [time travel]', async ({
    skip,
}) => {
    skip(own === undefined, 'this validator cannot travel in time');
    const { claim, data } = await submitClaim(chain, insurance, { lines: [EXCLUDED] });
    expect(data.status).toBe(ClaimStatus.Denied);
    const appeal = await appealOf(claim, 1);
    const payer = await freshSigner();
    await chain.fund([payer.address], 1);
    await chain.send([
        await claims.getFileAppealInstructionAsync({
            payer,
            appellant: insurance.member.authority,
            member: insurance.member.address,
            planVersion: insurance.plan.version,
            claim,
            appeal,
            grounds: randomBytes(32),
        }),
    ]);
    const archive = await archiveInstruction(claim);
    const close = claims.getCloseAppealInstruction({ payer: payer.address, claim, appeal });
    await expectRefused(chain.send([archive]), 'AppealStillOpen');
    await expectRefused(chain.send([close]), 'AccountDiscriminatorMismatch');

    await chain.travel((APPEAL_DAYS + 1) * DAY_SECONDS);
    const [config] = await registry.findConfigPda();
    await chain.send([await claims.getLapseAppealInstructionAsync({ config, claim, appeal })]);
    await expectRefused(chain.send([archive]), 'ArchiveTooEarly');
    await chain.travel(ARCHIVE_DAYS * DAY_SECONDS);
    const stranger = withAccount(archive, opener(), payer.address);
    await expectRefused(chain.send([stranger]), 'NotClaimOpener');

    const whole = (await chain.data(claim)) ?? new Uint8Array();
    const before = { claim: await chain.balance(claim), opener: await chain.balance(opener()) };
    const [event] = await eventsOf(chain, await chain.send([archive]));
    const refund = before.claim - (await chain.balance(claim));
    expect(refund).toBeGreaterThan(0n);
    expect((await chain.balance(opener())) - before.opener).toBe(refund);
    expect(event).toMatchObject({ name: 'ClaimArchived', data: { claim, refund } });
    const { data: archived } = await claims.fetchArchivedClaim(chain.rpc, claim, { commitment: 'confirmed' });
    expect(archived).toMatchObject({ status: ClaimStatus.Denied, archivedOn: await chain.today() });
    expect(archived.commitment).toEqual(await sha256(whole));
    await expect(readClaim(chain, claim)).rejects.toThrow();
    await expectRefused(chain.send([archive]), 'AccountDiscriminatorMismatch');

    const rent = await chain.balance(appeal);
    const had = await chain.balance(payer.address);
    await expectRefused(chain.send([withAccount(close, payer.address, opener())]), 'NotAppealPayer');
    await chain.send([close]);
    expect(await chain.data(appeal)).toBeUndefined();
    expect((await chain.balance(payer.address)) - had).toBe(rent);
});
