//! Which function of a program lies where. The linker writes no symbols for sBPF v3; what it can write is the graph of the
//! program's blocks with the names of their functions, before it inserts the last few instructions. The calls, which are
//! the same in both and in the same order, tie the two together.

use crate::error::{Context, Error, Result};
use crate::workspace::write_whole;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The file of the graph in the folder that the linker is given.
const GRAPH: &str = "dfe-after.dot";

/// The same before unused functions are dropped: not needed.
const WHOLE_GRAPH: &str = "dfe-before.dot";

/// Bytes of an instruction.
const SLOT: usize = 8;

/// The code of `call`.
const CALL: u8 = 0x85;

/// Where the names of a program's functions are written.
pub fn path(so: &Path) -> PathBuf {
    so.with_extension("symbols")
}

/// Whether the names that lie beside `so` belong to a program with this hash.
pub fn belong_to(so: &Path, sha256: &str) -> bool {
    std::fs::read_to_string(path(so)).is_ok_and(|text| text.lines().next() == Some(sha256))
}

/// Writes the names of the functions of `so` beside it. `folder` is where the linker wrote the graph.
pub fn write(folder: &Path, so: &Path, sha256: &str) -> Result<()> {
    let _ = std::fs::remove_file(folder.join(WHOLE_GRAPH));
    let graph = folder.join(GRAPH);
    let text = std::fs::read_to_string(&graph).context(|| format!("read {}", graph.display()))?;
    let code = std::fs::read(so).context(|| format!("read {}", so.display()))?;
    let starts = locate(&functions(&text), text_of(&code)?)?;
    let lines: String = starts
        .iter()
        .map(|(start, name)| format!("{start} {name}\n"))
        .collect();
    write_whole(&path(so), format!("{sha256}\n{lines}"))
}

/// A function in the linker's graph.
#[derive(Debug, Default, PartialEq, Eq)]
struct Function {
    name: String,
    /// Instructions, in slots of eight bytes.
    slots: usize,
    /// Names of the functions and syscalls that it calls, in order.
    calls: Vec<String>,
}

/// The functions of the graph, in order.
fn functions(graph: &str) -> Vec<Function> {
    let mut functions: Vec<Function> = Vec::new();
    for line in graph.lines().map(str::trim_start) {
        if line.starts_with("subgraph cluster_function_") {
            functions.push(Function::default());
            continue;
        }
        let Some(function) = functions.last_mut() else {
            continue;
        };
        if let Some(label) = line.strip_prefix("label=\"") {
            function.name = label.trim_end_matches("\";").to_owned();
        } else if line.starts_with("block_") && line.contains(" [label=\"") {
            for piece in line.split("\\l") {
                let Some((number, assembly)) = piece.split_once(": ") else {
                    continue;
                };
                if number.parse::<usize>().is_err() {
                    continue;
                }
                function.slots += if assembly.starts_with("lddw ") { 2 } else { 1 };
                if let Some(name) = assembly.strip_prefix("call ") {
                    function.calls.push(name.to_owned());
                }
            }
        }
    }
    functions
}

/// The code of a program without section headers, which begins with its entry point.
fn text_of(so: &[u8]) -> Result<&[u8]> {
    let number = |at: usize, bytes: usize| -> Option<usize> {
        let field = so.get(at..at.checked_add(bytes)?)?;
        let mut whole = [0; 8];
        whole.get_mut(..bytes)?.copy_from_slice(field);
        usize::try_from(u64::from_le_bytes(whole)).ok()
    };
    let segment = |index: usize| -> Option<&[u8]> {
        let header = number(32, 8)? + index * number(54, 2)?;
        let is_executable = number(header + 4, 4)? & 1 == 1;
        let (start, length) = (number(header + 8, 8)?, number(header + 32, 8)?);
        let is_entry = number(24, 8)? == number(header + 16, 8)?;
        let found = so.get(start..start.checked_add(length)?)?;
        (is_executable && is_entry).then_some(found)
    };
    (0..number(56, 2).unwrap_or(0))
        .find_map(segment)
        .ok_or_else(|| Error::new("the program does not begin with its entry point"))
}

/// Where each function begins, in slots.
fn locate(functions: &[Function], text: &[u8]) -> Result<BTreeMap<usize, String>> {
    let calls: Vec<(usize, &[u8])> = text
        .chunks_exact(SLOT)
        .enumerate()
        .filter(|(_, slot)| slot.first() == Some(&CALL))
        .collect();
    let named: Vec<&String> = functions
        .iter()
        .flat_map(|function| &function.calls)
        .collect();
    if calls.len() != named.len() {
        return Err(Error::new(format!(
            "the program has {} calls, the linker's graph of it {}",
            calls.len(),
            named.len()
        )));
    }
    let mut starts: BTreeMap<usize, String> = BTreeMap::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for ((slot, instruction), name) in calls.into_iter().zip(named) {
        let [_, registers, _, _, a, b, c, d] = *instruction else {
            continue;
        };
        // Within the program; a call of the machine has no source register.
        if registers >> 4 == 1 {
            let distance = i64::from(i32::from_le_bytes([a, b, c, d]));
            let target = i64::try_from(slot)
                .ok()
                .and_then(|slot| usize::try_from(slot + 1 + distance).ok());
            if let Some(target) = target {
                starts.insert(target, name.clone());
                known.insert(name, target);
            }
        }
    }
    // What is only called by address begins where the function before it ends.
    let mut next = 0;
    for function in functions {
        let start = known.get(function.name.as_str()).copied().unwrap_or(next);
        starts.entry(start).or_insert_with(|| function.name.clone());
        next = start + function.slots;
    }
    Ok(starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAPH: &str = r#"digraph cfg {
  node [shape=box];
  subgraph cluster_function_0 {
    label="entrypoint";
    block_0 [label="block 0\llabels: entrypoint\l0: lddw r1, 0x1\l1: call helper\l"];
    block_1 [label="block 1\l2: call sol_log_\l3: exit\l"];
  }
  subgraph cluster_function_1 {
    label="by_address";
    block_2 [label="block 2\l4: exit\l"];
  }
  subgraph cluster_function_2 {
    label="helper";
    block_3 [label="block 3\l5: exit\l"];
  }
  block_0 -> block_1;
}
"#;

    #[test]
    fn functions_are_read_with_their_size_and_calls() {
        let found = functions(GRAPH);
        let names: Vec<(&str, usize)> = found
            .iter()
            .map(|function| (function.name.as_str(), function.slots))
            .collect();
        assert_eq!(names, [("entrypoint", 5), ("by_address", 1), ("helper", 1)]);
        assert_eq!(found[0].calls, ["helper", "sol_log_"]);
    }

    #[test]
    fn calls_tell_where_functions_begin_though_instructions_were_inserted() {
        let (other, exit) = ([0x18, 0, 0, 0, 0, 0, 0, 0], [0x95, 0, 0, 0, 0, 0, 0, 0]);
        // Slots 0 and 1 the load, 2 the call of slot 7, 3 the call of the machine, 4 the end, 5 by_address and one more
        // that was inserted, 7 the helper.
        let call_helper = [CALL, 0x10, 0, 0, 4, 0, 0, 0];
        let call_machine = [CALL, 0, 0, 0, 9, 9, 9, 9];
        let text = [
            other,
            other,
            call_helper,
            call_machine,
            exit,
            other,
            exit,
            exit,
        ]
        .concat();
        let starts = locate(&functions(GRAPH), &text).expect("located");
        let expected = [(0, "entrypoint"), (5, "by_address"), (7, "helper")];
        assert_eq!(
            starts
                .iter()
                .map(|(start, name)| (*start, name.as_str()))
                .collect::<Vec<_>>(),
            expected
        );
        assert!(locate(&functions(GRAPH), &text[..24]).is_err());
    }
}
