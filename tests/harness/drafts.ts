// Claims in parts: opened, filled, told of what goes beyond their lines, and adjudicated as a whole.
import type { Address } from '@solana/kit';

import { type Draft, claims, draftDigest } from '../../clients/ts/src';
import type { Chain } from './chain';
import { type Insurance, type Line, claimAccounts, consentAccounts, lineArgs, staffOf, withOthers } from './insurance';
import { randomBytes } from './keys';

/** A draft as it was opened; what is to be adjudicated is told from it. */
export type Opened = {
    readonly claim: Address;
    readonly claimId: Uint8Array;
    readonly document: Uint8Array;
    readonly serviceDate: number;
};

/** What a draft states beyond its lines. */
export type Beyond = Pick<Draft, 'otherPayers' | 'facts' | 'cites'>;

/** Opens a claim of so many lines, by default for services of three days ago. */
export async function openDraft(
    chain: Chain,
    insurance: Insurance,
    lineCount: number,
    serviceDay?: number,
): Promise<Opened> {
    const claimId = randomBytes(16);
    const document = randomBytes(32);
    const { config, agreement, pool, provider } = await claimAccounts(insurance);
    const [claim] = await claims.findClaimPda({ pool, provider, claimId });
    const serviceDate = serviceDay ?? (await chain.today()) - 3;
    await chain.send([
        await claims.getOpenClaimInstructionAsync({
            ...staffOf(insurance),
            config,
            agreement,
            claim,
            claimId,
            document,
            serviceDate,
            lineCount,
        }),
    ]);
    return { claim, claimId, document, serviceDate };
}

export async function appendLines(
    chain: Chain,
    insurance: Insurance,
    { claim }: Pick<Opened, 'claim'>,
    startIndex: number,
    lines: readonly Line[],
) {
    return chain.send([
        claims.getAppendClaimLinesInstruction({
            ...staffOf(insurance),
            claim,
            startIndex,
            lines: await lineArgs(insurance.pool, lines),
        }),
    ]);
}

/** Opens a claim and fills it. */
export async function draft(
    chain: Chain,
    insurance: Insurance,
    lines: readonly Line[],
    serviceDay?: number,
): Promise<Opened> {
    const opened = await openDraft(chain, insurance, lines.length, serviceDay);
    await appendLines(chain, insurance, opened, 0, lines);
    return opened;
}

/** Has the draft adjudicated, whose member signs for these lines and for what it states `beyond` them. */
export async function adjudicateDraft(
    chain: Chain,
    insurance: Insurance,
    { claim, ...opened }: Opened,
    lines: readonly Line[],
    charge: bigint,
    beyond: Beyond = {},
) {
    const adjudicate = await claims.getAdjudicateClaimInstructionAsync({
        ...(await claimAccounts(insurance)),
        ...consentAccounts(insurance.member, undefined),
        claim,
        charge,
        digest: await draftDigest({
            ...opened,
            ...beyond,
            pool: insurance.pool.address,
            provider: insurance.provider.organization.address,
            lines: await lineArgs(insurance.pool, lines),
        }),
        ticket: null,
    });
    return chain.send([withOthers(adjudicate, insurance.others)]);
}
