//! What connections take that do nothing: TLS is spoken, and nothing is asked.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::process::{Child, Command};

use crate::tls::{NAME, Tls};

const OF_ONE_ADDRESS: usize = 100;

pub async fn measure(dir: &Path, tls: &Tls, count: usize) {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    let dir = tempfile::tempdir_in(dir).unwrap();
    let (mut serve, address) = start(dir.path(), tls).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = memory_kib(&serve);
    let mut all = Vec::new();
    for number in 0..count {
        let block = number / OF_ONE_ADDRESS;
        let [low, high] = [block % 250 + 1, block / 250].map(|it| u8::try_from(it).unwrap());
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::new(127, 55, high, low), 0).into()).unwrap();
        all.push(tls.shake(socket.connect(address).await.unwrap()).await);
    }
    let after = memory_kib(&serve);
    let each = (after - before) as f64 / count as f64;
    println!(
        "idle over TLS: {count}; before {before} KiB, with them {after} KiB, each {each:.1} KiB"
    );
    drop(all);
    serve.kill().await.unwrap();
}

async fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

async fn start(dir: &Path, tls: &Tls) -> (Child, SocketAddr) {
    let (address, http, local) = (free().await, free().await, free().await);
    let (own, certificate, key) = (dir.display(), tls.certificate.display(), tls.key.display());
    let settings = format!(
        "[server]\ndomain = 'bots.example.test'\nlocal_listen = '{local}'\n\
         https_listen = ['{address}']\nhttp_listen = ['{http}']\n\
         data_dir = '{own}/data'\nruntime_dir = '/tmp/slotbox-bench-{}'\n\
         [tls]\nmode = 'files'\ncert_file = '{certificate}'\nkey_file = '{key}'\n\
         [api]\ntoken = '5f0c7c39a8d14d1f9a5a3a4f2b0e77c1d6e8b9a0'\n\
         [runtime]\nkind = 'process'\n[log]\nformat = 'text'\n",
        std::process::id(),
    );
    let config = dir.join("slotbox.toml");
    fs::write(&config, settings).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
    command.arg("serve").arg("--config").arg(config).env_clear();
    let log = fs::File::create(dir.join("log")).unwrap();
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).kill_on_drop(true);
    let child = command.spawn().unwrap();
    for _ in 0..200 {
        if let Ok(stream) = TcpStream::connect(address).await {
            drop(stream);
            return (child, address);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{NAME} does not answer: {}", fs::read_to_string(dir.join("log")).unwrap());
}

fn memory_kib(of: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", of.id().unwrap())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
