//! Where the tests of a crate are one program, each file of them is a module of it: one that nobody names never runs.

use super::{File, Report, Tree};

pub(super) fn check(tree: &Tree, report: &mut Report) {
    for main in tree.0.iter().filter(|file| file.path.ends_with("/tests/main.rs")) {
        let Some(folder) = main.path.strip_suffix("main.rs") else { continue };
        let text = |file: Option<&File>| file.and_then(|file| file.text.clone()).unwrap_or_default();
        let (named, manifest) = (text(Some(main)), folder.replace("tests/", "Cargo.toml"));
        if !text(tree.get(&manifest)).lines().any(|line| line == "autotests = false") {
            report.error(&manifest, 1, "each file of its tests is a program too", "write `autotests = false`");
        }
        for file in tree.below(folder).filter(|file| file.path != main.path) {
            if let Some(module) = module_of(folder, file)
                && !named.lines().any(|line| line == format!("mod {module};"))
            {
                let fix = format!("write `mod {module};` in {}", main.path);
                report.error(&file.path, 1, "its tests never run", &fix);
            }
        }
    }
}

/// The module that a file directly in the folder is.
fn module_of<'a>(folder: &str, file: &'a File) -> Option<&'a str> {
    let module = file.path.strip_prefix(folder)?.strip_suffix(".rs")?;
    (!module.contains('/')).then_some(module)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_tests_that_nobody_names_is_found() {
        let file = |path: &str, text: &str| File::new(path, text.into());
        let (all, one) = ("mod desk;\nmod zones;\n", "mod desk;\n// mod zones;\n");
        for (main, manifest, errors) in
            [(all, "autotests = false\n", 0), (one, "autotests = false\n", 1), (all, "[package]\n", 1)]
        {
            let files = [
                file("crates/a/Cargo.toml", manifest),
                file("crates/a/tests/main.rs", main),
                file("crates/a/tests/desk.rs", ""),
                file("crates/a/tests/zones.rs", ""),
                file("crates/a/tests/zones/deep.rs", ""),
                file("crates/b/tests/alone.rs", ""),
            ];
            let mut report = Report::default();
            check(&Tree(files.into()), &mut report);
            assert_eq!(report.errors, errors, "{main}");
        }
    }
}
