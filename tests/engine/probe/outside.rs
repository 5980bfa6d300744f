//! Attempts to reach what lies outside: the network, the host's sockets, other clients, Telegram.

use std::fs;
use std::io::{Error, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use crate::system::socket;
use crate::{call_fails, fails, tell};

pub fn network() {
    let devices = fs::read_to_string("/proc/net/dev").unwrap_or_default();
    let names: Vec<_> =
        devices.lines().skip(2).filter_map(|line| line.split(':').next()).map(str::trim).collect();
    // The kernel's own fallbacks of tunnels appear in every new namespace; they lead nowhere.
    let real: Vec<_> = names
        .iter()
        .filter(|name| {
            let flags =
                fs::read_to_string(format!("/sys/class/net/{name}/flags")).unwrap_or_default();
            let flags = u32::from_str_radix(flags.trim().trim_start_matches("0x"), 16).unwrap_or(0);
            **name != "lo" && flags & 1 != 0
        })
        .collect();
    tell("an interface that is up but lo", real.is_empty(), &format!("{names:?}"));
    let routes = fs::read_to_string("/proc/net/route").unwrap_or_default();
    tell("a route", routes.lines().count() <= 1, &routes);
    let outside: SocketAddr = "192.0.2.1:443".parse().unwrap();
    fails("tcp to the outside", TcpStream::connect_timeout(&outside, Duration::from_secs(2)));
    let udp = UdpSocket::bind("0.0.0.0:0").and_then(|udp| udp.send_to(b"x", outside));
    fails("udp to the outside", udp);
    let outside: SocketAddr = "[2001:db8::1]:443".parse().unwrap();
    fails("ipv6 to the outside", TcpStream::connect_timeout(&outside, Duration::from_secs(2)));
    let bridge: SocketAddr = "172.17.0.1:80".parse().unwrap();
    fails(
        "tcp to the engine's bridge",
        TcpStream::connect_timeout(&bridge, Duration::from_secs(2)),
    );
    fails("resolve a name", "api.telegram.org:443".to_socket_addrs().map(drop));
    call_fails("a raw socket", unsafe { socket(2, 3, 1) }.into());
    call_fails("a packet socket", unsafe { socket(17, 3, 0x0300) }.into());
}

pub fn others() {
    for path in ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock"] {
        fails(&format!("the engine's socket {path}"), UnixStream::connect(path));
    }
    fails("the deployer's socket", UnixStream::connect("/run/slotbox-deployer/deployer.sock"));
    fails("serve's control socket", UnixStream::connect("/run/slotbox/control.sock"));
    fails(
        "look for other gateways",
        fs::read_dir("/gateway/..").and_then(|entries| {
            let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
            let known = [
                "data",
                "dev",
                "etc",
                "gateway",
                "proc",
                "run",
                "var",
                "sbin",
                "sys",
                "tmp",
                "slotbox",
                ".dockerenv",
            ];
            match names.iter().find(|name| !known.iter().any(|known| *known == **name)) {
                Some(name) => Ok(println!("above the gateway: {name:?}")),
                None => Err(Error::other("the root is all that is above")),
            }
        }),
    );
    fails("list the gateway's directory", fs::read_dir("/gateway"));
    for path in ["/var/lib/docker", "/var/lib/slotbox", "/etc/slotbox", "/host", "/root", "/home"] {
        fails(&format!("read {path}"), fs::read_dir(path));
    }
    let data: Vec<_> =
        fs::read_dir("/data").unwrap().flatten().map(|entry| entry.file_name()).collect();
    tell("another client's data", data.is_empty(), &format!("{data:?}"));
    let variables: Vec<_> = std::env::vars().map(|(key, _)| key).collect();
    // The last two are Podman's.
    let known = ["PATH", "HOSTNAME", "HOME", "TERM", "container"];
    let plain = variables.iter().all(|key| known.contains(&key.as_str()));
    tell("a secret in the environment", plain, &format!("{variables:?}"));
    let cmdline = fs::read_to_string("/proc/self/cmdline").unwrap().replace('\0', " ");
    tell("a secret in the arguments", !cmdline.contains("token"), &cmdline);
}

pub fn gateway() {
    if !Path::new("/gateway/gateway.sock").exists() {
        return;
    }
    let forbidden = ask("/bot0:gateway/setWebhook", r#"{"url":"https://evil.example"}"#);
    tell("a method outside the list", forbidden.0 == 403, &forbidden.1);
    let forbidden = ask("/bot0:gateway/logOut", "{}");
    tell("log the bot out", forbidden.0 == 403, &forbidden.1);
    let outside = ask("/bot0:gateway/../../api/clients", "{}");
    tell("another path", outside.0 == 404, &outside.1);
    let token = "7000000001:AAanother-clients-token-is-not-looked-at-x";
    let named = ask(&format!("/bot{token}/getMe"), "{}");
    tell("speak as another bot", named.1.contains("salon_bot"), &named.1);
    let asked: Vec<_> = (0..48)
        .map(|_| {
            std::thread::Builder::new()
                .stack_size(64 << 10)
                .spawn(|| ask("/bot0:gateway/sendMessage", r#"{"chat_id":1,"text":"flood"}"#).0)
        })
        .collect();
    let answers: Vec<_> = asked.into_iter().flatten().filter_map(|it| it.join().ok()).collect();
    let held = answers.iter().filter(|status| **status == 429).count();
    tell("flood telegram", held > 0, &format!("{held} of {} were held back", answers.len()));
}

/// Posts to the gateway; returns the status and the body.
fn ask(path: &str, body: &str) -> (u16, String) {
    let Ok(mut stream) = UnixStream::connect("/gateway/gateway.sock") else {
        return (0, "no gateway".to_owned());
    };
    stream.set_read_timeout(Some(Duration::from_secs(40))).ok();
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).ok();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    (status, body.unwrap_or_default())
}
