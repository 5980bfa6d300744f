//! Sockets that outlive `serve`: a restart loses no request.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::Signal;

use super::host::{WITHIN, free_port, serve, signal, until, write_pair, write_settings};

const RESTARTS: usize = 3;
const SENDERS: usize = 4;

/// Starts `serve` with `listener` as its local socket, as the service manager does.
fn start(dir: &Path, listener: &TcpListener) -> Child {
    let plain = serve(dir);
    let script = "exec 3<&0 0</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=local \
                  exec \"$0\" \"$@\"";
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(script).arg(plain.get_program()).args(plain.get_args()).env_clear();
    let log = std::fs::File::options().create(true).append(true).open(dir.join("log")).unwrap();
    let held: OwnedFd = listener.try_clone().unwrap().into();
    command.stdin(Stdio::from(held)).stdout(log.try_clone().unwrap()).stderr(log);
    command.spawn().unwrap()
}

/// Asks once, over a connection of its own.
fn ask(address: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(WITHIN))?;
    stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.starts_with("HTTP/1.1 200"))
}

#[test]
fn restarts_with_sockets_held_open_lose_no_request() {
    let dir = tempfile::Builder::new().prefix("slotbox-held-").tempdir().unwrap();
    write_pair(dir.path());
    write_settings(dir.path(), [free_port(), free_port(), free_port()], "[tls]\nmode = 'off'\n");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut child = start(dir.path(), &listener);
    until("the host answers", || ask(address).unwrap_or(false));

    let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let senders: Vec<_> = (0..SENDERS)
        .map(|_| {
            let (stop, asked) = (Arc::clone(&stop), Arc::clone(&asked));
            std::thread::spawn(move || {
                let mut lost = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    match ask(address) {
                        Ok(true) => _ = asked.fetch_add(1, Ordering::Relaxed),
                        Ok(false) => lost.push("an answer that is none".to_owned()),
                        Err(err) => lost.push(err.to_string()),
                    }
                    std::thread::sleep(Duration::from_millis(10));
                }
                lost
            })
        })
        .collect();
    for _ in 0..RESTARTS {
        let before = asked.load(Ordering::Relaxed);
        until("there is load", || asked.load(Ordering::Relaxed) > before + 50);
        signal(&child, Signal::TERM);
        assert!(child.wait().unwrap().success());
        child = start(dir.path(), &listener);
    }
    let before = asked.load(Ordering::Relaxed);
    until("the last one answers", || asked.load(Ordering::Relaxed) > before + 50);
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        assert_eq!(sender.join().unwrap(), Vec::<String>::new());
    }
    signal(&child, Signal::TERM);
    assert!(child.wait().unwrap().success());
    let log = std::fs::read_to_string(dir.path().join("log")).unwrap();
    assert!(log.contains("sockets that the service manager holds"), "{log}");
}
