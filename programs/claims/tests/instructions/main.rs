//! The claims program, instruction by instruction, on the compiled program in LiteSVM. One binary: linking the virtual
//! machine once is enough.

mod common;

mod accept_agreement;
mod adjudicate_claim;
mod appeals;
mod append_benefits;
mod append_claim_lines;
mod archive_claim;
mod authorizations;
mod cancel_payout;
mod clocks;
mod close_draft_claim;
mod close_schedule;
mod create_plan;
mod create_pool;
mod decide_claim;
mod end_coverage;
mod enrol_member;
mod families;
mod fund_pool;
mod life_table;
mod life_walk;
mod offer_agreement;
mod open_claim;
mod open_schedule;
mod propose_payout;
mod publish_plan_version;
mod raise_ticket_floor;
mod reprocess_claim;
mod reserve_claim;
mod reverse_claim;
mod seal_schedule;
mod set_agreement_status;
mod set_agreement_terms;
mod set_member_authority;
mod set_outflow_limit;
mod set_ticket_key;
mod settle_claim;
mod settle_claims;
mod submit_claim;
mod submit_claim_accounts;
mod submit_claim_budget;
mod submit_claim_money;
mod submit_claim_ticket;
mod withdraw;
