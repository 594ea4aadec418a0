// The leaf file of a tree of the test harness, in the form of cli/batch/src/file.rs. Trees of the harness are lower than
// the height from which on nodes are kept.
import type { Tree } from '../../../tests/harness/packs';

const MAGIC = Buffer.from('GALENLF1', 'ascii');

export function leafFile(tree: Tree): Buffer {
    const [packs, cases] = tree.layout;
    const header = Buffer.alloc(64);
    MAGIC.copy(header);
    header.write(tree.gtin, 8, 'ascii');
    header.writeUInt32LE(2 ** packs, 22);
    header.writeUInt32LE(2 ** cases, 26);
    const records = Array.from({ length: tree.count }, (_, index) => {
        const { salt, serial } = tree.proof(index);
        return Buffer.concat([salt as Uint8Array, serial as Uint8Array]);
    });
    // Serial numbers of the harness ascend with their places.
    const order = Buffer.alloc(4 * tree.count);
    for (let index = 0; index < tree.count; index += 1) order.writeUInt32LE(index, 4 * index);
    const count = Buffer.alloc(8);
    count.writeBigUInt64LE(BigInt(tree.count));
    return Buffer.concat([header, ...records, order, count, tree.root(), MAGIC]);
}
