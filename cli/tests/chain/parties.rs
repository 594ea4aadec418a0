//! Who takes part: an insurer with a clerk, and a provider.

use solana_pubkey::Pubkey;

use super::{field, Chain};

/// An insurer with staff, a mint, and a provider, admitted.
pub struct Parties {
    pub chain: Chain,
    pub insurer: String,
    pub provider: String,
    pub mint: Pubkey,
}

pub fn parties() -> Parties {
    let chain = Chain::with_programs();
    chain.run("governance", &["governance", "init"]);
    let register = |who: &str, kind: &str, identifier: &str| {
        let org = chain.run(
            who,
            &[
                "org",
                "register",
                "--kind",
                kind,
                "--identifier",
                identifier,
            ],
        );
        let address = field(&org["account"], "address").to_owned();
        chain.run("governance", &["org", "activate", &address]);
        address
    };
    let insurer = register("insurer", "insurer", "lei:5493001KJTIIGC8Y1R12");
    let provider = register("clinic", "provider", "npi:1234567893");
    let clerk = chain.person("clerk").to_string();
    chain.run(
        "insurer",
        &[
            "operator",
            "add",
            "--org",
            &insurer,
            "--key",
            &clerk,
            "--permissions",
            "manage-pool,publish-plan,manage-agreement,enrol-member,decide-claim",
        ],
    );
    let mint = chain.mint("treasury", 6);
    Parties {
        chain,
        insurer,
        provider,
        mint,
    }
}

impl Parties {
    /// A pool without money.
    pub fn pool(&self) -> String {
        let created = self.chain.run(
            "clerk",
            &[
                "pool",
                "create",
                "--insurer",
                &self.insurer,
                "--mint",
                &self.mint.to_string(),
            ],
        );
        field(&created["account"], "address").to_owned()
    }

    /// A plan without a version, in a pool.
    pub fn plan(&self) -> String {
        let created = self
            .chain
            .run("clerk", &["plan", "create", "--pool", &self.pool()]);
        field(&created["account"], "address").to_owned()
    }
}
