// The leaf files that the browser keeps: those of a product are opened when a pack of it is asked for.
import type { Rules } from './rules';
import { keptLeaves, keptRoots } from './store';

/** Where a leaf file has its GTIN: see cli/batch/src/file.rs. */
const GTIN = [8, 22] as const;

export class Shelf {
    /** The product of each file that was looked at, by the root of its batch. */
    private readonly products = new Map<string, string>();
    private readonly open = new Set<string>();

    constructor(private readonly rules: Rules) {}

    /** Opens all files of a product: a serial number that is in two of them is found so. A browser that keeps nothing (a private window)
     * has those that were opened by hand. */
    async openAll(gtin: string): Promise<void> {
        for (const root of await keptRoots().catch(() => [])) {
            if (this.open.has(root) || (this.products.get(root) ?? gtin) !== gtin) continue;
            const file = await keptLeaves(root).catch(() => undefined);
            if (!file) continue;
            const product = new TextDecoder().decode(file.subarray(...GTIN));
            this.products.set(root, product);
            if (product !== gtin) continue;
            this.rules.openLeaves(file);
            this.open.add(root);
        }
    }
}
