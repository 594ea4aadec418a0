// Keys and hashes as the rulebook takes them: hexadecimal.
import {
    type Address,
    type ReadonlyUint8Array,
    getAddressDecoder,
    getAddressEncoder,
    getBase16Decoder,
    getBase16Encoder,
} from '@solana/kit';

export const hexOf = (bytes: ReadonlyUint8Array): string => getBase16Decoder().decode(bytes);
export const bytesOf = (hex: string): Uint8Array => new Uint8Array(getBase16Encoder().encode(hex));
export const hexOfAddress = (address: Address): string => hexOf(getAddressEncoder().encode(address));
export const addressOfHex = (hex: string): Address => getAddressDecoder().decode(bytesOf(hex));

/** A text in the fixed length in which the program keeps it: ASCII, padded with zeros. */
export function padded(text: string, length = 20): Uint8Array {
    const bytes = new Uint8Array(length);
    bytes.set(new TextEncoder().encode(text).subarray(0, length));
    return bytes;
}
