// Whose a GTIN is: sold by its owner, given back by governance, and what that does to the batches there are.
import { type TransactionSigner } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import { fetchEvents, provenance, provenanceEventSource, registry } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { roleSigner } from '../harness/keys';
import { type Organization, createOrganization } from '../harness/organizations';
import { type Packs, createPacks } from '../harness/packs';
import { expectRefused } from '../harness/refused';

const confirmed = { commitment: 'confirmed' } as const;

let chain: Chain;
let packs: Packs;
let other: Organization;
beforeAll(async () => {
    chain = await connect();
    packs = await createPacks(chain);
    other = await createOrganization(chain, registry.OrganizationKind.Manufacturer);
});

const productOf = async () => (await provenance.findProductPda({ gtin: new TextEncoder().encode(packs.tree.gtin) }))[0];

/** Gives the product from one to the other: by staff with its record, or by a key without one. */
async function transfer(from: Organization, to: Organization, authority: TransactionSigner) {
    const [config] = await registry.findConfigPda();
    const instruction = await provenance.getTransferProductInstructionAsync({
        authority,
        ...(authority === from.staff && { operatorRecord: from.staffRecord }),
        manufacturer: from.address,
        recipient: to.address,
        config,
        product: await productOf(),
    });
    return chain.send([instruction]);
}

describe('a product', () => {
    test('is given away by its owner alone', async () => {
        const governance = await roleSigner('governance');
        await expectRefused(transfer(packs.maker, other, other.staff), 'NotGovernance');
        await expectRefused(transfer(other, packs.maker, other.staff), 'ProductOfOther');
        await expectRefused(transfer(packs.maker, packs.pharmacy, packs.maker.staff), 'NotAManufacturer');
        await expectRefused(transfer(packs.maker, packs.maker, governance), 'ProductIsTheirs');

        const { signature } = await transfer(packs.maker, other, packs.maker.staff);
        const [event] = await fetchEvents(chain.rpc, signature, await provenanceEventSource());
        expect(event).toMatchObject({
            name: 'ProductTransferred',
            data: { from: packs.maker.address, to: other.address, isByGovernance: false },
        });
        const { data } = await provenance.fetchProduct(chain.rpc, await productOf(), confirmed);
        expect(data.manufacturer).toBe(other.address);
        const batch = await provenance.fetchBatch(chain.rpc, packs.batch, confirmed);
        expect(batch.data.manufacturer).toBe(packs.maker.address);
    });

    test('comes back by governance, whoever has it', async () => {
        const governance = await roleSigner('governance');
        const { signature } = await transfer(other, packs.maker, governance);
        const [event] = await fetchEvents(chain.rpc, signature, await provenanceEventSource());
        expect(event).toMatchObject({ name: 'ProductTransferred', data: { isByGovernance: true } });
        const { data } = await provenance.fetchProduct(chain.rpc, await productOf(), confirmed);
        expect(data.manufacturer).toBe(packs.maker.address);
    });
});
