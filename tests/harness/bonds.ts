// A manufacturer's bond: money out of which insurers get back what they paid for packs that are recalled.
import type { Address } from '@solana/kit';

import { claims, provenance } from '../../clients/ts/src';
import type { Chain, Receipt } from './chain';
import { freshSigner } from './keys';
import type { Packs, Partner } from './packs';
import { type TestMint, tokenAccount } from './tokens';

export type OpenBond = {
    readonly maker: Partner;
    readonly mint: TestMint;
    readonly address: Address;
    readonly vault: Address;
};

/** The accounts with which the manufacturer's staff acts. */
export const makerStaff = (maker: Partner) => ({
    operator: maker.staff,
    operatorRecord: maker.staffRecord,
    manufacturer: maker.address,
});

/** Opens a bond for the claims of the claims program. */
export async function openBond(chain: Chain, maker: Partner, mint: TestMint): Promise<OpenBond> {
    const number = 0;
    const [address] = await provenance.findBondPda({ manufacturer: maker.address, mint: mint.address, number });
    const [vault] = await provenance.findVaultPda({ bond: address });
    await chain.send([
        await provenance.getOpenBondInstructionAsync({
            ...makerStaff(maker),
            mint: mint.address,
            tokenProgram: mint.program,
            number,
            claimsProgram: claims.CLAIMS_PROGRAM_ADDRESS,
        }),
    ]);
    return { maker, mint, address, vault };
}

/** Puts `cents` of newly minted money into the bond: anybody may. */
export async function deposit(chain: Chain, { mint, address, vault }: OpenBond, cents: bigint): Promise<Receipt> {
    const funder = await freshSigner();
    const source = await tokenAccount(chain, mint, funder.address, cents);
    return chain.send([
        await provenance.getDepositBondInstructionAsync({
            funder,
            source,
            bond: address,
            vault,
            mint: mint.address,
            tokenProgram: mint.program,
            amount: cents,
        }),
    ]);
}

/** Has the bond pay up to `cents` for each pack of the batch. */
export async function cover(chain: Chain, { maker, address }: OpenBond, packs: Packs, cents: bigint): Promise<Receipt> {
    return chain.send([
        await provenance.getCoverBatchInstructionAsync({
            ...makerStaff(maker),
            bond: address,
            batch: packs.batch,
            cover: cents,
        }),
    ]);
}

export async function readBond(chain: Chain, { address }: OpenBond): Promise<provenance.Bond> {
    return (await provenance.fetchBond(chain.rpc, address, { commitment: 'confirmed' })).data;
}
