//! Prints what was read from the files named on the command line, as JSON; with `--text` the text itself.
#![allow(clippy::print_stdout, clippy::print_stderr)]

fn main() {
    let (options, files): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|arg| arg == "--text");
    for path in files {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("{path}: {error}");
                continue;
            }
        };
        match vx_dispatch::open(&bytes) {
            Ok(opened) if !options.is_empty() => println!("{}", opened.text),
            Ok(opened) => match serde_json::to_string_pretty(&opened.parse()) {
                Ok(json) => println!("{json}"),
                Err(error) => eprintln!("{path}: {error}"),
            },
            Err(error) => eprintln!("{path}: {error}"),
        }
    }
}
