// Pictures of codes as they are printed: a file for the page's file field, a film for Chromium's camera.
import { deflateSync } from 'node:zlib';

import bwip from 'bwip-js/node';

/** Grey levels, row by row. */
export type Picture = { readonly width: number; readonly height: number; readonly grey: Uint8Array };

type Raw = readonly { readonly pixs: ArrayLike<number>; readonly pixx: number; readonly pixy: number }[];

/** Pixels of a module, and modules of the white margin around a code. */
const MODULE = 6;
const MARGIN = 4;

/** The DataMatrix of a GS1 element string in brackets, on white paper. */
export function dataMatrix(text: string): Picture {
    const [symbol] = (bwip as unknown as { raw: (options: object) => Raw }).raw({ bcid: 'gs1datamatrix', text });
    if (!symbol) throw new Error('no symbol was drawn');
    const [columns, rows] = [symbol.pixx + 2 * MARGIN, symbol.pixy + 2 * MARGIN];
    const picture = paper(columns * MODULE, rows * MODULE);
    for (let y = 0; y < picture.height; y += 1) {
        for (let x = 0; x < picture.width; x += 1) {
            const [column, row] = [Math.floor(x / MODULE) - MARGIN, Math.floor(y / MODULE) - MARGIN];
            const isInside = column >= 0 && row >= 0 && column < symbol.pixx && row < symbol.pixy;
            if (isInside && symbol.pixs[row * symbol.pixx + column] === 1) picture.grey[y * picture.width + x] = 0;
        }
    }
    return picture;
}

/** White paper. */
export function paper(width: number, height: number): Picture {
    return { width, height, grey: new Uint8Array(width * height).fill(255) };
}

/** Pictures beside each other on one sheet. */
export function beside(...pictures: readonly Picture[]): Picture {
    const width = pictures.reduce((sum, one) => sum + one.width, 0);
    return centred(width, Math.max(...pictures.map((one) => one.height)), ...pictures);
}

/** Pictures in the middle of a sheet of this size, in a row. */
export function centred(width: number, height: number, ...pictures: readonly Picture[]): Picture {
    const sheet = paper(width, height);
    let left = Math.floor((width - pictures.reduce((sum, one) => sum + one.width, 0)) / 2);
    for (const one of pictures) {
        const top = Math.floor((height - one.height) / 2);
        for (let y = 0; y < one.height; y += 1) {
            sheet.grey.set(one.grey.subarray(y * one.width, (y + 1) * one.width), (top + y) * width + left);
        }
        left += one.width;
    }
    return sheet;
}

/** As PNG: greys of eight bits, no filter. */
export function png({ width, height, grey }: Picture): Buffer {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([8, 0, 0, 0, 0], 8);
    const rows = Buffer.alloc((width + 1) * height);
    for (let y = 0; y < height; y += 1) rows.set(grey.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
    const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
    return Buffer.concat([
        signature,
        chunk('IHDR', header),
        chunk('IDAT', deflateSync(rows)),
        chunk('IEND', Buffer.alloc(0)),
    ]);
}

function chunk(name: string, data: Buffer): Buffer {
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    const named = Buffer.concat([Buffer.from(name, 'ascii'), data]);
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
}

function crc32(data: Uint8Array): number {
    let crc = 0xffffffff;
    for (const byte of data) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return (crc ^ 0xffffffff) >>> 0;
}

/** A film that shows the picture and nothing else, as Chromium takes it for a camera: Y4M, 640 by 480. */
export function film(picture: Picture): Buffer {
    const [width, height, frames] = [640, 480, 30];
    const sheet = centred(width, height, picture);
    // Two planes of colour, a quarter each, in the middle: grey.
    const colour = Buffer.alloc((width * height) / 2, 128);
    const frame = Buffer.concat([Buffer.from('FRAME\n'), sheet.grey, colour]);
    const header = Buffer.from(`YUV4MPEG2 W${width} H${height} F30:1 Ip A1:1 C420jpeg\n`);
    return Buffer.concat([header, ...Array.from({ length: frames }, () => frame)]);
}
