// The registry's configuration: made once by the upgrade authority, before any flow.
import { getProgramDerivedAddress, getAddressEncoder, type Address } from '@solana/kit';

import { registry } from '../../clients/ts/src';
import { Chain, type Cluster } from './chain';
import { roleSigner } from './keys';

const UPGRADEABLE_LOADER = 'BPFLoaderUpgradeab1e11111111111111111111111' as Address;

/** Configures the registry for the development governance and guardian, or makes sure that it is. */
export async function configureRegistry(cluster: Cluster): Promise<void> {
    const chain = await Chain.connect(cluster);
    const [governance, guardian] = [await roleSigner('governance'), await roleSigner('guardian')];
    const [address] = await registry.findConfigPda();
    const config = await registry.fetchMaybeConfig(chain.rpc, address, { commitment: 'confirmed' });
    if (config.exists) {
        if (config.data.governance !== governance.address) {
            throw new Error(
                `this validator's registry is governed by ${config.data.governance}; give that key in GALEN_GOVERNANCE_KEYPAIR`,
            );
        }
        return;
    }
    await chain.send([
        await registry.getInitializeConfigInstructionAsync({
            payer: chain.payer,
            upgradeAuthority: await roleSigner('deployer'),
            registry: registry.REGISTRY_PROGRAM_ADDRESS,
            programData: await programDataAddress(registry.REGISTRY_PROGRAM_ADDRESS),
            governance: governance.address,
            guardian: guardian.address,
        }),
    ]);
}

/** Where the upgradeable loader keeps a program's bytes and its upgrade authority. */
export async function programDataAddress(program: Address): Promise<Address> {
    const [address] = await getProgramDerivedAddress({
        programAddress: UPGRADEABLE_LOADER,
        seeds: [getAddressEncoder().encode(program)],
    });
    return address;
}
