//! What the machine runs, instruction by instruction.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use anchor_lang::prelude::Pubkey;
use litesvm::{InvocationInspectCallback, LiteSVM};
use solana_program_runtime::invoke_context::{Executable, InvokeContext};
use solana_program_runtime::loaded_programs::ProgramRuntimeEnvironment;
use solana_program_runtime::program_cache_entry::{ProgramCacheEntry, ProgramCacheEntryType};
use solana_program_runtime::program_metrics::LoadProgramMetrics;
use solana_program_runtime::solana_sbpf::program::BuiltinProgram;
use solana_transaction::sanitized::SanitizedTransaction;

use super::prices;

/// Bytes of a machine instruction.
const SLOT: usize = 8;

/// The register that holds the address of the instruction.
const ADDRESS: usize = 11;

/// One program, started once.
#[derive(Clone, Debug)]
pub struct Run {
    /// The program.
    pub program: Pubkey,
    /// Its place in the transaction's trace of instructions.
    pub index: usize,
    /// What was run, in order: the first eight bytes of each instruction's slot, and its number.
    pub steps: Vec<(u32, [u8; SLOT])>,
    /// The syscalls that were priced, in order.
    pub syscalls: Vec<Syscall>,
}

/// One syscall that was priced.
#[derive(Clone, Debug)]
pub struct Syscall {
    /// Its name.
    pub name: &'static str,
    /// Compute units, those of called programs included.
    pub units: u64,
    /// The instructions that it made others run, by their places in the transaction's trace of instructions.
    pub calls: Range<usize>,
}

/// Notes what is run. Clones note to the same place.
#[derive(Clone, Default)]
pub struct Tracer(Arc<Mutex<BTreeMap<usize, Run>>>);

impl Tracer {
    /// What has been run, in the order in which it was started.
    pub fn runs(&self) -> Vec<Run> {
        let runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.values().cloned().collect()
    }
}

impl InvocationInspectCallback for Tracer {
    /// Loads the transaction's programs anew, so that they are traced: whether they are is settled when they are loaded.
    fn before_invocation(
        &self,
        svm: &LiteSVM,
        transaction: &SanitizedTransaction,
        _: &[u16],
        context: &mut InvokeContext,
        _: bool,
    ) {
        prices::take();
        for key in transaction.message().account_keys().iter() {
            let Some(entry) = context.program_cache_for_tx_batch.find(key) else {
                continue;
            };
            let ProgramCacheEntryType::Loaded(executable) = &entry.program else {
                continue;
            };
            let (Some(account), Ok(elf)) = (
                svm.get_account(key),
                svm.accounts_db().try_program_elf_bytes(key),
            ) else {
                continue;
            };
            let traced = ProgramCacheEntry::new(
                &account.owner,
                traced(executable.get_loader()),
                entry.deployment_slot,
                entry.effective_slot,
                elf,
                entry.account_size,
                &mut LoadProgramMetrics::default(),
            )
            .unwrap_or_else(|error| panic!("{key} loads once but not twice: {error}"));
            context
                .program_cache_for_tx_batch
                .replenish(*key, Arc::new(traced));
        }
    }

    fn after_invocation(
        &self,
        _: &LiteSVM,
        _: &SanitizedTransaction,
        _: &[u16],
        context: &InvokeContext,
        _: bool,
    ) {
        let prices = prices::take();
        context.iterate_vm_traces(&|instruction, executable: &Executable, registers| {
            let Ok(program) = instruction.get_program_key() else {
                return;
            };
            let index = instruction.get_index_in_trace();
            let (_, code) = executable.get_text_bytes();
            let run = Run {
                program: *program,
                index,
                steps: registers
                    .iter()
                    .map(|registers| step(code, registers[ADDRESS]))
                    .collect(),
                syscalls: prices
                    .iter()
                    .filter(|price| price.run == index)
                    .map(|price| Syscall {
                        name: price.name,
                        units: price.units,
                        calls: price.calls.clone(),
                    })
                    .collect(),
            };
            let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            runs.insert(index, run);
        });
    }
}

/// The instruction in the given slot of the code.
fn step(code: &[u8], slot: u64) -> (u32, [u8; SLOT]) {
    let number = u32::try_from(slot).expect("a program has fewer than 2^32 instructions");
    let start = usize::try_from(slot).expect("fits") * SLOT;
    let bytes = code.get(start..start + SLOT).unwrap_or_default();
    (number, bytes.try_into().unwrap_or_default())
}

/// The loader, made to trace what is run and to note what syscalls cost.
fn traced(loader: &BuiltinProgram<InvokeContext<'static, 'static>>) -> ProgramRuntimeEnvironment {
    let mut config = loader.get_config().clone();
    config.enable_register_tracing = true;
    let mut traced = BuiltinProgram::new_loader(config);
    for (_, (name, function)) in loader.get_function_registry().iter() {
        let name = std::str::from_utf8(name).expect("syscalls have names");
        traced
            .register_function(name, function)
            .expect("each syscall is there once");
    }
    prices::note(&mut traced);
    ProgramRuntimeEnvironment::from(traced)
}
