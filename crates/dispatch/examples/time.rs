fn main() {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).unwrap();
        let start = std::time::Instant::now();
        let o = vx_dispatch::parse(&text);
        println!("{path} {} dispatches {:.2} MB/s", o.dispatches.len(), text.len() as f64 / 1e6 / start.elapsed().as_secs_f64());
    }
}
