//! That every error of a program is expected by its exact code somewhere in its tests.

use std::path::Path;

/// The errors in `src/error.rs` of the program at `folder` that no file of `tests/instructions`, or of a folder in it, names after one
/// of `paths` (`ClaimsError::`), in their order.
pub fn not_expected(folder: &Path, paths: &[&str]) -> Vec<String> {
    let source = std::fs::read_to_string(folder.join("src/error.rs")).expect("the errors");
    let errors: Vec<&str> = source
        .lines()
        .filter_map(|line| line.trim().strip_suffix(','))
        .filter_map(|line| line.split_once(" = "))
        .filter(|(_, number)| number.parse::<u32>().is_ok())
        .map(|(name, _)| name)
        .collect();
    assert!(errors.len() > 100, "{errors:?}");
    let tests = all_of(&folder.join("tests/instructions"));
    let is_expected = |name: &str| {
        paths.iter().any(|path| {
            let code = format!("{path}{name}");
            tests.match_indices(&code).any(|(at, _)| {
                let next = tests[at + code.len()..].chars().next();
                !next.is_some_and(char::is_alphanumeric)
            })
        })
    };
    errors
        .into_iter()
        .filter(|name| !is_expected(name))
        .map(String::from)
        .collect()
}

/// What stands in the files of a folder, and of those in it.
fn all_of(folder: &Path) -> String {
    std::fs::read_dir(folder)
        .expect("the tests")
        .flatten()
        .map(|entry| {
            let path = entry.path();
            if path.is_dir() {
                all_of(&path)
            } else {
                std::fs::read_to_string(path).expect("a test")
            }
        })
        .collect()
}
