//! Who called whom, and what each took.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anchor_lang::prelude::Pubkey;
use solana_program_runtime::solana_sbpf::ebpf;

use super::{Run, Symbols};
use crate::Program;

/// A name longer than this is cut in the table.
const WIDTH: usize = 120;

/// A function as called by its callers.
#[derive(Clone, Debug)]
struct Frame {
    name: String,
    caller: Option<usize>,
    /// Units that it took itself.
    own: u64,
    /// How often it was called from there.
    times: u64,
}

/// The calls of one transaction.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    frames: Vec<Frame>,
}

/// What the tree is made from.
struct Source<'a> {
    runs: BTreeMap<usize, &'a Run>,
    /// What each run took, by its place in the trace.
    units: BTreeMap<usize, u64>,
    symbols: BTreeMap<Pubkey, Symbols>,
}

/// What all frames of one function come to.
#[derive(Default)]
struct Line {
    own: u64,
    with_calls: u64,
    times: u64,
}

impl Tree {
    /// From what was run and what the runtime logged.
    pub fn new(runs: &[Run], logs: &[String]) -> Self {
        let mut source = Source {
            runs: runs.iter().map(|run| (run.index, run)).collect(),
            units: units(runs, logs),
            symbols: BTreeMap::new(),
        };
        for program in Program::ALL {
            if let Some(symbols) = Symbols::beside(&program.path()) {
                source.symbols.insert(program.id(), symbols);
            }
        }
        let called: BTreeSet<usize> = runs
            .iter()
            .flat_map(|run| &run.syscalls)
            .flat_map(|syscall| syscall.calls.clone())
            .collect();
        let mut tree = Self::default();
        for run in runs.iter().filter(|run| !called.contains(&run.index)) {
            tree.grow(&source, run, None);
        }
        tree
    }

    /// Units that are accounted for.
    pub fn total(&self) -> u64 {
        self.frames.iter().map(|frame| frame.own).sum()
    }

    /// The `count` functions that took most by themselves, as a table.
    pub fn table(&self, count: usize) -> String {
        let mut lines: BTreeMap<&str, Line> = BTreeMap::new();
        for (index, frame) in self.frames.iter().enumerate() {
            let line = lines.entry(&frame.name).or_default();
            line.own += frame.own;
            line.times += frame.times;
            // What a function takes below itself is counted once.
            let mut above = BTreeSet::new();
            let mut next = Some(index);
            while let Some(frame) = next.and_then(|index| self.frames.get(index)) {
                above.insert(frame.name.as_str());
                next = frame.caller;
            }
            for name in above {
                lines.entry(name).or_default().with_calls += frame.own;
            }
        }
        let total = self.total().max(1);
        let mut lines: Vec<(&str, Line)> = lines.into_iter().collect();
        lines.sort_by_key(|(name, line)| (std::cmp::Reverse(line.own), *name));
        let mut text = format!(
            "{:>7} {:>6} {:>10} {:>6}  function\n",
            "own CU", "%", "with calls", "times"
        );
        for (name, line) in lines.iter().take(count) {
            let per_mille = line.own * 1_000 / total;
            let short: String = name.chars().take(WIDTH).collect();
            let _ = writeln!(
                text,
                "{:>7} {:>4}.{} {:>10} {:>6}  {short}",
                line.own,
                per_mille / 10,
                per_mille % 10,
                line.with_calls,
                line.times,
            );
        }
        text
    }

    /// Every path of calls and what it took, in the form that flame graphs are drawn from.
    pub fn folded(&self) -> String {
        let mut lines: BTreeMap<String, u64> = BTreeMap::new();
        for frame in self.frames.iter().filter(|frame| frame.own > 0) {
            let mut path = Vec::new();
            let mut next = Some(frame);
            while let Some(frame) = next {
                path.push(frame.name.replace(';', ":"));
                next = frame.caller.and_then(|caller| self.frames.get(caller));
            }
            path.reverse();
            *lines.entry(path.join(";")).or_default() += frame.own;
        }
        lines
            .iter()
            .map(|(path, units)| format!("{path} {units}\n"))
            .collect()
    }

    /// Adds what a program ran.
    fn grow(&mut self, source: &Source, run: &Run, caller: Option<usize>) {
        let root = self.enter(name_of(&run.program), caller);
        let Some(symbols) = source.symbols.get(&run.program) else {
            // A program of others: what it took, and whom it called.
            self.frames[root].own += u64::try_from(run.steps.len()).expect("fits");
            for syscall in &run.syscalls {
                self.syscall(source, syscall, root);
            }
            return;
        };
        let unpriced = unpriced(source, run);
        let mut syscalls = run.syscalls.iter().peekable();
        let mut stack = vec![root];
        let mut is_entered = false;
        for (number, bytes) in &run.steps {
            let mut top = stack.last().copied().unwrap_or(root);
            if !is_entered {
                top = self.enter(symbols.at(*number).to_owned(), Some(top));
                stack.push(top);
                is_entered = true;
            }
            self.frames[top].own += 1;
            match (bytes[0], bytes[1] >> 4) {
                (ebpf::CALL_IMM, 0) => {
                    let key = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
                    let next = syscalls
                        .next_if(|next| ebpf::hash_symbol_name(next.name.as_bytes()) == key);
                    if let Some(next) = next {
                        self.syscall(source, next, top);
                    } else {
                        let frame = self.enter("hashing".to_owned(), Some(top));
                        self.frames[frame].own += unpriced;
                    }
                }
                (ebpf::CALL_IMM | ebpf::CALL_REG, _) => is_entered = false,
                (ebpf::EXIT, _) => {
                    stack.pop();
                }
                _ => {}
            }
        }
    }

    /// Adds a syscall and what it made others run.
    fn syscall(&mut self, source: &Source, syscall: &super::Syscall, caller: usize) {
        let frame = self.enter(syscall.name.to_owned(), Some(caller));
        let mut below = 0;
        for index in syscall.calls.clone() {
            let (Some(run), Some(units)) = (source.runs.get(&index), source.units.get(&index))
            else {
                // Not a program of the machine: the system program, say.
                continue;
            };
            // What a called program calls is found when it is grown.
            let is_nested = syscall.calls.clone().any(|other| {
                source
                    .runs
                    .get(&other)
                    .is_some_and(|other| calls(other, index))
            });
            if !is_nested {
                below += units;
                self.grow(source, run, Some(frame));
            }
        }
        self.frames[frame].own += syscall.units.saturating_sub(below);
    }

    /// The frame of a function as called by `caller`, entered once more.
    fn enter(&mut self, name: String, caller: Option<usize>) -> usize {
        let known = self
            .frames
            .iter()
            .position(|frame| frame.caller == caller && frame.name == name);
        let index = known.unwrap_or_else(|| {
            self.frames.push(Frame {
                name,
                caller,
                own: 0,
                times: 0,
            });
            self.frames.len() - 1
        });
        self.frames[index].times += 1;
        index
    }
}

/// Whether a run called the instruction at this place of the trace.
fn calls(run: &Run, index: usize) -> bool {
    run.syscalls
        .iter()
        .any(|syscall| syscall.calls.contains(&index))
}

/// What a syscall of unknown price took in this run: an equal share of what nothing else accounts for.
fn unpriced(source: &Source, run: &Run) -> u64 {
    let priced: BTreeSet<u32> = run
        .syscalls
        .iter()
        .map(|syscall| ebpf::hash_symbol_name(syscall.name.as_bytes()))
        .collect();
    let unpriced = run.steps.iter().filter(|(_, bytes)| {
        let key = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        bytes[0] == ebpf::CALL_IMM && bytes[1] >> 4 == 0 && !priced.contains(&key)
    });
    let count = u64::try_from(unpriced.count()).expect("fits");
    let known: u64 = run.syscalls.iter().map(|syscall| syscall.units).sum();
    let whole = source.units.get(&run.index).copied().unwrap_or(0);
    whole
        .saturating_sub(known + u64::try_from(run.steps.len()).expect("fits"))
        .checked_div(count)
        .unwrap_or(0)
}

/// What each run took, by its place in the trace: as the runtime logs it.
fn units(runs: &[Run], logs: &[String]) -> BTreeMap<usize, u64> {
    // Programs in the order in which they were started, and what each took in the end.
    let mut started: Vec<(&str, u64)> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for line in logs {
        let mut words = line.split(' ').skip(1);
        let (Some(program), Some(verb)) = (words.next(), words.next()) else {
            continue;
        };
        match verb {
            "invoke" => {
                open.push(started.len());
                started.push((program, 0));
            }
            "consumed" => {
                let units = words.next().and_then(|units| units.parse().ok());
                if let (Some(index), Some(units)) = (open.last(), units) {
                    started[*index].1 = units;
                }
            }
            "success" | "failed:" => {
                open.pop();
            }
            _ => {}
        }
    }
    let mut started = started.into_iter();
    runs.iter()
        .filter_map(|run| {
            let program = run.program.to_string();
            let (_, units) = started.find(|(started, _)| *started == program)?;
            Some((run.index, units))
        })
        .collect()
}

/// What a program is called.
fn name_of(program: &Pubkey) -> String {
    let ours = Program::ALL.iter().find(|ours| ours.id() == *program);
    match ours {
        Some(ours) => ours.name().to_owned(),
        None if *program == anchor_spl::token::ID => "token program".to_owned(),
        None => program.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let mut tree = Tree::default();
        let program = tree.enter("claims".into(), None);
        let outer = tree.enter("outer".into(), Some(program));
        let inner = tree.enter("inner".into(), Some(outer));
        let again = tree.enter("outer".into(), Some(inner));
        for (frame, own) in [(program, 1), (outer, 10), (inner, 100), (again, 1_000)] {
            tree.frames[frame].own = own;
        }
        tree
    }

    #[test]
    fn a_function_that_calls_itself_is_counted_once() {
        let table = tree().table(25);
        let line = |name: &str| {
            let found = table.lines().find(|line| line.ends_with(name));
            found
                .unwrap_or_else(|| panic!("{name} in {table}"))
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(line("outer"), ["1010", "90.9", "1110", "2", "outer"]);
        assert_eq!(line("inner"), ["100", "9.0", "1100", "1", "inner"]);
        assert_eq!(line("claims")[2], "1111");
    }

    #[test]
    fn folded_paths_begin_with_the_program() {
        assert_eq!(
            tree().folded(),
            "claims 1\nclaims;outer 10\nclaims;outer;inner 100\nclaims;outer;inner;outer 1000\n"
        );
    }

    #[test]
    fn units_are_those_that_the_runtime_logs() {
        let run = |index: usize, program: Pubkey| Run {
            program,
            index,
            steps: Vec::new(),
            syscalls: Vec::new(),
        };
        let (one, two) = (
            Pubkey::new_from_array([1; 32]),
            Pubkey::new_from_array([2; 32]),
        );
        let logs = [
            format!("Program {one} invoke [1]"),
            format!("Program {two} invoke [2]"),
            format!("Program {two} consumed 20 of 200 compute units"),
            format!("Program {two} success"),
            format!("Program {one} consumed 100 of 1000 compute units"),
            format!("Program {one} success"),
        ];
        let units = units(&[run(0, one), run(1, two)], &logs);
        assert_eq!(units, BTreeMap::from([(0, 100), (1, 20)]));
    }
}
