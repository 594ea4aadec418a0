// The reader of codes in the page: its WebAssembly comes from the page's own server.
import { prepareZXingModule } from 'zxing-wasm/reader';
import url from 'zxing-wasm/reader/zxing_reader.wasm?url';

import { ScanError, readCode } from './read';

prepareZXingModule({
    overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? url : prefix + path) },
});

/** Reads the one code in a file that somebody chose. */
export async function readFile(file: Blob): Promise<string> {
    const bitmap = await createImageBitmap(file).catch(() => {
        throw new ScanError('not_a_picture');
    });
    try {
        return await readCode(pixelsOf(bitmap, bitmap.width, bitmap.height));
    } finally {
        bitmap.close();
    }
}

/** Reads the one code in what a camera shows now. */
export function readFrame(video: HTMLVideoElement): Promise<string> {
    return readCode(pixelsOf(video, video.videoWidth, video.videoHeight));
}

/** More than this on a side finds no more codes and takes much longer. */
const LONGEST_SIDE = 2_400;

function pixelsOf(source: CanvasImageSource, width: number, height: number): ImageData {
    const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new ScanError('not_a_picture');
    // Transparent pictures are read as if they lay on white paper.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    return context.getImageData(0, 0, canvas.width, canvas.height);
}
