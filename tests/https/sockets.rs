//! Sockets that outlive `serve`: a restart loses no request.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::host::{
    NAME, WITHIN, can_run, client_tls, command, free_port, serve, signal, until, write_pair,
    write_settings,
};

/// How often it is started anew; the long run does so 20 times.
const RESTARTS: u32 = 3;
const LONG_RUN: &str = "SLOTBOX_RESTARTS";
/// Half of them make a connection for each request, the others keep theirs.
const SENDERS: u32 = 8;
/// How often each asks: 200 times a second together.
const EVERY: Duration = Duration::from_millis(40);

/// The sockets that outlive `serve`.
struct Sockets {
    https: TcpListener,
    http: TcpListener,
    control: UnixListener,
}

impl Sockets {
    fn open(dir: &Path) -> Self {
        let tcp = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        fs::create_dir(dir.join("run")).unwrap();
        let control = UnixListener::bind(dir.join("run/control.sock")).unwrap();
        Self { https: tcp(), http: tcp(), control }
    }

    /// Starts `serve` with them, as the service manager does.
    fn start(&self, dir: &Path) -> Child {
        let plain = serve(dir);
        let script = "exec 3<&0 4<&1 5<&2 0</dev/null 1>>\"$0\" 2>&1; \
                      LISTEN_PID=$$ LISTEN_FDS=3 LISTEN_FDNAMES=https:http:control exec \"$@\"";
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script).arg(dir.join("log")).arg(plain.get_program());
        command.args(plain.get_args()).env_clear();
        let [https, http] =
            [&self.https, &self.http].map(|it| OwnedFd::from(it.try_clone().unwrap()));
        command.stdin(Stdio::from(https)).stdout(Stdio::from(http));
        command.stderr(Stdio::from(OwnedFd::from(self.control.try_clone().unwrap())));
        command.spawn().unwrap()
    }
}

/// Those who ask, and what they lost.
struct Senders {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU32>,
    all: Vec<JoinHandle<Vec<String>>>,
}

impl Senders {
    fn start(address: SocketAddr, tls: &Arc<ClientConfig>) -> Self {
        let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let sender = |number| {
            let sender =
                Sender { address, tls: Arc::clone(tls), keeps: number % 2 == 0, open: None };
            let (stop, asked) = (Arc::clone(&stop), Arc::clone(&asked));
            std::thread::spawn(move || sender.ask_on(&stop, &asked))
        };
        let all = (0..SENDERS).map(sender).collect();
        Self { stop, asked, all }
    }

    fn wait_for_more(&self) {
        let before = self.asked.load(Ordering::Relaxed);
        until("there is load", || self.asked.load(Ordering::Relaxed) > before + 50);
    }

    fn stop(self) -> (u32, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        let lost = self.all.into_iter().flat_map(|it| it.join().unwrap()).collect();
        (self.asked.load(Ordering::Relaxed), lost)
    }
}

type Secure = StreamOwned<ClientConnection, TcpStream>;

struct Sender {
    address: SocketAddr,
    tls: Arc<ClientConfig>,
    keeps: bool,
    open: Option<Secure>,
}

impl Sender {
    fn ask_on(mut self, stop: &AtomicBool, asked: &AtomicU32) -> Vec<String> {
        let mut lost = Vec::new();
        let mut next = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            match self.ask() {
                Ok(()) => _ = asked.fetch_add(1, Ordering::Relaxed),
                Err(err) => {
                    lost.push(err.to_string());
                    self.open = None;
                }
            }
            next += EVERY;
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        lost
    }

    fn connect(&self) -> io::Result<Secure> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(WITHIN))?;
        let name = ServerName::try_from(NAME).map_err(io::Error::other)?;
        let talk = ClientConnection::new(Arc::clone(&self.tls), name).map_err(io::Error::other)?;
        Ok(StreamOwned::new(talk, stream))
    }

    /// Asks once. A connection that the answer does not end is kept for the next question.
    fn ask(&mut self) -> io::Result<()> {
        let mut stream = match self.open.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        let end = if self.keeps { "keep-alive" } else { "close" };
        let ask = format!("GET /health/live HTTP/1.1\r\nHost: {NAME}\r\nConnection: {end}\r\n\r\n");
        stream.write_all(ask.as_bytes())?;
        let (mut answer, mut part) = (Vec::new(), [0; 1_024]);
        while !answer.ends_with(b"{\"status\":\"alive\"}") {
            match stream.read(&mut part)? {
                0 => return Err(io::Error::other("the connection ended without an answer")),
                length => answer.extend_from_slice(&part[..length]),
            }
        }
        let answer = String::from_utf8_lossy(&answer).to_lowercase();
        if !answer.starts_with("http/1.1 200") {
            return Err(io::Error::other(answer));
        }
        self.open = (self.keeps && !answer.contains("connection: close")).then_some(stream);
        Ok(())
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the long run is asked for by hand")]
fn restarts_with_sockets_held_open_lose_no_request() {
    if !can_run() {
        return;
    }
    let restarts = std::env::var(LONG_RUN).map_or(RESTARTS, |text| text.parse().unwrap());
    let dir = tempfile::Builder::new().prefix("slotbox-held-").tempdir().unwrap();
    write_pair(dir.path());
    let shown = dir.path().display();
    let tls = format!(
        "[tls]\nmode = 'files'\ncert_file = '{shown}/cert.pem'\nkey_file = '{shown}/key.pem'\n"
    );
    // What the settings say is not bound where a socket is handed over: these are taken.
    let taken = [(); 2].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    let [https, http] = [&taken[0], &taken[1]].map(|it| it.local_addr().unwrap().port());
    write_settings(dir.path(), [free_port(), https, http], &tls);
    let sockets = Sockets::open(dir.path());
    let address = sockets.https.local_addr().unwrap();
    let mut child = sockets.start(dir.path());
    let senders = Senders::start(address, &client_tls(dir.path()));
    let began = Instant::now();
    for _ in 0..restarts {
        senders.wait_for_more();
        signal(&child, Signal::TERM);
        let stopping = Instant::now();
        assert!(child.wait().unwrap().success());
        assert!(stopping.elapsed() < WITHIN);
        child = sockets.start(dir.path());
    }
    senders.wait_for_more();
    // The plain listener and the control socket are the same as well.
    assert!(command(dir.path(), &["tls", "status"]).contains(NAME));
    let redirect = sockets.http.local_addr().unwrap();
    let mut plain = TcpStream::connect(redirect).unwrap();
    plain.write_all(b"GET /docs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    plain.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 301"), "{answer}");
    let (asked, lost) = senders.stop();
    assert_eq!(lost, Vec::<String>::new(), "of {asked}");
    println!("{restarts} restarts, {asked} asked in {:?}, 0 lost", began.elapsed());
    signal(&child, Signal::TERM);
    assert!(child.wait().unwrap().success());
    assert!(dir.path().join("run/control.sock").exists(), "it is the service manager's");
}

/// Returns the command that serves with one socket under a name.
fn serve_with(dir: &Path, name: &str, listener: &TcpListener) -> Command {
    let plain = serve(dir);
    let script = "exec 3<&0 0</dev/null 1>>\"$0\" 2>&1; name=$1; shift; \
                  LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=$name exec \"$@\"";
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(script).arg(dir.join("log")).arg(name).arg(plain.get_program());
    command.args(plain.get_args()).env_clear();
    command.stdin(Stdio::from(OwnedFd::from(listener.try_clone().unwrap())));
    command
}

#[test]
fn the_local_socket_may_be_handed_over_and_another_name_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    // Its address in the settings is another one.
    write_settings(dir.path(), [free_port(), free_port(), free_port()], "[tls]\nmode = 'off'\n");
    let log = || fs::read_to_string(dir.path().join("log")).unwrap();
    assert!(!serve_with(dir.path(), "web", &listener).status().unwrap().success());
    assert!(log().contains("a socket named \"web\" was handed over"), "{}", log());

    let mut child = serve_with(dir.path(), "local", &listener).spawn().unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    stream.set_read_timeout(Some(WITHIN)).unwrap();
    stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    signal(&child, Signal::TERM);
    assert!(child.wait().unwrap().success());
    assert!(log().contains("sockets that the service manager holds"), "{}", log());
}
