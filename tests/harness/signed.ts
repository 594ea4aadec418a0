// What somebody signed outside the transaction, verified by the ed25519 precompile.
import { type Address, type Instruction, type KeyPairSigner, getAddressEncoder, signBytes } from '@solana/kit';

const ED25519_PROGRAM = 'Ed25519SigVerify111111111111111111111111111' as Address;

/** The verification of a message of 32 bytes, to stand just before the instruction that reads it. */
export async function signedMessage(signer: KeyPairSigner, message: Uint8Array): Promise<Instruction> {
    const signature = await signBytes(signer.keyPair.privateKey, message);
    // One signature; then offset and instruction (0xffff: this one) of the signature, the key and the message.
    const header = [1, 0, 48, 0, 0xff, 0xff, 16, 0, 0xff, 0xff, 112, 0, 32, 0, 0xff, 0xff];
    const data = new Uint8Array([...header, ...getAddressEncoder().encode(signer.address), ...signature, ...message]);
    return { programAddress: ED25519_PROGRAM, accounts: [], data };
}
