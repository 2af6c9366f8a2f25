//! The public portal beside nginx: the page of a commune against the same bytes as a static file, in one run; and the
//! time of a look-up.
//!
//! `cargo xtask bench portal`. The client is the same for both and runs in a process thread of its own; the two are
//! asked in turns, so that what else the machine does falls on both. Fails below 60 % of nginx's requests a second, or
//! when 95 % of the look-ups take longer than 5 ms. nginx is taken from `VX_NGINX`, the search path or `/usr/sbin`
//! (Debian: `nginx-light`); without it the comparison is left out, and that is said.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks and stops at faults")]

use std::{
    net::SocketAddr,
    path::{Path as FilePath, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use vx_boards::portal;
use vx_kernel::text::fold;
use vx_platform::web::router;
use vx_testkit::Place;

#[path = "../tests/support/demo_province.rs"]
mod demo_province;

const PAGE: &str = "/public/units/31675";
/// Part of nginx's requests a second, in percent.
const PERCENT_MIN: f64 = 60.0;
const LOOK_UP_MAX: Duration = Duration::from_millis(5);
const CONNECTIONS: usize = 32;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);

/// Asks once on an open connection; the bytes of the body.
async fn ask(stream: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) -> usize {
    stream.write_all(request).await.unwrap();
    buffer.clear();
    let (head, length) = loop {
        assert!(stream.read_buf(buffer).await.unwrap() > 0, "the connection ended");
        let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
        assert!(text.starts_with("http/1.1 200") || text.starts_with("http/1.1 303"), "{text}");
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
        break (head + 4, length.unwrap_or_else(|| panic!("no length: {text}")));
    };
    while buffer.len() < head + length {
        assert!(stream.read_buf(buffer).await.unwrap() > 0, "the connection ended");
    }
    length
}

fn request(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").into_bytes()
}

/// Requests a second over some connections.
async fn per_second(at: SocketAddr, path: &str, bytes: usize) -> f64 {
    let began = Instant::now();
    let one = |request: Vec<u8>| async move {
        let (mut stream, mut buffer, mut n) =
            (TcpStream::connect(at).await.unwrap(), Vec::with_capacity(65_536), 0_u32);
        stream.set_nodelay(true).unwrap();
        while began.elapsed() < ROUND {
            assert_eq!(ask(&mut stream, &request, &mut buffer).await, bytes, "the same bytes");
            n += 1;
        }
        n
    };
    let all: Vec<_> = (0..CONNECTIONS).map(|_| tokio::spawn(one(request(path)))).collect();
    let mut n = 0;
    for task in all {
        n += task.await.unwrap();
    }
    f64::from(n) / began.elapsed().as_secs_f64()
}

struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its workers when it is asked to; killed, it would leave them.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

fn find_nginx() -> Option<PathBuf> {
    let named = std::env::var_os("VX_NGINX").map(PathBuf::from);
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths).chain([PathBuf::from("/usr/sbin")]).map(|folder| folder.join("nginx"));
    named.into_iter().chain(found).find(|path| path.is_file())
}

/// nginx with one static file, as it is usually set for speed, without a log.
async fn nginx(folder: &FilePath, page: &[u8]) -> Option<(Nginx, SocketAddr)> {
    let program = find_nginx()?;
    let at = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    std::fs::create_dir_all(folder.join("www")).unwrap();
    std::fs::write(folder.join("www/page.html"), page).unwrap();
    let there = folder.display();
    let settings = format!(
        "daemon off; worker_processes auto; pid {there}/nginx.pid; error_log {there}/error.log;\n\
         events {{ worker_connections 256; }}\n\
         http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; types {{ text/html html; }}\n\
         client_body_temp_path {there}/b; proxy_temp_path {there}/p; fastcgi_temp_path {there}/f; uwsgi_temp_path {there}/u; scgi_temp_path {there}/s;\n\
         server {{ listen {at}; root {there}/www; }} }}\n"
    );
    std::fs::write(folder.join("nginx.conf"), settings).unwrap();
    let child = Command::new(program).arg("-c").arg(folder.join("nginx.conf")).spawn().unwrap();
    let nginx = Nginx(child);
    for _ in 0..100 {
        if TcpStream::connect(at).await.is_ok() {
            return Some((nginx, at));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nginx does not answer: {}", std::fs::read_to_string(folder.join("error.log")).unwrap_or_default());
}

fn main() {
    let serving = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let asking = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let place = Place::sqlite();
    let (ours, names) = serving.block_on(async {
        let (app, _) = demo_province::demo_on(&place).await;
        portal::publish(&app).await.unwrap();
        let published = portal::published_of(&app, app.clock().now()).unwrap();
        let names: Vec<String> =
            published.snapshot.places.iter().flat_map(|one| [one.bare.clone(), fold(&one.bare)]).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, router(app)).into_future());
        (at, names)
    });
    let sound = asking.block_on(async {
        let (mut stream, mut buffer) = (TcpStream::connect(ours).await.unwrap(), Vec::new());
        let bytes = ask(&mut stream, &request(PAGE), &mut buffer).await;
        let page = buffer[buffer.len() - bytes..].to_vec();
        println!("page of a commune: {bytes} bytes");
        let folder = place.folder.path().join("nginx");
        std::fs::create_dir_all(&folder).unwrap();
        let beside = nginx(&folder, &page).await;
        let (mut of_ours, mut of_nginx) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            of_ours.push(per_second(ours, PAGE, bytes).await);
            if let Some((_, at)) = &beside {
                of_nginx.push(per_second(*at, "/page.html", bytes).await);
            }
        }
        let middle = |all: &mut Vec<f64>| {
            all.sort_by(f64::total_cmp);
            all.get(all.len() / 2).copied().unwrap_or_default()
        };
        let (own, other) = (middle(&mut of_ours), middle(&mut of_nginx));
        println!("Vùng Xanh: {own:.0} requests/s (middle of {ROUNDS} rounds, {CONNECTIONS} connections)");
        let mut sound = true;
        match &beside {
            Some(_) => {
                let percent = 100.0 * own / other;
                println!("nginx, same bytes as a static file: {other:.0} requests/s; ours are {percent:.0} % (mark {PERCENT_MIN} %)");
                sound &= percent >= PERCENT_MIN;
            }
            None => println!("nginx is not there (Debian: nginx-light; or set VX_NGINX): nothing was compared"),
        }
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            for name in &names {
                let request = request(&format!("/public?q={}", vx_platform::web::encode(name)));
                let began = Instant::now();
                ask(&mut stream, &request, &mut buffer).await;
                times.push(began.elapsed());
            }
        }
        times.sort_unstable();
        let p95 = times[times.len() * 95 / 100];
        println!("{} look-ups with and without marks: 95 % within {p95:?} (mark {LOOK_UP_MAX:?})", times.len());
        sound && p95 <= LOOK_UP_MAX
    });
    serving.shutdown_background();
    assert!(sound, "a mark was missed");
}
