//! Runs in place of a client's program and tries what must not work there. Each attempt is told as
//! a line: its name, `refused` or `ALLOWED`, and what the system said.
//!
//! Built by the tests with `rustc` alone, statically, so that it names the C library itself.

use std::ffi::{CString, c_char, c_int, c_long, c_ulong, c_void};
use std::fs::{self, OpenOptions};
use std::io::{Error, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

unsafe extern "C" {
    fn mount(
        source: *const c_char,
        target: *const c_char,
        kind: *const c_char,
        flags: c_ulong,
        data: *const c_void,
    ) -> c_int;
    fn umount2(target: *const c_char, flags: c_int) -> c_int;
    fn unshare(flags: c_int) -> c_int;
    fn ptrace(request: c_long, pid: c_int, address: *mut c_void, data: *mut c_void) -> c_long;
    fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int;
    fn setuid(uid: u32) -> c_int;
    fn setgid(gid: u32) -> c_int;
    fn setgroups(count: usize, list: *const u32) -> c_int;
    fn chroot(path: *const c_char) -> c_int;
    fn sethostname(name: *const c_char, length: usize) -> c_int;
    fn mknod(path: *const c_char, mode: u32, device: u64) -> c_int;
    fn clock_settime(clock: c_int, time: *const [i64; 2]) -> c_int;
    fn setpriority(which: c_int, who: u32, priority: c_int) -> c_int;
    fn fork() -> c_int;
    fn pause() -> c_int;
    fn syscall(number: c_long, ...) -> c_long;
}

#[cfg(target_arch = "x86_64")]
mod number {
    pub const KEYCTL: i64 = 250;
    pub const KEXEC_LOAD: i64 = 246;
    pub const PERF_EVENT_OPEN: i64 = 298;
    pub const FINIT_MODULE: i64 = 313;
    pub const INIT_MODULE: i64 = 175;
    pub const BPF: i64 = 321;
    pub const REBOOT: i64 = 169;
    pub const CAPSET: i64 = 126;
    pub const USERFAULTFD: i64 = 323;
    pub const SETNS: i64 = 308;
    pub const OPEN_BY_HANDLE_AT: i64 = 304;
}

#[cfg(target_arch = "aarch64")]
mod number {
    pub const KEYCTL: i64 = 219;
    pub const KEXEC_LOAD: i64 = 104;
    pub const PERF_EVENT_OPEN: i64 = 241;
    pub const FINIT_MODULE: i64 = 273;
    pub const INIT_MODULE: i64 = 105;
    pub const BPF: i64 = 280;
    pub const REBOOT: i64 = 142;
    pub const CAPSET: i64 = 91;
    pub const USERFAULTFD: i64 = 282;
    pub const SETNS: i64 = 268;
    pub const OPEN_BY_HANDLE_AT: i64 = 265;
}

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        // The container's own check.
        Some("client-check") => return,
        // On the host: what does a socket say to this user?
        Some("knock") => return knock(&arguments[2]),
        _ => {}
    }
    match fs::read_to_string("/data/mode").unwrap_or_default().trim() {
        "hog" => hog(),
        "bomb" => bomb(),
        "hold" => hold(),
        "tick" => {}
        _ => attempts(),
    }
    let mut ticks: u64 = 0;
    loop {
        ticks += 1;
        fs::write("/data/ticks", ticks.to_string()).ok();
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn knock(path: &str) {
    let mut heard = Vec::new();
    match UnixStream::connect(path) {
        Ok(mut stream) => {
            stream.write_all(&[0, 0, 0, 1, 0]).ok();
            stream.read_to_end(&mut heard).ok();
            println!("connected, heard {} bytes", heard.len());
        }
        Err(err) => println!("{err}"),
    }
}

/// Takes memory until it is killed.
fn hog() {
    let mut all: Vec<Vec<u8>> = Vec::new();
    loop {
        all.push(vec![1; 1 << 20]);
        if all.len() % 8 == 0 {
            println!("hog: {} MiB", all.len());
        }
    }
}

/// Takes much of what it may have, and keeps it.
fn hold() {
    std::mem::forget(vec![1_u8; 40 << 20]);
    println!("hold: 40 MiB");
}

/// Makes processes until there are no more.
fn bomb() {
    let mut children = 0;
    loop {
        match unsafe { fork() } {
            0 => loop {
                unsafe { pause() };
            },
            -1 => break,
            _ => children += 1,
        }
    }
    println!("bomb: {children} children, then {}", Error::last_os_error());
    fs::write("/data/children", children.to_string()).ok();
}

fn tell(name: &str, refused: bool, detail: &str) {
    let outcome = if refused { "refused" } else { "ALLOWED" };
    println!("{name}|{outcome}|{}", detail.replace('\n', " "));
}

/// An attempt that must end with an error.
fn fails<T>(name: &str, done: std::io::Result<T>) {
    match done {
        Ok(_) => tell(name, false, "it worked"),
        Err(err) => tell(name, true, &err.to_string()),
    }
}

/// A call of the system that must end with an error.
fn call_fails(name: &str, returned: i64) {
    fails(name, if returned < 0 { Err(Error::last_os_error()) } else { Ok(()) });
}

fn text(text: &str) -> CString {
    CString::new(text).unwrap()
}

fn status(key: &str) -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(key)).unwrap_or_default();
    line.split_whitespace().nth(1).unwrap_or_default().to_owned()
}

fn writable(path: &str) -> std::io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(false).open(path).map(drop)
}

fn attempts() {
    network();
    others();
    files();
    privileges();
    kernel();
    processes();
    gateway();
    println!("end|refused|");
}

fn network() {
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

fn others() {
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

fn files() {
    for path in ["/new", "/etc/passwd", "/slotbox", "/dev/new", "/gateway/new", "/sys/new"] {
        fails(&format!("write {path}"), writable(path));
    }
    for path in ["/dev/shm/new", "/dev/mqueue/new"] {
        fails(&format!("write {path}"), writable(path));
    }
    fails("replace the gateway's socket", fs::remove_file("/gateway/gateway.sock"));
    fs::write("/tmp/allowed", "x").unwrap(); // Else what follows would fail for another reason.
    let copied = fs::copy("/proc/self/exe", "/tmp/copy");
    let run =
        copied.and_then(|_| std::process::Command::new("/tmp/copy").arg("client-check").status());
    fails("run a program from /tmp", run);
    let filled = (|| {
        let mut file = fs::File::create("/tmp/fill")?;
        for _ in 0..64 {
            file.write_all(&vec![1; 1 << 20])?;
        }
        Ok(())
    })();
    fails("fill /tmp without end", filled);
    fs::remove_file("/tmp/fill").ok();
    fs::remove_file("/tmp/copy").ok();
    for path in ["/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/fuse", "/proc/kcore"] {
        let read = fs::File::open(path).and_then(|mut file| {
            let mut some = [0; 1];
            match file.read(&mut some)? {
                0 => Err(Error::other("it is empty")),
                _ => Ok(()),
            }
        });
        fails(&format!("read {path}"), read);
    }
    let device = unsafe { mknod(text("/tmp/disk").as_ptr(), 0o060_666, 0x0800) };
    call_fails("make a device", device.into());
}

fn privileges() {
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        let held = status(set);
        tell(&format!("a capability in {set}"), held == "0000000000000000", &held);
    }
    tell("new privileges by exec", status("NoNewPrivs") == "1", &status("NoNewPrivs"));
    tell("system calls without a filter", status("Seccomp") == "2", &status("Seccomp"));
    let uid = status("Uid");
    tell("be a user of the host", uid.parse::<u32>().is_ok_and(|uid| uid >= 0x7000_0000), &uid);
    call_fails("become root", unsafe { setuid(0) }.into());
    call_fails("join root's group", unsafe { setgid(0) }.into());
    call_fails("join other groups", unsafe { setgroups(1, &0) }.into());
    let header = [0x2008_0522_u32, 0];
    let all = [u32::MAX; 6];
    call_fails("gain capabilities", unsafe {
        syscall(number::CAPSET, header.as_ptr(), all.as_ptr())
    });
    call_fails("a higher priority", unsafe { setpriority(0, 0, -10) }.into());
}

fn kernel() {
    let (none, tmp) = (text("none"), text("/tmp"));
    let kind = text("tmpfs");
    let mounted = unsafe { mount(none.as_ptr(), tmp.as_ptr(), kind.as_ptr(), 0, std::ptr::null()) };
    call_fails("mount", mounted.into());
    let root = text("/");
    let again = unsafe {
        mount(none.as_ptr(), root.as_ptr(), std::ptr::null(), 32, std::ptr::null()) // Remount.
    };
    call_fails("make the root writable", again.into());
    call_fails("unmount", unsafe { umount2(text("/data").as_ptr(), 2) }.into());
    call_fails("change the root", unsafe { chroot(tmp.as_ptr()) }.into());
    for (name, flag) in [("user", 0x1000_0000), ("mount", 0x0002_0000), ("network", 0x4000_0000)] {
        call_fails(&format!("a {name} namespace"), unsafe { unshare(flag) }.into());
    }
    let init = fs::File::open("/proc/1/ns/net");
    let joined = match &init {
        Ok(file) => {
            use std::os::fd::AsRawFd as _;
            unsafe { syscall(number::SETNS, file.as_raw_fd(), 0) }
        }
        Err(_) => -1,
    };
    call_fails("join a namespace", joined);
    let empty = text("");
    let loaded = unsafe { syscall(number::INIT_MODULE, empty.as_ptr(), 0_usize, empty.as_ptr()) };
    call_fails("load a module", loaded);
    let loaded = unsafe { syscall(number::FINIT_MODULE, 0, empty.as_ptr(), 0) };
    call_fails("load a module from a file", loaded);
    call_fails("load a kernel", unsafe { syscall(number::KEXEC_LOAD, 0, 0, 0, 0) });
    call_fails("restart the machine", unsafe {
        // With a wrong magic number it does nothing even where it is allowed; `EPERM` comes first.
        syscall(number::REBOOT, 0, 0, 0, 0)
    });
    call_fails("load a bpf program", unsafe { syscall(number::BPF, 5, 0, 0) });
    call_fails("watch the processor", unsafe { syscall(number::PERF_EVENT_OPEN, 0, 0, -1, -1, 0) });
    call_fails("read the keyring", unsafe { syscall(number::KEYCTL, 0, -3, 0, 0, 0) });
    call_fails("userfaultfd", unsafe { syscall(number::USERFAULTFD, 0) });
    call_fails("open a file by its inode", unsafe {
        let mut handle = [8_u32, 1, 2, 0];
        syscall(number::OPEN_BY_HANDLE_AT, -100, handle.as_mut_ptr(), 0)
    });
    call_fails("set the clock", unsafe { clock_settime(0, &[1, 0]) }.into());
    call_fails("rename the host", unsafe { sethostname(text("evil").as_ptr(), 4) }.into());
    for path in [
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/vm/panic_on_oom",
        "/proc/sysrq-trigger",
        "/sys/kernel/uevent_helper",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/pids/pids.max",
        "/sys/fs/cgroup/memory.max",
        "/proc/1/oom_score_adj",
    ] {
        let opened = OpenOptions::new().write(true).open(path);
        fails(&format!("set {path}"), opened.and_then(|mut file| file.write_all(b"-1")));
    }
    let agent = fs::create_dir("/sys/fs/cgroup/memory/evil")
        .or_else(|_| fs::create_dir("/sys/fs/cgroup/evil"));
    fails("make a cgroup", agent);
}

fn processes() {
    let seen: Vec<u32> = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    tell("see other processes", seen.len() <= 3, &format!("{seen:?}"));
    // 16 attaches; a process of the host has no number here.
    let attached = unsafe { ptrace(16, 4000, std::ptr::null_mut(), std::ptr::null_mut()) };
    call_fails("trace a process outside", attached);
    let of_init = fs::read_link("/proc/1/exe").map(|path| path.display().to_string());
    let own = of_init.as_deref().unwrap_or("hidden");
    let is_own = ["hidden", "/sbin/docker-init", "/dev/init"].contains(&own);
    tell("see the host's first process", is_own, own);
}

fn gateway() {
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
