// The code in a picture or in a frame of the camera, as a scanner would send it: symbology identifier, then the text
// with FNC1 as the character 0x1D. What it means is for the rulebook to say.
import { type ReadInputBarcodeFormat, type ReaderOptions, readBarcodes } from 'zxing-wasm/reader';

const FORMATS: ReadInputBarcodeFormat[] = ['DataMatrix', 'QRCode'];
/** Two are enough to refuse. */
const MOST = 4;
const OPTIONS: ReaderOptions = {
    formats: FORMATS,
    tryHarder: true,
    textMode: 'Plain',
    maxNumberOfSymbols: MOST,
};

/** Why a picture gives no code; the names are those of `galen pack scan`. */
export type ScanFault = 'not_a_picture' | 'no_code' | 'several_codes';

export class ScanError extends Error {
    override readonly name = 'ScanError';

    constructor(readonly fault: ScanFault) {
        super(fault);
    }
}

/** Reads the one code in a picture (a file) or a frame; the same code twice is one code. */
export async function readCode(picture: Blob | ImageData): Promise<string> {
    const found = await readBarcodes(picture, OPTIONS).catch(() => {
        throw new ScanError('not_a_picture');
    });
    const texts = new Set(found.filter((one) => one.isValid).map((one) => one.symbologyIdentifier + one.text));
    const [text, another] = texts;
    if (text === undefined) throw new ScanError('no_code');
    if (another !== undefined) throw new ScanError('several_codes');
    return text;
}
