//! The functions of a program by their addresses.

use std::path::Path;

use sha2::{Digest, Sha256};

/// The functions of one program.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    /// First instruction and name, in order.
    functions: Vec<(u32, String)>,
}

impl Symbols {
    /// Reads what lies beside `program`, the path of a `.so`; nothing where it belongs to another build.
    pub fn beside(program: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(program.with_extension("symbols")).ok()?;
        let code = std::fs::read(program).ok()?;
        let hash: String = Sha256::digest(code)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self::parse(text.strip_prefix(&hash)?.strip_prefix('\n')?)
    }

    /// One function a line: its first instruction and its name, as the compiler wrote it.
    fn parse(text: &str) -> Option<Self> {
        let function = |line: &str| {
            let (start, name) = line.split_once(' ')?;
            // Without the hash that tells versions of a crate apart.
            let name = format!("{:#}", rustc_demangle::demangle(name));
            Some((start.parse().ok()?, name))
        };
        let functions = text.lines().map(function).collect::<Option<_>>()?;
        Some(Self { functions })
    }

    /// The function to which an instruction belongs.
    pub fn at(&self, instruction: u32) -> &str {
        let after = self
            .functions
            .partition_point(|(start, _)| *start <= instruction);
        self.functions[..after]
            .last()
            .map_or("?", |(_, name)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_belongs_to_the_function_that_begins_last_before_it() {
        let symbols = Symbols::parse("0 entrypoint\n10 _ZN6claims3run17h0123456789abcdefE\n")
            .expect("two functions");
        assert_eq!(symbols.at(0), "entrypoint");
        assert_eq!(symbols.at(9), "entrypoint");
        assert_eq!(symbols.at(10), "claims::run");
        assert_eq!(symbols.at(11), "claims::run");
        assert!(Symbols::parse("ten entrypoint").is_none());
    }
}
