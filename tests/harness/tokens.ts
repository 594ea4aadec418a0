// Money for the flows: mints, token accounts, transfers.
import type { Address, KeyPairSigner } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import {
    TOKEN_PROGRAM_ADDRESS,
    fetchToken,
    findAssociatedTokenPda,
    getCreateAssociatedTokenIdempotentInstructionAsync,
    getInitializeMint2Instruction,
    getMintSize,
    getMintToInstruction,
} from '@solana-program/token';

import type { Chain } from './chain';
import { freshSigner } from './keys';

/** A mint whose authority the flow holds. */
export type TestMint = {
    readonly address: Address;
    readonly authority: KeyPairSigner;
    readonly decimals: number;
    readonly program: Address;
};

/** A new mint of `program` without extensions; nobody can freeze its accounts unless `freezer` is given. */
export async function createMint(
    chain: Chain,
    { decimals = 6, program = TOKEN_PROGRAM_ADDRESS as Address, freezer = null as Address | null } = {},
): Promise<TestMint> {
    const [mint, authority] = [await freshSigner(), await freshSigner()];
    const space = BigInt(getMintSize());
    const lamports = await chain.rpc.getMinimumBalanceForRentExemption(space).send();
    await chain.send([
        getCreateAccountInstruction({ payer: chain.payer, newAccount: mint, lamports, space, programAddress: program }),
        getInitializeMint2Instruction(
            { mint: mint.address, decimals, mintAuthority: authority.address, freezeAuthority: freezer },
            { programAddress: program },
        ),
    ]);
    return { address: mint.address, authority, decimals, program };
}

/** The associated token account of `owner`, made if need be, with `cents` new ones in it. */
export async function tokenAccount(chain: Chain, mint: TestMint, owner: Address, cents = 0n): Promise<Address> {
    const [account] = await findAssociatedTokenPda({ owner, mint: mint.address, tokenProgram: mint.program });
    await chain.send([
        await getCreateAssociatedTokenIdempotentInstructionAsync({
            payer: chain.payer,
            owner,
            mint: mint.address,
            tokenProgram: mint.program,
        }),
        ...(cents === 0n
            ? []
            : [
                  getMintToInstruction(
                      { mint: mint.address, token: account, mintAuthority: mint.authority, amount: units(mint, cents) },
                      { programAddress: mint.program },
                  ),
              ]),
    ]);
    return account;
}

/** What `account` holds, in cents; it must be whole ones. */
export async function centsIn(chain: Chain, mint: TestMint, account: Address): Promise<bigint> {
    const { data } = await fetchToken(chain.rpc, account, { commitment: 'confirmed' });
    const unit = units(mint, 1n);
    if (data.amount % unit !== 0n) throw new Error(`${account} holds ${data.amount}, which is not whole cents`);
    return data.amount / unit;
}

/** Token units of `cents`. */
export function units(mint: TestMint, cents: bigint): bigint {
    return cents * 10n ** BigInt(mint.decimals - 2);
}
