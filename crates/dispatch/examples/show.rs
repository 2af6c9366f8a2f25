//! Prints what was read from the files named on the command line, as JSON.
#![allow(clippy::print_stdout, clippy::print_stderr)]

fn main() {
    for path in std::env::args().skip(1) {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("{path}: {error}");
                continue;
            }
        };
        match vx_dispatch::decode(&bytes) {
            Ok(text) => {
                let outcome = vx_dispatch::parse(&text);
                match serde_json::to_string_pretty(&outcome) {
                    Ok(json) => println!("{json}"),
                    Err(error) => eprintln!("{path}: {error}"),
                }
            }
            Err(error) => eprintln!("{path}: {error}"),
        }
    }
}
